extension History {
    /// A message as it was sent.
    struct Request: Sendable {
        var id: String
        var text: String
        /// The JSON that was posted.
        var body: String
        /// What its sender was told; nil if no answer came, and nobody knows what became of it.
        var ticket: String?
    }

    /// A message as the daemon keeps it.
    struct Kept {
        var id: String
        var text: String
        var ticket: String?
        /// Of the configuration that decided.
        var version: String
        var decision: String
        /// What the evaluator says of the request under that version; nil if there is no such request or version.
        var evaluated: String?
    }

    /// Each acknowledged message is there once, with the ticket that its sender heard of; one without an answer once or
    /// not at all; and nothing that nobody sent.
    var messageFaults: [String] {
        var faults = orphans.map { "unexpected: the ticket \($0) of no message" }
        let copies = Dictionary(grouping: kept, by: \.id)
        let sent = Dictionary(requests.map { ($0.id, $0) }) { first, _ in first }
        for request in requests {
            let there = copies[request.id] ?? []
            if there.count > 1 { faults.append("doubled: the message \(request.id) is there \(there.count) times") }
            guard let told = request.ticket else { continue }
            guard let one = there.first else {
                faults.append("lost: the message \(request.id), of which its sender was told \(told)")
                continue
            }
            if let ticket = one.ticket, ticket != told {
                faults.append("lost: \(request.id) was told \(told), and has \(ticket)")
            }
        }
        for one in kept {
            guard let request = sent[one.id] else {
                faults.append("unexpected: the message \(one.id) that nobody sent")
                continue
            }
            if one.ticket == nil { faults.append("lost: the ticket of \(one.id)") }
            if one.text != request.text { faults.append("changed: the text of \(one.id)") }
            if one.evaluated != one.decision {
                let evaluated = one.evaluated ?? "nothing"
                faults.append("decided: \(one.id) is \(one.decision), and by version \(one.version) \(evaluated)")
            }
        }
        for (ticket, all) in Dictionary(grouping: kept, by: \.ticket) {
            let ids = Set(all.map(\.id)).sorted()
            if let ticket, ids.count > 1 {
                faults.append("doubled: the ticket \(ticket) is that of \(ids.joined(separator: " and "))")
            }
        }
        return faults
    }
}
