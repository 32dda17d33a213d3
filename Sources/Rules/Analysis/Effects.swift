/// What of a rule still changes a decision, when certain earlier rules hold wherever it does.
struct Effects {
    private let rules: [RuleDefinition]
    private let kinds: [ActionKinds]
    /// Without what precedents may set, or may not.
    private let certain: [ActionKinds]
    /// The first rule that abstains, that discards, and that sets a category; the number of rules if there is none.
    private let firstAbstain: Int
    private let firstDiscard: Int
    private let firstCategory: Int

    /// Fields with one value.
    static let single: ActionKinds = [.category, .office, .priority, .target, .reply, .discard]
    /// What a message has no use for once a rule has abstained.
    private static let decided: ActionKinds = [.category, .office, .target, .reply, .discard, .notify]

    init(_ program: Program) {
        let (rules, kinds) = (program.rules, program.kinds)
        self.rules = rules
        self.kinds = kinds
        certain = rules.indices.map { rule in
            guard rules[rule].actions.precedents != nil else { return kinds[rule] }
            var actions = rules[rule].actions
            actions.precedents = nil
            return ActionKinds(of: actions)
        }
        func first(_ kind: ActionKinds) -> Int { kinds.firstIndex { $0.contains(kind) } ?? rules.count }
        // What is like no request is left to a person, too.
        let firstPrecedents = rules.firstIndex { $0.actions.precedents != nil } ?? rules.count
        firstAbstain = min(first(.abstain), firstPrecedents)
        firstDiscard = first(.discard)
        firstCategory = first(.category)
    }

    func kinds(of rule: Int) -> ActionKinds { kinds[rule] }

    /// Whether an earlier rule could take something from a later one.
    func concerns(_ earlier: Int, _ later: Int) -> Bool {
        let taker = certain[earlier]
        if !taker.isDisjoint(with: [.stop, .discard, .abstain]) { return true }
        let common = taker.intersection(kinds[later])
        if !common.isDisjoint(with: Effects.single) { return true }
        if kinds[later].contains(.abstain), taker.contains(.category) { return true }
        func meet(_ a: [Placed<String>], _ b: [Placed<String>]) -> Bool {
            a.contains { x in b.contains { $0.value == x.value } }
        }
        return common.contains(.tags) && meet(rules[earlier].actions.tags, rules[later].actions.tags)
            || common.contains(.notify) && meet(rules[earlier].actions.notify, rules[later].actions.notify)
    }

    /// Whether no later rule changes anything where this one holds: it stops, or the message is discarded.
    func ends(_ rule: Int) -> Bool {
        let taker = certain[rule]
        return taker.contains(.stop) || taker.contains(.discard) && !taker.contains(.abstain) && firstAbstain > rule
    }

    /// What a rule still does, if all `takers`, which stand before it, hold wherever it does. Guesses do not count.
    func left(of rule: Int, after takers: [Int]) -> ActionKinds {
        var left = kinds[rule]
        var tags = Set(rules[rule].actions.tags.map(\.value))
        var notify = Set(rules[rule].actions.notify.map(\.value))
        for taker in takers {
            let taken = certain[taker]
            if ends(taker) { return [] }
            left.subtract(taken.intersection(Effects.single))
            if !taken.isDisjoint(with: [.category, .discard, .abstain]) { left.remove(.abstain) }
            if taken.contains(.abstain), firstDiscard > taker {
                left.remove(.category)
                // Nor can a category have kept it from abstaining.
                if firstCategory > taker { left.subtract(Effects.decided) }
            }
            tags.subtract(rules[taker].actions.tags.map(\.value))
            notify.subtract(rules[taker].actions.notify.map(\.value))
        }
        if tags.isEmpty { left.remove(.tags) }
        if notify.isEmpty { left.remove(.notify) }
        return left
    }
}

extension ActionKinds {
    /// As in a rule's `then`.
    var names: String {
        let all: [(ActionKinds, String)] = [
            (.category, "category"), (.office, "office"), (.priority, "priority"), (.target, "sla"), (.reply, "reply"),
            (.discard, "discard"), (.abstain, "abstain"), (.tags, "tags"), (.notify, "notify"), (.stop, "stop"),
        ]
        return all.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
