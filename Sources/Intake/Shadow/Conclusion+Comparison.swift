import Rules
import Store

extension Conclusion {
    /// The part of a decision that the shadow's is compared with.
    struct Outline: Hashable, Sendable {
        let isDiscarded: Bool
        let category: String?
        let office: String
        let priority: String
        let undecided: Bool
        let config: String
    }

    var outline: Outline {
        Outline(
            isDiscarded: discard != nil, category: category, office: office, priority: priority.rawValue,
            undecided: undecided, config: config)
    }
}

extension Conclusion.Outline {
    /// What would change if the other decision counted; of a discarded message nothing else is compared.
    /// - Parameters:
    ///   - other: another decision about the same message.
    ///   - rules: the rules that it was decided by.
    func changes(to other: Conclusion, rules: [RuleDefinition]) -> [ShadowDifference.Change] {
        let there = other.outline
        let outcome = other.outcome
        func rule(_ index: Int?) -> String? { index.flatMap { rules.indices.contains($0) ? rules[$0].name : nil } }
        func change(
            _ field: ShadowDifference.Field, _ from: String?, _ to: String?, _ index: Int?
        ) -> ShadowDifference.Change? {
            from == to ? nil : ShadowDifference.Change(field: field, from: from, to: to, rule: rule(index))
        }
        if isDiscarded || there.isDiscarded {
            return [
                change(
                    .outcome, isDiscarded ? "discarded" : "opened", there.isDiscarded ? "discarded" : "opened",
                    outcome.discard?.rule)
            ].compactMap(\.self)
        }
        return [
            change(.category, category, there.category, (outcome.category ?? outcome.abstain)?.rule),
            change(.office, office, there.office, (outcome.office ?? outcome.abstain)?.rule),
            change(.priority, priority, there.priority, outcome.priority?.rule),
            change(.undecided, "\(undecided)", "\(there.undecided)", outcome.abstain?.rule),
        ].compactMap(\.self)
    }
}
