import Civic

/// What the rules are asked about.
public struct RuleInput: Hashable, Sendable {
    public var message: Message
    /// The language in which the citizen is answered, an ISO 639-1 code.
    public var language: String
    /// Where it happened.
    public var area: AreaPlace
    /// The moment for `time` conditions.
    public var at: Timestamp

    public init(message: Message, language: String, area: AreaPlace, at: Timestamp) {
        self.message = message
        self.language = language
        self.area = area
        self.at = at
    }
}

/// A value that a rule set, and which rule it was (its index in the rule set).
public struct Decided<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    public let rule: Int
    public init(_ value: Value, rule: Int) {
        self.value = value
        self.rule = rule
    }
}

/// A field of a decision, named as in a rule's `then`.
public enum DecisionField: String, Hashable, Sendable, CaseIterable {
    case category, office, priority, sla, tags, reply, notify, discard, abstain
}

/// Which rule set a field.
public struct FieldReason: Hashable, Sendable {
    public let field: DecisionField
    /// The value as text.
    public let value: String
    public let rule: Int
}

/// The rules could not be applied; the message belongs to the last resort.
public struct RuleFailure: Error, Hashable, Sendable {
    public let message: String
}

/// What the rules concluded.
public struct RuleOutcome: Hashable, Sendable {
    public internal(set) var category: Decided<String>?
    /// An office's code or a role.
    public internal(set) var office: Decided<String>?
    public internal(set) var priority: Decided<Priority>?
    public internal(set) var target: Decided<TargetTime>?
    public internal(set) var reply: Decided<String>?
    /// Why the message gets no ticket and no answer.
    public internal(set) var discard: Decided<String>?
    /// Why the rules leave it to a person; then they name no category.
    public internal(set) var abstain: Decided<String>?
    /// Categories that rules after the one that abstained would have set; without repetition.
    public internal(set) var guesses: [Decided<String>] = []
    /// Without repetition, in the order of the rules.
    public internal(set) var tags: [Decided<String>] = []
    public internal(set) var notify: [Decided<String>] = []
    /// The rule that ended the evaluation.
    public internal(set) var stoppedBy: Int?
    /// Not empty if the evaluation failed; then nothing is decided.
    public internal(set) var failed: [RuleFailure] = []

    public init() {}

    /// No rule says what it is, whose it is, or that it is to be discarded.
    public var isUndecided: Bool { category == nil && office == nil && discard == nil }

    /// Every field that was set, in the order of `DecisionField`.
    public var because: [FieldReason] {
        var reasons: [FieldReason] = []
        func add<Value>(_ field: DecisionField, _ decided: Decided<Value>?, _ text: (Value) -> String) {
            guard let decided else { return }
            reasons.append(FieldReason(field: field, value: text(decided.value), rule: decided.rule))
        }
        add(.category, category) { $0 }
        add(.office, office) { $0 }
        add(.priority, priority, \.rawValue)
        add(.sla, target, \.description)
        for tag in tags { add(.tags, tag) { $0 } }
        add(.reply, reply) { $0 }
        for office in notify { add(.notify, office) { $0 } }
        add(.discard, discard) { $0 }
        add(.abstain, abstain) { $0 }
        return reasons
    }

    /// Whether a rule with these actions could still change something: if not, it need not be looked at.
    func wants(_ actions: Actions) -> Bool {
        if actions.stop || !actions.tags.isEmpty || actions.priority != nil && priority == nil { return true }
        guard abstain == nil else { return actions.category != nil }
        return actions.category != nil && category == nil || actions.office != nil && office == nil
            || actions.target != nil && target == nil || actions.reply != nil && reply == nil
            || actions.discard != nil && discard == nil || !actions.notify.isEmpty
            || actions.abstain != nil && category == nil && discard == nil
    }

    /// Takes from a rule that holds what no earlier one has set. Once a rule has abstained, what is left of those after
    /// it is how pressing they are, and their tags.
    mutating func take(_ actions: Actions, of rule: Int) {
        func set<Value>(_ field: inout Decided<Value>?, _ value: Placed<Value>?) {
            if field == nil, let value { field = Decided(value.value, rule: rule) }
        }
        func gather(_ list: inout [Decided<String>], _ values: [Placed<String>]) {
            for value in values where !list.contains(where: { $0.value == value.value }) {
                list.append(Decided(value.value, rule: rule))
            }
        }
        // Who abstains too late has nothing to keep from deciding.
        if category == nil, discard == nil { set(&abstain, actions.abstain) }
        if abstain == nil {
            set(&category, actions.category)
            set(&office, actions.office)
            set(&target, actions.target)
            set(&reply, actions.reply)
            set(&discard, actions.discard)
            gather(&notify, actions.notify)
        } else if let guess = actions.category {
            gather(&guesses, [guess])
        }
        set(&priority, actions.priority)
        gather(&tags, actions.tags)
        if actions.stop { stoppedBy = rule }
    }
}
