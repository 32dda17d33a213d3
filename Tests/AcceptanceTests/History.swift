/// What was sent, what the daemon recorded and what arrived elsewhere, side by side. A value: it finds what is wrong.
struct History {
    struct Told {
        var id: String
        var ticket: String
        var medium: String
        var status: String
        var attempts: Int
        var insteadOf: String?
        var hasFallback = false
        var reason: String?
        /// The outcomes of its attempts on record, the oldest first; what went wrong beside them.
        var tries: [(outcome: String, reason: String?)]
        var isToCitizen = true
        /// App IO's id of it.
        var remoteID: String?
        /// Of App IO: whose.
        var recipient: String
    }

    struct Arrival {
        enum Key: Hashable {
            /// The notification's id in its Message-ID.
            case mail(String)
            /// App IO's id and the citizen.
            case message(String, of: String)
        }
        var key: Key
        /// Counts up over all media.
        var moment: Double
    }

    /// By id, which is by age within a ticket.
    var told: [Told]
    var arrivals: [Arrival]
    /// When a daemon had been killed, on the arrivals' clock: it did nothing after that.
    var crashes: [Double]
    /// Of those acknowledged: how many notifications to the citizen each ticket must have.
    var expected: [String: Int]
    var requests: [Request] = []
    var kept: [Kept] = []
    /// Tickets that no message opened.
    var orphans: [String] = []

    private static let final: Set<String> = ["delivered", "refused", "expired", "uncertain", "cancelled"]

    /// All that is known of one ticket's notifications, for whoever looks into a fault.
    func story(of ticket: String) -> String {
        told.filter { $0.ticket == ticket }.sorted { $0.id < $1.id }.map { one in
            let came = arrivals.filter {
                switch $0.key {
                case .mail(let id): id == one.id
                case .message(let id, _): id == one.remoteID
                }
            }
            return "\(one) came \(came.map(\.moment))"
        }.joined(separator: "\n")
    }

    /// One sentence for each thing that is wrong; none if all is as promised.
    var faults: [String] {
        var faults: [String] = []
        let moments = moments(&faults)
        for one in told { faults += lost(one, moments[one.id] ?? []) + outcome(one) }
        for (ticket, count) in expected {
            let owed = told.count { $0.ticket == ticket && $0.isToCitizen && $0.insteadOf == nil }
            if owed != count { faults.append("lost: \(ticket) owes \(owed) notifications, not \(count)") }
        }
        return faults + disorder(moments) + messageFaults
    }

    /// When each notification arrived; what belongs to none is a fault.
    private func moments(_ faults: inout [String]) -> [String: [Double]] {
        var moments: [String: [Double]] = [:]
        let remote = Dictionary(told.compactMap { one in one.remoteID.map { ($0, one.id) } }) { first, _ in first }
        let mails = Set(told.map(\.id))
        var strange: [String: [Double]] = [:]
        for arrival in arrivals {
            switch arrival.key {
            case .mail(let id) where mails.contains(id): moments[id, default: []].append(arrival.moment)
            case .mail(let id): faults.append("unexpected: a mail \(id) that nobody owes")
            case .message(let id, let person):
                if let own = remote[id] {
                    moments[own, default: []].append(arrival.moment)
                } else {
                    strange[person, default: []].append(arrival.moment)
                }
            }
        }
        // An answer that was lost leaves a message without a name: one for each of which the outcome is not known.
        for (person, times) in strange {
            let unknown = told.filter { $0.recipient == person && $0.medium == "app_io" && $0.status == "uncertain" }
            if times.count > unknown.count {
                faults.append("doubled: \(times.count) messages to one citizen, \(unknown.count) of unknown outcome")
            }
            // If not all of them came, nobody can tell which did, and in which order.
            guard times.count == unknown.count else { continue }
            for (one, time) in zip(unknown.sorted { $0.id < $1.id }, times.sorted()) {
                moments[one.id, default: []].append(time)
            }
        }
        return moments
    }

    private func lost(_ one: Told, _ moments: [Double]) -> [String] {
        var faults: [String] = []
        if one.status == "delivered", moments.isEmpty { faults.append("lost: \(one.id) is delivered and never came") }
        // A mail may come once more for each answer that was lost, and for each crash meanwhile; App IO's message never.
        var repeatable = 0
        if one.medium == "email", let first = moments.min(), let last = moments.max() {
            repeatable = one.tries.count { $0.outcome == "waiting" } + crashes.count { first < $0 && $0 < last }
        }
        if moments.count > 1 + repeatable {
            faults.append("doubled: \(one.id) came \(moments.count) times, of \(1 + repeatable) at most")
        }
        return faults
    }

    private func outcome(_ one: Told) -> [String] {
        guard History.final.contains(one.status) else { return ["open: \(one.id) is \(one.status)"] }
        var faults: [String] = []
        if one.status != "delivered", one.reason == nil { faults.append("unexplained: \(one.id) is \(one.status)") }
        // A crash may lose the record of attempts under way, never that of the last one.
        if one.attempts > 0, one.tries.last?.outcome != one.status {
            faults.append(
                "unrecorded: \(one.id) is \(one.status), its last attempt \(one.tries.last?.outcome ?? "none")")
        }
        if one.tries.count < one.attempts - crashes.count {
            faults.append("unrecorded: \(one.id) has \(one.attempts) attempts, \(one.tries.count) on record")
        }
        if one.hasFallback, one.status != "delivered", one.status != "cancelled",
            !told.contains(where: { $0.insteadOf == one.id })
        {
            faults.append("lost: \(one.id) did not reach the citizen, and nothing took its place")
        }
        return faults
    }

    /// To the citizen of one ticket they first came in the order in which they were owed. What took a place has it.
    private func disorder(_ moments: [String: [Double]]) -> [String] {
        var faults: [String] = []
        for (ticket, all) in Dictionary(grouping: told.filter(\.isToCitizen), by: \.ticket) {
            let came = all.sorted { $0.id < $1.id }.compactMap { one in
                moments[one.id]?.min().map { (one.id, $0) }
            }
            for (earlier, later) in zip(came, came.dropFirst()) where later.1 < earlier.1 {
                faults.append("disorder: of \(ticket), \(later.0) came before \(earlier.0)")
            }
        }
        return faults
    }
}
