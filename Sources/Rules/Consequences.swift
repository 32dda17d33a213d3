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
    let tags: [Numbered]
    let notify: [Numbered]
    let stop: Bool
    let precedents: PrecedentUse?

    /// With a number that the same value has in all rules, by which it is seen that an outcome has it already.
    struct Numbered: Sendable {
        let value: Decided<String>
        let number: Int
    }

    /// The numbers of values, by the field that has them.
    struct Numbers {
        private struct Key: Hashable {
            let field: DecisionField
            let value: String
        }

        private var known: [Key: Int] = [:]
        var count: Int { known.count }

        mutating func number(of value: String, in field: DecisionField) -> Int {
            let key = Key(field: field, value: value)
            if let number = known[key] { return number }
            known[key] = count
            return count - 1
        }
    }

    init(_ actions: Actions, of rule: Int, _ numbers: inout Numbers) {
        func decided<Value>(_ placed: Placed<Value>?) -> Decided<Value>? {
            placed.map { Decided($0.value, rule: rule) }
        }
        func numbered(_ list: [Placed<String>], _ field: DecisionField) -> [Numbered] {
            var seen: Set<String> = []
            return list.filter { seen.insert($0.value).inserted }.map {
                Numbered(value: Decided($0.value, rule: rule), number: numbers.number(of: $0.value, in: field))
            }
        }
        category = decided(actions.category)
        office = decided(actions.office)
        priority = decided(actions.priority)
        target = decided(actions.target)
        reply = decided(actions.reply)
        discard = decided(actions.discard)
        abstain = decided(actions.abstain)
        tags = numbered(actions.tags, .tags)
        notify = numbered(actions.notify, .notify)
        stop = actions.stop
        precedents = actions.precedents?.value
    }
}
