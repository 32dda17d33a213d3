import Civic
import Synchronization

/// All rules of a city, compiled: immutable, shared by all threads.
///
/// The text is folded once, and one pass of an automaton finds the patterns of all rules in it. Rules for which nothing
/// speaks cost nothing. Linear in the text, whatever the patterns.
public struct RuleSet: Sendable {
    let program: Program

    /// - Parameters:
    ///   - rules: in the order in which they are tried.
    ///   - calendars: by the name that `time` conditions use.
    ///   - zone: the city's, for weekdays and hours.
    /// - Throws: everything that is wrong, not only the first.
    public init(
        rules: [RuleDefinition], calendars: [String: WorkCalendar], zone: Zone
    ) throws(RuleSetError) {
        try self.init(rules: rules, calendars: calendars, zone: zone, memory: PatternSet.defaultMemory)
    }

    /// - Parameter memory: what each automaton may use, in bytes.
    init(
        rules: [RuleDefinition], calendars: [String: WorkCalendar], zone: Zone, memory: Int64
    ) throws(RuleSetError) {
        let compiler = RuleCompiler(rules: rules, calendars: calendars, zone: zone)
        guard compiler.findings.isEmpty else { throw RuleSetError(findings: compiler.findings) }
        do {
            let facts = compiler.facts
            let words = try RuleSet.set(facts.words, .words, memory)
            let expressions = try RuleSet.set(facts.expressions, .expression, memory)
            program = Program(compiler: compiler, words: words, expressions: expressions)
        } catch {
            let place = rules.first?.place ?? SourcePlace(file: "rules", line: 1, column: 1)
            let message = "the rules cannot be compiled: \(error.message); shorten distances or use fewer patterns"
            throw RuleSetError(findings: [.init(place: place, message: message)])
        }
    }

    private static func set(
        _ patterns: Facts.Patterns, _ kind: Pattern.Kind, _ memory: Int64
    ) throws(PatternSet.Failure) -> PatternSet? {
        if patterns.sources.isEmpty { return nil }
        let set = try PatternSet(patterns.sources, kind: kind, memory: memory)
        guard set.isAutomaton else {
            throw PatternSet.Failure(message: "their patterns need more than \(memory >> 20) MiB together")
        }
        return set
    }

    public var rules: [RuleDefinition] { program.rules }

    /// Searches for which the automaton's memory did not suffice, so that all patterns were tried one by one: right, but
    /// slow. Grows with time; wildcards and distances are the cause.
    public var slowSearches: Int {
        [program.words, program.expressions].reduce(0) { $0 + ($1?.slowSearches.load(ordering: .relaxed) ?? 0) }
    }

    /// What the rules conclude. The hot path: places in the text are not looked up.
    public func decide(_ input: RuleInput) -> RuleOutcome {
        Evaluation.with(program, input) { $0.outcome() }
    }

    /// Whether one rule's condition holds, whatever the other rules say.
    public func matches(rule index: Int, _ input: RuleInput) -> Bool {
        Evaluation.with(program, input) { $0.failure == nil && $0.holds(rule: index) }
    }
}
