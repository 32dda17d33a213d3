/// A regular expression that is made rather than read, and matched as plainly as can be: by the set of places it leads to.
indirect enum NaiveExpression {
    case letter(Unicode.Scalar)
    case any
    case oneOf([Unicode.Scalar])
    case many(NaiveExpression)
    case maybe(NaiveExpression)
    case sequence([NaiveExpression])
    case either([NaiveExpression])
    case start, end, edge

    /// As an operator would write it, without the slashes.
    var written: String {
        switch self {
        case .letter(let scalar): String(scalar)
        case .any: "."
        case .oneOf(let scalars): "[" + scalars.map(String.init).joined() + "]"
        case .many(let inner): "(?:\(inner.written))*"
        case .maybe(let inner): "(?:\(inner.written))?"
        case .sequence(let parts): parts.map(\.written).joined()
        case .either(let parts): "(?:" + parts.map(\.written).joined(separator: "|") + ")"
        case .start: "^"
        case .end: "$"
        case .edge: "\\b"
        }
    }

    static func random(depth: Int, _ generator: inout SeededGenerator) -> NaiveExpression {
        let letters: [Unicode.Scalar] = ["a", "b", "c", "e", "1", " ", "'", ","]
        func letter(_ generator: inout SeededGenerator) -> Unicode.Scalar {
            letters.randomElement(using: &generator) ?? "a"
        }
        func parts(_ count: ClosedRange<Int>, _ generator: inout SeededGenerator) -> [NaiveExpression] {
            (0..<Int.random(in: count, using: &generator)).map { _ in random(depth: depth - 1, &generator) }
        }
        switch Int.random(in: 0..<(depth > 0 ? 14 : 7), using: &generator) {
        case 0...3: return .letter(letter(&generator))
        case 4: return .any
        case 5: return .oneOf([letter(&generator), letter(&generator)])
        case 6: return [.start, .end, .edge].randomElement(using: &generator) ?? .edge
        case 7: return .many(random(depth: depth - 1, &generator))
        case 8: return .maybe(random(depth: depth - 1, &generator))
        case 9, 10: return .either(parts(2...3, &generator))
        default: return .sequence(parts(2...4, &generator))
        }
    }

    func occurs(in text: [Unicode.Scalar]) -> Bool { !ends(text, Set(0...text.count)).isEmpty }

    private func ends(_ text: [Unicode.Scalar], _ starts: Set<Int>) -> Set<Int> {
        func after(_ isWanted: (Unicode.Scalar) -> Bool) -> Set<Int> {
            Set(starts.filter { $0 < text.count && isWanted(text[$0]) }.map { $0 + 1 })
        }
        func isLetter(_ place: Int) -> Bool {
            guard text.indices.contains(place) else { return false }
            return ("a"..."z").contains(text[place]) || ("0"..."9").contains(text[place])
        }
        switch self {
        case .letter(let scalar): return after { $0 == scalar }
        case .any: return after { $0 != "\n" }
        case .oneOf(let scalars): return after(scalars.contains)
        case .maybe(let inner): return starts.union(inner.ends(text, starts))
        case .sequence(let parts): return parts.reduce(starts) { $1.ends(text, $0) }
        case .either(let parts): return parts.reduce([]) { $0.union($1.ends(text, starts)) }
        case .start: return starts.intersection([0])
        case .end: return starts.intersection([text.count])
        case .edge: return starts.filter { isLetter($0 - 1) != isLetter($0) }
        case .many(let inner):
            var all = starts
            var new = starts
            while !new.isEmpty {
                new = inner.ends(text, new).subtracting(all)
                all.formUnion(new)
            }
            return all
        }
    }

    /// A text as expressions see it, for the few letters that the random texts use.
    static func light(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { $0 != "\u{301}" && $0 != "\u{AD}" }
            .map { $0 == "’" ? "'" : NaiveMatcher.plain[$0] ?? $0 }
    }
}
