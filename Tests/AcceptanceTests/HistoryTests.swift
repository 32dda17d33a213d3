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
        return History(
            told: all, arrivals: keys.enumerated().map { History.Arrival(key: $1, moment: Double($0)) }, crashes: 0,
            expected: ["A": 3, "B": 2, "C": 1])
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
        ])
    func planted(_ plant: Plant) {
        var history = Self.good
        plant.change(&history)
        #expect(history.faults.contains { $0.hasPrefix(plant.finds) }, "\(history.faults)")
    }

    @Test("a crash may repeat a mail, not a message") func crash() {
        var history = Self.good
        history.crashes = 1
        history.arrivals.append(history.arrivals[0])
        #expect(history.faults == [])
        history.arrivals.append(History.Arrival(key: .message("r4", of: "B"), moment: 9))
        #expect(history.faults.count == 1)
    }
}
