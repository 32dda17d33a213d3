import Foundation

/// A decision's record as text for people. Read from the JSON, so that a fresh decision and one stored years ago look
/// the same.
struct DecisionText {
    private struct Record: Decodable {
        struct Decision: Decodable {
            var category: String?
            var office: String?
            var forwardTo: String?
            var priority: String?
            var sla: String?
            var tags: [String]?
            var reply: String?
            var discard: String?
            var abstain: String?
            var area: String?
            var place: String?
            var language: String?
            var writtenIn: String?
            var dueAt: String?

            private enum CodingKeys: String, CodingKey {
                case category, office, priority, sla, tags, reply, discard, abstain, area, place, language
                case dueAt = "due_at"
                case forwardTo = "forward_to"
                case writtenIn = "written_in"
            }
        }
        struct Because: Decodable {
            struct Match: Decodable {
                var text: String
                var offset: Int
            }
            var field: String
            var rule: String?
            var at: String?
            var condition: String?
            var matched: [Match]
        }
        struct Nearly: Decodable {
            var rule: String
            var failed: String
        }
        struct Guess: Decodable {
            var category: String
            var rule: String
        }
        var decision: Decision
        var because: [Because]
        var nearly: [Nearly]
        /// Older records have none.
        var guesses: [Guess]?
        var undecided: Bool
        var config: String
    }

    private let record: Record

    init(_ json: String) throws { record = try JSONDecoder().decode(Record.self, from: Data(json.utf8)) }

    var text: String {
        let decision = record.decision
        var lines: [String] = []
        func show(_ field: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append(
                "\(Terminal.bold(field.padding(toLength: 10, withPad: " ", startingAt: 0))) \(Terminal.green(value))")
            for reason in record.because where reason.field == field { lines.append("           " + sentence(reason)) }
        }
        if let discard = decision.discard { show("discard", discard) }
        show("abstain", decision.abstain)
        show("category", decision.category ?? "none")
        show("office", decision.office)
        show("then", decision.forwardTo)
        show("priority", decision.priority)
        show("sla", decision.sla.map { $0 + (decision.dueAt.map { " (due \($0))" } ?? "") })
        show("tags", decision.tags?.joined(separator: ", "))
        show("reply", decision.reply)
        show("area", decision.area ?? decision.place)
        let written = decision.writtenIn.flatMap { $0 == decision.language ? nil : " (written in \($0))" }
        show("language", decision.language.map { $0 + (written ?? "") })
        if record.undecided {
            lines.append(Terminal.red("undecided: it goes to the last resort, for a person to decide"))
        }
        for guess in record.guesses ?? [] {
            lines.append("perhaps    \(Terminal.safe(guess.category)) (rule \(Terminal.safe(guess.rule)))")
        }
        if !record.nearly.isEmpty { lines.append(Terminal.bold("nearly")) }
        for near in record.nearly { lines.append("           \(near.rule): failed \(Terminal.safe(near.failed))") }
        lines.append(Terminal.dim("configuration \(record.config)"))
        return lines.joined(separator: "\n")
    }

    private func sentence(_ reason: Record.Because) -> String {
        let words = reason.matched.map { "“\(Terminal.safe($0.text))” at \($0.offset)" }.joined(separator: ", ")
        let source = reason.rule.map { "rule \($0)" + (reason.at.map { " (\($0))" } ?? "") } ?? "from"
        return [source, reason.condition.map(Terminal.safe) ?? "", words].filter { !$0.isEmpty }.joined(separator: "  ")
    }
}
