import Civic
import Rules
import Settings

/// What was decided about a message, complete: every field has a value, and every value a reason.
@dynamicMemberLookup
public struct Verdict: Sendable {
    public let conclusion: Conclusion
    /// What it may be, for the person who decides; empty if a category was decided.
    public let guesses: [Guess]
    public let dueAt: Timestamp?
    public let explanation: Explanation

    init(
        message: Message, language: String, place: AreaPlace, explanation: Explanation, in configuration: Configuration
    ) {
        conclusion = Conclusion(
            message: message, language: language, place: place, outcome: explanation.outcome, in: configuration)
        self.explanation = explanation
        guesses = conclusion.category == nil && conclusion.discard == nil ? Guess.best(of: explanation) : []
        dueAt = configuration.due(target: conclusion.target, office: conclusion.office, from: message.receivedAt)
    }

    /// The rule that named the category.
    var decidingRule: String? {
        guard conclusion.declaration == nil else { return nil }
        return explanation.because.first { $0.field == .category }?.rule
    }

    public subscript<Value>(dynamicMember member: KeyPath<Conclusion, Value>) -> Value { conclusion[keyPath: member] }

    /// The contract's shape of `explain`; also what is stored with the ticket.
    public var json: JSON {
        let declaration = conclusion.declaration
        var because = explanation.because.filter { declaration?.keeps($0.field) ?? true }.map(\.json)
        if let declaration {
            because.insert(
                .object([
                    ("field", .string("category")), ("rule", .null),
                    ("condition", .string(declaration.condition(explanation.because))), ("matched", .array([])),
                ]), at: 0)
        }
        for entry in conclusion.defaults {
            because.append(
                .object([
                    ("field", .string(entry.field)), ("rule", .null), ("condition", .string(entry.source)),
                    ("matched", .array([])),
                ]))
        }
        return .object([
            (
                "decision",
                .object([
                    ("category", .optional(conclusion.category)), ("office", .string(conclusion.office)),
                    ("forward_to", .optional(conclusion.secondHop)),
                    ("priority", .string(conclusion.priority.rawValue)),
                    ("sla", .string(conclusion.target.description)),
                    ("tags", .strings(conclusion.tags)), ("reply", .optional(conclusion.reply)),
                    ("notify", .strings(conclusion.notify)),
                    ("discard", .optional(conclusion.discard)), ("abstain", .optional(conclusion.abstained)),
                    ("area", .optional(conclusion.area)),
                    ("place", .string(conclusion.place.word)),
                    ("language", .string(conclusion.language)),
                    ("written_in", .string(conclusion.writtenIn)), ("due_at", .moment(dueAt)),
                ])
            ),
            ("because", .array(because)),
            ("nearly", .array(explanation.nearly.map(\.json))),
            ("guesses", .array(guesses.map(\.json))),
            ("undecided", .bool(conclusion.undecided)),
            ("config", .string(conclusion.config)),
        ])
    }
}

extension AreaPlace {
    var word: String {
        switch self {
        case .certain: "certain"
        case .boundary(let areas): "boundary " + areas.joined(separator: " ")
        case .outside: "outside"
        case .unknown: "unknown"
        }
    }
}

extension Explanation.Because {
    var json: JSON {
        .object([
            ("field", .string(field.rawValue)), ("rule", .string(rule)), ("at", .string(place.description)),
            ("condition", .string(condition)),
            (
                "matched",
                .array(
                    matched.map {
                        .object([
                            ("text", .string($0.text)), ("offset", .int(Int64($0.offset))),
                            ("length", .int(Int64($0.length))), ("in", .string($0.part.rawValue)),
                        ])
                    })
            ),
        ])
    }
}

extension Explanation.Nearly {
    var json: JSON { .object([("rule", .string(rule)), ("failed", .string(failed))]) }
}
