import Civic
import Rules

/// What an undecided message may be: told to the person who decides, never acted upon.
public struct Guess: Hashable, Sendable {
    public let category: String
    public let rule: String

    private static let most = 3

    /// Rules that held behind one that abstained come first, then those that failed by an exception only, then those of
    /// which some words occurred.
    static func best(of explanation: Explanation) -> [Guess] {
        let excepted = explanation.nearly.filter { $0.failed.hasPrefix("not: ") }
        let others = explanation.nearly.filter { !$0.failed.hasPrefix("not: ") }
        let near = (excepted + others).compactMap { near in
            near.category.map { Guess(category: $0, rule: near.rule) }
        }
        var best: [Guess] = []
        for guess in explanation.guesses.map({ Guess(category: $0.category, rule: $0.rule) }) + near
        where best.count < most && !best.contains(where: { $0.category == guess.category }) {
            best.append(guess)
        }
        return best
    }

    var json: JSON { .object([("category", .string(category)), ("rule", .string(rule))]) }
}
