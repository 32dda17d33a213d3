import Civic

/// What the rules are asked about.
public struct RuleInput: Hashable, Sendable {
    public var message: Message
    /// The language in which the message is written, an ISO 639-1 code.
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

/// Which kinds of actions a rule has.
struct ActionKinds: OptionSet, Sendable {
    let rawValue: UInt16
    static let category = ActionKinds(rawValue: 1 << 0)
    static let office = ActionKinds(rawValue: 1 << 1)
    static let priority = ActionKinds(rawValue: 1 << 2)
    static let target = ActionKinds(rawValue: 1 << 3)
    static let reply = ActionKinds(rawValue: 1 << 4)
    static let discard = ActionKinds(rawValue: 1 << 5)
    static let abstain = ActionKinds(rawValue: 1 << 6)
    static let tags = ActionKinds(rawValue: 1 << 7)
    static let notify = ActionKinds(rawValue: 1 << 8)
    static let stop = ActionKinds(rawValue: 1 << 9)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(of actions: Actions) {
        self = []
        if actions.category != nil { insert(.category) }
        if actions.office != nil { insert(.office) }
        if actions.priority != nil { insert(.priority) }
        if actions.target != nil { insert(.target) }
        if actions.reply != nil { insert(.reply) }
        if actions.discard != nil { insert(.discard) }
        if actions.abstain != nil { insert(.abstain) }
        if !actions.tags.isEmpty { insert(.tags) }
        if !actions.notify.isEmpty { insert(.notify) }
        if actions.stop { insert(.stop) }
        if let precedents = actions.precedents {
            insert(.category)
            if precedents.value.urgentWithin != nil { insert(.priority) }
        }
    }
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
    /// Categories that rules after the one that abstained would have set, or that precedents were not sure of; without
    /// repetition.
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

    /// What a rule would have to do for it to change something: one that does nothing of it need not be looked at.
    var wanted: ActionKinds {
        var wanted: ActionKinds = [.stop, .tags]
        if priority == nil { wanted.insert(.priority) }
        guard abstain == nil else { return wanted.union(.category) }
        wanted.insert(.notify)
        if category == nil { wanted.insert(.category) }
        if office == nil { wanted.insert(.office) }
        if target == nil { wanted.insert(.target) }
        if reply == nil { wanted.insert(.reply) }
        if discard == nil { wanted.insert(.discard) }
        if category == nil, discard == nil { wanted.insert(.abstain) }
        return wanted
    }

    /// Takes from a rule that holds what no earlier one has set. Once a rule has abstained, what is left of those after
    /// it is how pressing they are, and their tags.
    ///
    /// - Parameter gathered: the numbers of the values in lists.
    mutating func take(_ rule: Consequences, number: Int, gathered: Marks) {
        func set<Value>(_ field: inout Decided<Value>?, _ value: @autoclosure () -> Decided<Value>?) {
            if field == nil { field = value() }
        }
        func gather(_ list: inout [Decided<String>], _ values: [Consequences.Numbered]) {
            for value in values where !gathered.has(value.number) {
                gathered.insert(value.number)
                // Most lists grow no longer.
                if list.isEmpty { list.reserveCapacity(max(8, values.count)) }
                list.append(value.value)
            }
        }
        // Who abstains too late has nothing to keep from deciding.
        if category == nil, discard == nil { set(&abstain, rule.abstain) }
        if abstain == nil {
            set(&category, rule.category)
            set(&office, rule.office)
            set(&target, rule.target)
            set(&reply, rule.reply)
            set(&discard, rule.discard)
            gather(&notify, rule.notify)
        } else if let guess = rule.category, !guesses.contains(where: { $0.value == guess.value }) {
            guesses.append(guess)
        }
        set(&priority, rule.priority)
        gather(&tags, rule.tags)
        if rule.stop { stoppedBy = number }
    }

    /// Takes from a judgement by precedents, as a rule wants it used, what no earlier rule has set.
    mutating func take(_ judgement: Judgement, _ use: PrecedentUse, of rule: Int) {
        if priority == nil, let within = use.urgentWithin, Double(judgement.urgentBehind) <= within {
            priority = Decided(.urgent, rule: rule)
        }
        if category == nil, abstain == nil, discard == nil, Double(judgement.lead) >= use.ahead {
            if let best = judgement.best.category {
                category = Decided(best, rule: rule)
            } else {
                abstain = Decided(RuleOutcome.likeNoRequest, rule: rule)
            }
        }
        guard category == nil else { return }
        for case let guess? in judgement.candidates.map(\.category)
        where !guesses.contains(where: { $0.value == guess }) {
            guesses.append(Decided(guess, rule: rule))
        }
    }

    static let likeNoRequest = "it is most like messages that ask the city for nothing"
}
