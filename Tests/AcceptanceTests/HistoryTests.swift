import Testing

/// The checker itself: it says nothing of a good history, and finds each fault that is planted in it.
@Suite("history checker") struct HistoryTests {
    /// Three tickets: mails one of which came twice after an answer was lost, a message of App IO, and one whose answer
    /// was lost, with the mail that took its place.
    private static var good: History {
        func told(
            _ id: String, _ ticket: String, _ medium: String = "email", _ status: String = "delivered",
            tries: [(String, String?)] = [("delivered", nil)]
        ) -> History.Told {
            History.Told(
                id: id, ticket: ticket, medium: medium, status: status, attempts: tries.count,
                reason: status == "delivered" ? nil : "no answer", tries: tries.map { (outcome: $0.0, reason: $0.1) },
                recipient: ticket)
        }
        var all = [
            told("1", "A"), told("2", "A", tries: [("waiting", "no answer"), ("delivered", nil)]), told("3", "A"),
            told("4", "B", "app_io"), told("5", "B", "app_io"),
            told("6", "C", "app_io", "uncertain", tries: [("uncertain", "no answer")]), told("7", "C"),
        ]
        all[3].remoteID = "r4"
        all[4].remoteID = "r5"
        all[5].hasFallback = true
        all[6].insteadOf = "6"
        let keys: [History.Arrival.Key] = [
            .mail("1"), .mail("2"), .mail("2"), .mail("3"), .message("r4", of: "B"), .message("r5", of: "B"),
            .message("r6", of: "C"), .mail("7"),
        ]
        var history = History(
            told: all, arrivals: keys.enumerated().map { History.Arrival(key: $1, moment: Double($0)) }, crashes: [],
            expected: ["A": 3, "B": 2, "C": 1])
        history.requests = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", nil), ("f", nil)].map {
            History.Request(id: $0, text: "it is \($0)", body: "", ticket: $1)
        }
        // One whose sender heard nothing is kept, the other is not.
        history.kept = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D"), ("e", "E")].map {
            History.Kept(
                id: $0, text: "it is \($0)", ticket: $1, version: "1", decision: "roads", evaluated: "roads")
        }
        return history
    }

    @Test("nothing is wrong with a good one") func good() { #expect(Self.good.faults == []) }

    struct Plant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let finds: String
        let change: @Sendable (inout History) -> Void
        init(_ name: String, _ finds: String, _ change: @escaping @Sendable (inout History) -> Void) {
            testDescription = name
            self.finds = finds
            self.change = change
        }
    }

    @Test(
        "what is planted is found",
        arguments: [
            Plant("a mail that never came", "lost: 3") { $0.arrivals.remove(at: 3) },
            Plant("a message that never came", "lost: 4") { $0.arrivals.remove(at: 4) },
            Plant("a notification that was never owed", "lost: A owes 2") { $0.told.remove(at: 1) },
            Plant("nothing took its place", "lost: 6") { $0.told.removeLast() },
            Plant("a mail twice for no reason", "doubled: 1") { $0.arrivals.append($0.arrivals[0]) },
            Plant("a mail three times after one lost answer", "doubled: 2") { $0.arrivals.append($0.arrivals[1]) },
            Plant("a message twice", "doubled: 1 messages to one citizen, 0") {
                $0.arrivals.append(History.Arrival(key: .message("r9", of: "B"), moment: 9))
            },
            Plant("one of unknown outcome twice", "doubled: 2 messages to one citizen, 1") {
                $0.arrivals.append(History.Arrival(key: .message("r9", of: "C"), moment: 9))
            },
            Plant("a mail of nobody", "unexpected") {
                $0.arrivals.append(History.Arrival(key: .mail("9"), moment: 9))
            },
            Plant("a wrong order", "disorder: of A, 2 came before 1") { $0.arrivals[0].moment = 2.5 },
            Plant("a wrong order across media", "disorder: of C, 7 came before 6") { $0.arrivals[7].moment = 0 },
            Plant("one that still waits", "open: 5") { $0.told[4].status = "waiting" },
            Plant("given up without a reason", "unexplained: 6") { $0.told[5].reason = nil },
            Plant("an attempt that is not on record", "unrecorded: 2") { $0.told[1].tries.removeLast() },
            Plant("a message that is not there", "lost: the message d") { $0.kept.remove(at: 3) },
            Plant("a message that is there twice", "doubled: the message a") { $0.kept.append($0.kept[0]) },
            Plant("one of unknown outcome twice", "doubled: the message e") { $0.kept.append($0.kept[4]) },
            Plant("a message without a ticket", "lost: the ticket of d") { $0.kept[3].ticket = nil },
            Plant("another ticket than its sender heard of", "lost: d was told D") { $0.kept[3].ticket = "G" },
            Plant("two messages with one ticket", "doubled: the ticket C") {
                $0.requests[3].ticket = "C"
                $0.kept[3].ticket = "C"
            },
            Plant("a message that nobody sent", "unexpected: the message z") {
                $0.kept.append($0.kept[0])
                $0.kept[5].id = "z"
            },
            Plant("a ticket without a message", "unexpected: the ticket Z") { $0.orphans = ["Z"] },
            Plant("another text", "changed: the text of b") { $0.kept[1].text = "it is B" },
            Plant("another decision", "decided: b") { $0.kept[1].decision = "lamps" },
            Plant("a version that never was", "decided: b") { $0.kept[1].evaluated = nil },
        ])
    func planted(_ plant: Plant) {
        var history = Self.good
        plant.change(&history)
        #expect(history.faults.contains { $0.hasPrefix(plant.finds) }, "\(history.faults)")
    }

    @Test("a crash may repeat a mail, not a message") func crash() {
        var history = Self.good
        history.arrivals.append(History.Arrival(key: .mail("1"), moment: 8.5))
        history.crashes = [8.2]
        #expect(history.faults == [])
        // Not one that was before, or after.
        for moment in [-1, 9.0] {
            history.crashes = [moment]
            #expect(history.faults == ["doubled: 1 came 2 times, of 1 at most"])
        }
        history.crashes = [8.2]
        history.arrivals.append(History.Arrival(key: .message("r4", of: "B"), moment: 9))
        #expect(history.faults.count == 1)
    }
}
