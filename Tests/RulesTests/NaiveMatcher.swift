/// The rule language's matching once more, as plainly as can be: split into words, compare. For the few letters that
/// the random texts use.
struct NaiveMatcher {
    static let plain: [Unicode.Scalar: Unicode.Scalar] = [
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
        case fuzzy([Character])
        case distance(Int)
    }

    private let items: [Item]

    init(_ pattern: String) {
        items = pattern.split(separator: " ").flatMap { token -> [Item] in
            if token.first == "~", let words = Int(token.dropFirst()) { return [.distance(words)] }
            let words = NaiveMatcher.words(String(token))
            guard token.last == "~", let last = words.last else { return words.map(Item.word) }
            return words.dropLast().map(Item.word) + [.fuzzy(last)]
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
        case .fuzzy(let word):
            guard let first = words.first else { return false }
            return NaiveMatcher.slips(word, first) <= 1 && matches(items.dropFirst(), words.dropFirst())
        case .distance(let most):
            return (0...most).contains { $0 <= words.count && matches(items.dropFirst(), words.dropFirst($0)) }
        }
    }

    /// The edit distance in which exchanging two neighbours is one step.
    static func slips(_ a: [Character], _ b: [Character]) -> Int {
        var table = Array(repeating: Array(0...b.count), count: a.count + 1)
        for i in 0...a.count { table[i][0] = i }
        for i in a.indices {
            for j in b.indices {
                table[i + 1][j + 1] = min(
                    table[i][j + 1] + 1, table[i + 1][j] + 1, table[i][j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    table[i + 1][j + 1] = min(table[i + 1][j + 1], table[i - 1][j - 1] + 1)
                }
            }
        }
        return table[a.count][b.count]
    }

    private func glob(_ pattern: ArraySlice<Character>, _ word: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return word.isEmpty }
        if first == "*" {
            return glob(pattern.dropFirst(), word) || (!word.isEmpty && glob(pattern, word.dropFirst()))
        }
        return word.first == first && glob(pattern.dropFirst(), word.dropFirst())
    }
}
