import Civic
import Testing

@testable import Rules

/// Whatever the analysis claims of random rules is confirmed by the evaluation on all short texts of a vocabulary.
@Suite("The analysis and brute force agree")
struct AnalysisPropertyTests {
    private static let words = ["a", "b", "ab", "ba"]
    private static let patterns = [
        "a", "b", "ab", "ba", "a*", "b*", "*b", "a*b", "a b", "b a", "a * b", "a ~1 b", "a ~2 b", "a* b", "a b a",
        "/a.*b/", "* a",
    ]

    /// Every text of up to three words in every context that the rules ask about, and every one of four words.
    private static let inputs: [RuleInput] = {
        var texts: [[String]] = [[]]
        for start in [0, 1, 5, 21] { texts += texts[start...].flatMap { text in words.map { text + [$0] } } }
        return texts.flatMap { text in
            (text.count > 3 ? ["x"] : ["x", "y"]).flatMap { channel in
                (text.count > 3 ? [.unknown] : [.certain("n"), .certain("s"), .unknown]).map { (area: AreaPlace) in
                    let isAlone = text.count == 1
                    var message = message(text.joined(separator: " "), subject: isAlone ? text[0] : nil)
                    message.channel = channel
                    message.sender.attested = isAlone ? [.email] : []
                    return input(message, area: area)
                }
            }
        }
    }()

    // MARK: Random rules

    private struct Author {
        var generator: SeededGenerator
        var column = 0

        mutating func place(_ line: Int) -> SourcePlace {
            column += 1
            return SourcePlace(file: "r", line: line, column: column)
        }

        mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &generator) == 0 }

        mutating func list(_ values: [String], _ most: Int, _ line: Int) -> [Placed<String>] {
            (0..<Int.random(in: 1...most, using: &generator)).map { _ in
                Placed(values.randomElement(using: &generator) ?? "a", at: place(line))
            }
        }

        mutating func condition(_ depth: Int, _ line: Int) -> Condition {
            switch Int.random(in: 0..<(depth > 0 ? 12 : 8), using: &generator) {
            case 0: return .channel(list(["x", "y"], 1, line))
            case 1: return .area(list(["n", "s", "unknown"], 2, line))
            case 2: return .authenticated(chance(2), place(line))
            case 3: return .text(chance(2) ? .subject : .body, list(AnalysisPropertyTests.patterns, 2, line))
            case 4...7: return .text(.text, list(AnalysisPropertyTests.patterns, 4, line))
            case 8: return .any([condition(depth - 1, line), condition(depth - 1, line)])
            case 9: return .all([condition(depth - 1, line), condition(depth - 1, line)])
            default: return .all([condition(depth - 1, line), .not(condition(depth - 1, line))])
            }
        }

        mutating func actions(_ line: Int) -> Actions {
            var actions = Actions()
            switch Int.random(in: 0..<12, using: &generator) {
            case 0: actions.discard = Placed("d", at: place(line))
            case 1: actions.abstain = Placed("r", at: place(line))
            case 2: actions.stop = true
            case 3: actions.priority = Placed(.high, at: place(line))
            case 4...9: actions.category = Placed(chance(2) ? "p" : "q", at: place(line))
            default: actions.office = Placed("o", at: place(line))
            }
            if chance(4) { actions.tags = list(["t", "u"], 1, line) }
            return actions
        }

        mutating func rules(_ count: Int) -> [RuleDefinition] {
            (1...count).map { line in
                RuleDefinition(
                    name: "r\(line)", place: place(line), condition: chance(15) ? .all([]) : condition(2, line),
                    actions: actions(line))
            }
        }
    }

    // MARK: What a decision comes to

    /// What is decided, whoever decides it: a discarded message has nothing else, and guesses do not count.
    private struct Decision: Equatable {
        let values: [String]

        init(_ outcome: RuleOutcome) {
            if let discard = outcome.discard {
                values = [discard.value]
            } else {
                values = [
                    outcome.category?.value ?? "-", outcome.office?.value ?? "-",
                    outcome.priority?.value.rawValue ?? "-", outcome.abstain?.value ?? "-",
                    outcome.tags.map(\.value).joined(separator: ","),
                ]
            }
        }
    }

    private static func decisions(_ rules: [RuleDefinition]) throws -> [Decision] {
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        return inputs.map { Decision(set.decide($0)) }
    }

    private static func holding(_ rules: [RuleDefinition], _ rule: Int) throws -> [Bool] {
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        return inputs.map { set.matches(rule: rule, $0) }
    }

    // MARK: Claims

    private static func confirm(_ finding: RuleFinding, _ rules: [RuleDefinition]) throws -> Bool {
        let rule = finding.rule
        let holds = try holding(rules, rule)
        func without(_ places: [SourcePlace], whole: Bool = false) -> [RuleDefinition] {
            var changed = rules
            changed[rule].condition = changed[rule].condition.removing(Set(places), whole: whole) ?? .any([])
            return changed
        }
        switch finding.kind {
        case .neverHolds: return !holds.contains(true)
        case .alwaysHolds: return !holds.contains(false)
        case .duplicate where !finding.isWhole: return try holds == holding(rules, finding.takers[0])
        case .unreachable, .shadowed, .duplicate:
            var changed = rules
            changed.remove(at: rule)
            return try decisions(rules) == decisions(changed)
        case .outdone:
            var changed = rules
            if finding.message.contains("category") { changed[rule].actions.category = nil }
            if finding.message.contains("office") { changed[rule].actions.office = nil }
            return try decisions(rules) == decisions(changed)
        case .excludedWord, .needlessEntry: return try holds == holding(without([finding.place]), rule)
        case .deadAlternative, .idleException:
            return try holds == holding(without([finding.place], whole: true), rule)
        case .takenWord: return try decisions(rules) == decisions(without(finding.places))
        default: return true
        }
    }

    /// A message on which the rule holds, and what it does there changes nothing.
    private static func shows(_ witness: Witness, _ finding: RuleFinding, _ set: RuleSet) -> Bool {
        let outcome = set.decide(witness.input)
        let all = [finding.rule] + finding.takers
        guard all.allSatisfy({ set.matches(rule: $0, witness.input) }) else { return false }
        if outcome.discard != nil || finding.kind == .outdone { return true }
        return !outcome.because.contains { $0.rule == finding.rule }
    }

    @Test("no claim is false, and every witness shows what it is for", arguments: 1...40)
    func claims(seed: Int) throws {
        var author = Author(generator: SeededGenerator(seed: UInt64(seed) &* 7_919))
        for _ in 0..<6 {
            let rules = author.rules(6)
            let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
            for finding in RuleAnalysis(set, calendars: [:]).findings {
                #expect(
                    try Self.confirm(finding, rules), "\(finding.kind): \(finding.message)\n\(rules.map(\.condition))")
                if let witness = finding.witness { #expect(Self.shows(witness, finding, set), "\(finding.message)") }
            }
        }
    }

    @Test("the random rules have every kind of mistake, and nearly every overlap a witness")
    func variety() throws {
        var author = Author(generator: SeededGenerator(seed: 4711))
        var counts: [RuleFinding.Kind: Int] = [:]
        var overlaps = 0
        var shown = 0
        for _ in 0..<400 {
            let set = try RuleSet(rules: author.rules(6), calendars: [:], zone: .utc)
            for finding in RuleAnalysis(set, calendars: [:]).findings {
                counts[finding.kind, default: 0] += 1
                guard [.unreachable, .shadowed, .takenWord].contains(finding.kind) else { continue }
                overlaps += 1
                shown += finding.witness == nil ? 0 : 1
            }
        }
        for kind in [
            .neverHolds, .unreachable, .duplicate, .shadowed, .deadAlternative, .excludedWord, .idleException,
            .takenWord, .needlessEntry, .outdone,
        ] as [RuleFinding.Kind] {
            #expect(counts[kind, default: 0] > 3, "\(kind)")
        }
        #expect(shown * 100 >= overlaps * 90, "\(shown) of \(overlaps)")
    }
}

extension Condition {
    /// Without the words that stand at these places or, if `whole`, without the alternatives and exceptions that begin
    /// there. Nil if nothing is left of it.
    fileprivate func removing(_ places: Set<SourcePlace>, whole: Bool) -> Condition? {
        func begins(_ part: Condition) -> Bool { whole && part.firstPlace.map(places.contains) ?? false }
        switch self {
        case .text(let part, let patterns): return .text(part, patterns.filter { !places.contains($0.place) })
        case .channel(let names): return .channel(names.filter { !places.contains($0.place) })
        case .area(let names): return .area(names.filter { !places.contains($0.place) })
        case .any(let parts):
            return .any(parts.compactMap { begins($0) ? nil : $0.removing(places, whole: whole) })
        case .all(let parts): return .all(parts.compactMap { $0.removing(places, whole: whole) })
        case .not(let part): return begins(part) ? nil : part.removing(places, whole: whole).map { .not($0) }
        default: return self
        }
    }

    fileprivate var firstPlace: SourcePlace? {
        switch self {
        case .text(_, let values), .channel(let values), .area(let values): values.first?.place
        case .authenticated(_, let place): place
        case .any(let parts), .all(let parts): parts.first?.firstPlace
        case .not(let part): part.firstPlace
        default: nil
        }
    }
}
