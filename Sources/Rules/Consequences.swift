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

    /// The numbers of values.
    struct Numbers {
        private var tags: [String: Int] = [:]
        private var notify: [String: Int] = [:]
        var count: Int { tags.count + notify.count }

        fileprivate mutating func number(_ value: String, in table: WritableKeyPath<Numbers, [String: Int]>) -> Int {
            if let known = self[keyPath: table][value] { return known }
            let new = count
            self[keyPath: table][value] = new
            return new
        }

        fileprivate static var ofTags: WritableKeyPath<Numbers, [String: Int]> { \.tags }
        fileprivate static var ofNotify: WritableKeyPath<Numbers, [String: Int]> { \.notify }
    }

    init(_ actions: Actions, of rule: Int, _ numbers: inout Numbers) {
        func decided<Value>(_ placed: Placed<Value>?) -> Decided<Value>? {
            placed.map { Decided($0.value, rule: rule) }
        }
        func numbered(
            _ list: [Placed<String>], in table: WritableKeyPath<Numbers, [String: Int]>
        ) -> [Numbered] {
            var seen: Set<String> = []
            return list.filter { seen.insert($0.value).inserted }.map {
                Numbered(value: Decided($0.value, rule: rule), number: numbers.number($0.value, in: table))
            }
        }
        category = decided(actions.category)
        office = decided(actions.office)
        priority = decided(actions.priority)
        target = decided(actions.target)
        reply = decided(actions.reply)
        discard = decided(actions.discard)
        abstain = decided(actions.abstain)
        tags = numbered(actions.tags, in: Numbers.ofTags)
        notify = numbered(actions.notify, in: Numbers.ofNotify)
        stop = actions.stop
        precedents = actions.precedents?.value
    }
}
