/// How much of the rules their examples exercise. What counts is each rule, each pattern of its text conditions, and
/// each of its other conditions: every value (a channel, an area, a field's value …), every time, every `not` that does
/// not apply, and every group of conditions that stands as one within `any` or `not`.
public struct Coverage: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case rule, pattern, condition }

    public struct Missing: Hashable, Sendable {
        public let place: SourcePlace
        public let rule: String
        public let kind: Kind
        /// `no example`, or what none exercises.
        public let text: String
    }

    /// How many there are of a kind, and how many of them an example exercises.
    public struct Count: Hashable, Sendable, CustomStringConvertible {
        public var all = 0
        public var exercised = 0
        public init(all: Int = 0, exercised: Int = 0) {
            self.all = all
            self.exercised = exercised
        }
        public var description: String { "\(exercised) of \(all)" }
    }

    public let rules: Count
    public let patterns: Count
    public let conditions: Count
    public let missing: [Missing]

    private var total: Count {
        Count(
            all: rules.all + patterns.all + conditions.all,
            exercised: rules.exercised + patterns.exercised + conditions.exercised)
    }

    /// Rounded down: 100 only if nothing is missing.
    public var percent: Int { hundredths / 100 }

    /// Of a percent, rounded down.
    public var hundredths: Int { total.all == 0 ? 10_000 : total.exercised * 10_000 / total.all }

    /// Whether at least so many percent are exercised; nothing is rounded.
    public func reaches(_ percent: Double) -> Bool {
        Double(total.exercised) * 100 >= percent * Double(total.all)
    }
}

/// Notes what holds in which examples. Something is exercised by a `match` example in which it holds, or, if it stands
/// under `not`, by a `no match` example. An example that is only a text leaves open what is not text: it exercises no
/// other condition.
struct CoverageRecorder {
    private enum Target {
        case fact(Int)
        case node(Int)
    }

    private struct Point {
        let target: Target
        let kind: Coverage.Kind
        let place: SourcePlace
        let text: String
        let negated: Bool
        /// Whether a text alone tells.
        let isText: Bool
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

    /// - Parameter stands: whether the condition is one of several in an `any`, or what a `not` excludes.
    private mutating func collect(_ condition: Condition, _ node: Int, negated: Bool, stands: Bool = false) {
        let first = program.nodes[node].first
        switch condition {
        case .all(let parts):
            if stands, parts.count > 1 { add(.node(node), condition, negated) }
            for (offset, part) in parts.enumerated() { collect(part, first + offset, negated: negated) }
        case .any(let parts):
            for (offset, part) in parts.enumerated() {
                collect(part, first + offset, negated: negated, stands: stands || parts.count > 1)
            }
        case .not(let part):
            add(.node(node), condition, negated, as: "without \(part.short)")
            collect(part, first, negated: !negated, stands: true)
        case .text(_, let patterns):
            for (offset, pattern) in patterns.enumerated() {
                add(
                    .fact(program.factLists[first + offset]), .pattern, pattern.place, pattern.value, negated,
                    isText: true)
            }
        default:
            let values = condition.values
            guard values.count == program.nodes[node].count, program.nodes[node].kind == .facts else {
                return add(.node(node), condition, negated)
            }
            for (offset, value) in values.enumerated() {
                add(
                    .fact(program.factLists[first + offset]), .condition, value.place ?? condition.place ?? rule.place,
                    value.short, negated, isText: false)
            }
        }
    }

    private var rule: RuleDefinition { program.rules[points.count - 1] }

    private mutating func add(_ target: Target, _ condition: Condition, _ negated: Bool, as text: String? = nil) {
        add(
            target, .condition, condition.place ?? rule.place, text ?? condition.short, negated,
            isText: condition.asksOnlyOfText)
    }

    private mutating func add(
        _ target: Target, _ kind: Coverage.Kind, _ place: SourcePlace, _ text: String, _ negated: Bool, isText: Bool
    ) {
        points[points.count - 1].append(
            Point(
                target: target, kind: kind, place: place, text: (negated ? "not: " : "") + text, negated: negated,
                isText: isText))
    }

    /// - Parameter matched: whether it was a `match` example.
    mutating func record(_ rule: Int, _ evaluation: Evaluation, _ context: Evaluation.Context, matched: Bool) {
        for index in points[rule].indices {
            let point = points[rule][index]
            guard !point.exercised, point.negated != matched, point.isText || context == .asGiven else { continue }
            points[rule][index].exercised =
                switch point.target {
                case .fact(let fact): evaluation.holds(fact: fact)
                case .node(let node): evaluation.holds(node: node)
                }
        }
    }

    func result() -> Coverage {
        var missing: [Coverage.Missing] = []
        var counts: [Coverage.Kind: Coverage.Count] = [:]
        func count(_ kind: Coverage.Kind, _ exercised: Bool) {
            counts[kind, default: Coverage.Count()].all += 1
            if exercised { counts[kind, default: Coverage.Count()].exercised += 1 }
        }
        for (rule, points) in zip(program.rules, points) {
            let hasExamples = !rule.matchExamples.isEmpty || !rule.noMatchExamples.isEmpty
            count(.rule, hasExamples)
            if !hasExamples {
                missing.append(
                    Coverage.Missing(place: rule.place, rule: rule.name, kind: .rule, text: "no example"))
            }
            for point in points {
                count(point.kind, point.exercised)
                if !point.exercised {
                    missing.append(
                        Coverage.Missing(place: point.place, rule: rule.name, kind: point.kind, text: point.text))
                }
            }
        }
        return Coverage(
            rules: counts[.rule] ?? Coverage.Count(), patterns: counts[.pattern] ?? Coverage.Count(),
            conditions: counts[.condition] ?? Coverage.Count(), missing: missing)
    }
}
