/// Regular expressions that match nearly everything, or nothing. None is slow: RE2 takes linear time.
struct ExpressionCheck {
    private(set) var findings: [RuleFinding] = []

    /// Texts of no language, which have no letter in common: what occurs in all of them occurs nearly everywhere.
    private static let nonsense = ["qzx zxq", "wkj kjw", "yvh hvy", long]
    /// An expression that only says how long a message may be does not match this one.
    private static let long = String(repeating: "qzx wkj, hvy!\n", count: 500)
    /// As `SinglePattern.size`: five hundred alternatives of ten letters.
    static let huge = 5_000

    init(_ program: Program) {
        guard !program.facts.expressions.patterns.isEmpty else { return }
        var numbers: [String: Int] = [:]
        for (number, pattern) in program.facts.expressions.patterns.enumerated() { numbers[pattern.source] = number }
        /// By what was written.
        var known: [String: [(RuleFinding.Kind, String)]] = [:]
        for (index, rule) in program.rules.enumerated() {
            rule.condition.forEachPattern { written in
                guard written.value.hasPrefix("/") else { return }
                let found = known[written.value] ?? ExpressionCheck.look(at: written.value, program, numbers)
                known[written.value] = found
                for (kind, message) in found {
                    findings.append(RuleFinding(kind: kind, place: written.place, rule: index, message: message))
                }
            }
        }
    }

    private static func look(
        at written: String, _ program: Program, _ numbers: [String: Int]
    ) -> [(RuleFinding.Kind, String)] {
        let source = Pattern.foldedExpression(String(written.dropFirst().dropLast()))
        guard let number = numbers[source], let expressions = program.expressions else { return [] }
        func occurs(_ text: String) -> Bool {
            FoldedText.withFolded(text, .light) { expressions.occurs(number, in: $0) == true }
        }
        let shown = written.unicodeScalars.count > 60 ? "\(written.unicodeScalars.prefix(60))…" : written
        if occurs(""), nonsense.allSatisfy(occurs) {
            let message =
                "the regular expression \(shown) matches every message, even an empty one; write what must occur"
            return [(.expressionMatchesAll, message)]
        }
        if nonsense.allSatisfy(occurs) {
            let message =
                "the regular expression \(shown) matches nearly everything, for example “\(nonsense[0])”; write what must occur"
            return [(.expressionMatchesAll, message)]
        }
        var found: [(RuleFinding.Kind, String)] = []
        if let scalar = Expression(source).impossible {
            let code = String(scalar.value, radix: 16, uppercase: true)
            let letter = scalar.properties.generalCategory == .control ? "" : " (\(scalar))"
            found.append(
                (
                    .expressionNeverMatches,
                    "the regular expression \(shown) never matches: it needs U+\(code)\(letter), and texts are compared in lower case, without accents and typographic signs; write the plain letter"
                ))
        }
        if source.hasPrefix(".*") || source.hasPrefix("^.*") {
            found.append((.expressionIdleEnds, "`.*` at the beginning of \(shown) changes nothing: remove it"))
        }
        if source.hasSuffix(".*") && !source.hasSuffix("\\.*") || source.hasSuffix(".*$") && !source.hasSuffix("\\.*$")
        {
            found.append((.expressionIdleEnds, "`.*` at the end of \(shown) changes nothing: remove it"))
        }
        let size = program.facts.expressions.patterns[number].size
        if size > huge {
            found.append(
                (
                    .expressionHuge,
                    "the regular expression \(shown) is very large (\(size) instructions, where words need some dozens): shorten its repetitions, or write words"
                ))
        }
        return found
    }
}

extension Condition {
    /// Every pattern of a text condition, those under `not` too.
    func forEachPattern(_ visit: (Placed<String>) -> Void) {
        switch self {
        case .all(let parts), .any(let parts): for part in parts { part.forEachPattern(visit) }
        case .not(let part): part.forEachPattern(visit)
        case .text(_, let patterns): for pattern in patterns { visit(pattern) }
        default: break
        }
    }
}
