import Civic

/// What a rule does, as it goes into an outcome. Behind a reference: to copy it would cost more than to look at it.
final class Consequences: Sendable {
    let category: Decided<String>?
    let office: Decided<String>?
    let priority: Decided<Priority>?
    let target: Decided<TargetTime>?
    let reply: Decided<String>?
    let discard: Decided<String>?
    let abstain: Decided<String>?
    /// Without repetition.
    let tags: [Decided<String>]
    let notify: [Decided<String>]
    let stop: Bool
    let precedents: PrecedentUse?

    init(_ actions: Actions, of rule: Int) {
        func decided<Value>(_ placed: Placed<Value>?) -> Decided<Value>? {
            placed.map { Decided($0.value, rule: rule) }
        }
        func decided(_ list: [Placed<String>]) -> [Decided<String>] {
            var seen: Set<String> = []
            return list.filter { seen.insert($0.value).inserted }.map { Decided($0.value, rule: rule) }
        }
        category = decided(actions.category)
        office = decided(actions.office)
        priority = decided(actions.priority)
        target = decided(actions.target)
        reply = decided(actions.reply)
        discard = decided(actions.discard)
        abstain = decided(actions.abstain)
        tags = decided(actions.tags)
        notify = decided(actions.notify)
        stop = actions.stop
        precedents = actions.precedents?.value
    }
}
