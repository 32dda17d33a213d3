import Civic
import Foundation
import Rules

/// The words of a message, and pairs of neighbours, as a rule's patterns see them: what could be a pattern.
func words(of message: Message) -> Set<String> {
    var found: Set<String> = []
    for part in [message.subject ?? "", message.text] {
        let words = FoldedText.fold(part).utf8.split(separator: 0x20, maxSplits: mostWords).prefix(mostWords)
        var previous: Substring.UTF8View?
        for word in words {
            let isUsable = word.count <= longestWord && !word.contains { (0x30...0x39).contains($0) }
            if isUsable, word.count >= 3 { found.insert("\(Substring(word))") }
            if isUsable, let previous, word.count + previous.count >= shortestPair {
                found.insert("\(Substring(previous)) \(Substring(word))")
            }
            previous = isUsable ? word : nil
        }
    }
    return found
}

/// A story is told in fewer; what is longer is no story.
private let mostWords = 2000
/// In bytes.
private let longestWord = 40
/// Letters of both: two short words next to each other mean nothing.
private let shortestPair = 7

/// How well a word tells some messages from all others.
struct WordEvidence: Hashable, Sendable {
    let word: String
    /// Messages with the word, and all messages: of those that are meant, and of the others.
    let meant: Int
    let allMeant: Int
    let others: Int
    let allOthers: Int

    /// The root of the likelihood ratio against "the word is as frequent in both", which is in standard deviations where
    /// there are many messages; negative if the word is rarer in those that are meant.
    var score: Double {
        let all = Double(allMeant + allOthers)
        let with = Double(meant + others)
        func part(_ seen: Int, _ expected: Double) -> Double {
            seen == 0 ? 0 : Double(seen) * log(Double(seen) / expected)
        }
        func side(_ seen: Int, _ size: Int) -> Double {
            let share = Double(size) / all
            return part(seen, with * share) + part(size - seen, (all - with) * share)
        }
        guard all > 0, with < all else { return 0 }
        let ratio = max(0, 2 * (side(meant, allMeant) + side(others, allOthers))).squareRoot()
        return Double(meant) * Double(allOthers) >= Double(others) * Double(allMeant) ? ratio : -ratio
    }
}

extension WordEvidence {
    /// A word seen once may be a slip; one that others use as often says nothing.
    private static let leastMeant = 2
    /// Two standard deviations.
    private static let leastScore = 2.0

    var isWorthTrying: Bool { meant >= WordEvidence.leastMeant && others <= meant && score >= WordEvidence.leastScore }

    /// The best first; of as good ones the more frequent, then the shorter, so that a word comes before its pairs.
    static func isBetter(_ a: WordEvidence, _ b: WordEvidence) -> Bool {
        if a.score != b.score { return a.score > b.score }
        if a.meant != b.meant { return a.meant > b.meant }
        return (a.word.utf8.count, a.word) < (b.word.utf8.count, b.word)
    }
}

/// As few words as possible that together occur in as many messages as all of them do.
/// - Parameters:
///   - words: the better first.
///   - messages: the words of each message.
func cover(_ words: [String], _ messages: [Set<String>], most: Int) -> [String] {
    var left = messages
    var chosen: [String] = []
    while chosen.count < most {
        var best: (word: String, count: Int)?
        for word in words where !chosen.contains(word) {
            let count = left.count { $0.contains(word) }
            if count > best?.count ?? 0 { best = (word, count) }
        }
        guard let best else { break }
        chosen.append(best.word)
        left.removeAll { $0.contains(best.word) }
    }
    return chosen
}
