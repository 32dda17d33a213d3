/// How much of the rules their examples exercise. What counts is each rule and each pattern of its text conditions.
public struct Coverage: Hashable, Sendable {
    public struct Missing: Hashable, Sendable {
        public let place: SourcePlace
        public let rule: String
        /// `no example`, or the pattern that none exercises.
        public let text: String
    }

    public let rules: Int
    public let rulesWithExamples: Int
    public let patterns: Int
    public let patternsExercised: Int
    public let missing: [Missing]

    /// Rounded down: 100 only if nothing is missing.
    public var percent: Int {
        let all = rules + patterns
        return all == 0 ? 100 : (rulesWithExamples + patternsExercised) * 100 / all
    }
}

/// Notes which patterns occur in which examples. A pattern is exercised by a `match` example in which it occurs, or,
/// if it stands under `not`, by a `no match` example.
struct CoverageRecorder {
    private struct Point {
        let pattern: Placed<String>
        let fact: Int
        let negated: Bool
        var exercised = false
    }

    private let program: Program
    private var points: [[Point]] = []

    init(_ program: Program) {
        self.program = program
        for (index, rule) in program.rules.enumerated() {
            points.append([])
            collect(rule.condition, program.roots[index], negated: false)
        }
    }

    private mutating func collect(_ condition: Condition, _ node: Int, negated: Bool) {
        let first = program.nodes[node].first
        switch condition {
        case .all(let parts), .any(let parts):
            for (offset, part) in parts.enumerated() { collect(part, first + offset, negated: negated) }
        case .not(let part): collect(part, first, negated: !negated)
        case .text(_, let patterns):
            for (offset, pattern) in patterns.enumerated() {
                let point = Point(pattern: pattern, fact: program.factLists[first + offset], negated: negated)
                points[points.count - 1].append(point)
            }
        default: break
        }
    }

    /// The facts of a rule's patterns.
    func facts(of rule: Int) -> [Int] { points[rule].map(\.fact) }

    /// - Parameter matched: whether it was a `match` example.
    mutating func record(_ rule: Int, _ facts: Set<Int>, matched: Bool) {
        for index in points[rule].indices where points[rule][index].negated != matched {
            if facts.contains(points[rule][index].fact) { points[rule][index].exercised = true }
        }
    }

    func result() -> Coverage {
        var missing: [Coverage.Missing] = []
        var withExamples = 0
        for (rule, points) in zip(program.rules, points) {
            if rule.matchExamples.isEmpty, rule.noMatchExamples.isEmpty {
                missing.append(Coverage.Missing(place: rule.place, rule: rule.name, text: "no example"))
            } else {
                withExamples += 1
            }
            for point in points where !point.exercised {
                let text = (point.negated ? "not: " : "") + point.pattern.value
                missing.append(Coverage.Missing(place: point.pattern.place, rule: rule.name, text: text))
            }
        }
        let all = points.joined()
        return Coverage(
            rules: program.rules.count, rulesWithExamples: withExamples, patterns: all.count,
            patternsExercised: all.count { $0.exercised }, missing: missing)
    }
}
