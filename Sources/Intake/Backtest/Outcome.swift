import Civic

/// What a backtest compares of a decision.
public struct DecidedFields: Hashable, Sendable {
    public var category: String?
    /// Nil for a discarded message: nobody gets it.
    public var office: String?
    public var priority: String?
    /// Why it gets no ticket.
    public var discard: String?

    public init(category: String? = nil, office: String? = nil, priority: String? = nil, discard: String? = nil) {
        self.category = category
        self.office = office
        self.priority = priority
        self.discard = discard
    }

    init(_ conclusion: Conclusion) {
        discard = conclusion.discard
        guard discard == nil else { return }
        category = conclusion.category
        office = conclusion.office
        priority = conclusion.priority.rawValue
    }

    public enum Field: String, Hashable, Sendable, CaseIterable {
        case category, office, priority, discard
    }

    public subscript(field: Field) -> String? {
        switch field {
        case .category: category
        case .office: office
        case .priority: priority
        case .discard: discard
        }
    }

    /// The fields in which two decisions differ, with their values.
    public func moves(to other: DecidedFields) -> [Move] {
        Field.allCases.compactMap { field in
            self[field] == other[field] ? nil : Move(field: field, from: self[field], to: other[field])
        }
    }
}

/// One field that changes from one value to another.
public struct Move: Hashable, Sendable {
    public let field: DecidedFields.Field
    public let from: String?
    public let to: String?
    public init(field: DecidedFields.Field, from: String?, to: String?) {
        self.field = field
        self.from = from
        self.to = to
    }
}

/// A message that changes, with the words that decided on both sides.
public struct ChangeExample: Hashable, Sendable {
    /// Which rule set the field, and by which words of the message.
    public struct Reason: Hashable, Sendable {
        /// Nil where no rule did.
        public let rule: String?
        /// The rule's place, or what set the field instead of a rule.
        public let source: String
        public let words: [String]
        public init(rule: String?, source: String, words: [String]) {
            self.rule = rule
            self.source = source
            self.words = words
        }
    }

    /// The ticket's code, the message's id where it has no ticket, or a line of a file.
    public let message: String
    /// The beginning of what the citizen wrote.
    public let text: String
    public let before: Reason
    public let after: Reason

    public init(message: String, text: String, before: Reason, after: Reason) {
        self.message = message
        self.text = text
        self.before = before
        self.after = after
    }
}

extension ChangeExample.Reason {
    private static let mostWords = 8

    /// Why a field of a decision has its value. A category that is missing has the reason for which it is.
    init(_ verdict: Verdict, _ field: DecidedFields.Field) {
        let names = field == .category ? ["category", "abstain", "discard"] : [field.rawValue, "discard"]
        for name in names {
            guard let because = verdict.explanation.because.first(where: { $0.field.rawValue == name }) else {
                continue
            }
            var words: [String] = []
            for match in because.matched where !words.contains(match.text) { words.append(match.text) }
            self.init(
                rule: because.rule, source: because.place.description, words: Array(words.prefix(Self.mostWords)))
            return
        }
        let source = verdict.conclusion.defaults.first { $0.field == field.rawValue }?.source
        self.init(rule: nil, source: source ?? "no rule", words: [])
    }
}
