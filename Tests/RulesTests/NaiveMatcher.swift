/// The rule language's matching once more, as plainly as can be: split into words, compare. For the few letters that
/// the random texts use.
struct NaiveMatcher {
    private static let plain: [Unicode.Scalar: Unicode.Scalar] = [
        "à": "a", "á": "a", "À": "a", "ä": "a", "A": "a", "B": "b", "è": "e", "É": "e", "E": "e", "ç": "c", "C": "c",
    ]

    static func words(_ text: String) -> [[Character]] {
        var words: [[Character]] = [[]]
        for scalar in text.unicodeScalars {
            if scalar == "\u{301}" || scalar == "\u{AD}" { continue }
            let folded = plain[scalar] ?? scalar
            if ("a"..."z").contains(folded) || ("0"..."9").contains(folded) || folded == "*" {
                words[words.count - 1].append(Character(folded))
            } else {
                words.append([])
            }
        }
        return words.filter { !$0.isEmpty }
    }

    private enum Item {
        case word([Character])
        case distance(Int)
    }

    private let items: [Item]

    init(_ pattern: String) {
        items = pattern.split(separator: " ").flatMap { token -> [Item] in
            if token.first == "~", let words = Int(token.dropFirst()) { return [.distance(words)] }
            return NaiveMatcher.words(String(token)).map(Item.word)
        }
    }

    func occurs(in text: String) -> Bool {
        let words = NaiveMatcher.words(text)
        return words.indices.contains { matches(items[...], words[$0...]) }
    }

    private func matches(_ items: ArraySlice<Item>, _ words: ArraySlice<[Character]>) -> Bool {
        guard let item = items.first else { return true }
        switch item {
        case .word(let word):
            guard let first = words.first else { return false }
            let same = word == ["*"] || glob(word[...], first[...])
            return same && matches(items.dropFirst(), words.dropFirst())
        case .distance(let most):
            return (0...most).contains { $0 <= words.count && matches(items.dropFirst(), words.dropFirst($0)) }
        }
    }

    private func glob(_ pattern: ArraySlice<Character>, _ word: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return word.isEmpty }
        if first == "*" {
            return glob(pattern.dropFirst(), word) || (!word.isEmpty && glob(pattern, word.dropFirst()))
        }
        return word.first == first && glob(pattern.dropFirst(), word.dropFirst())
    }
}
