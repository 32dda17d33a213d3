import Civic

/// All rules of a city, compiled: immutable, shared by all threads.
///
/// The text is folded once, and one pass finds the words of all rules in it; distances and regular expressions are tried
/// where their literal parts occur and a rule asks. Rules for which nothing speaks cost nothing. Linear in the text, whatever the patterns.
public struct RuleSet: Sendable {
    let program: Program

    /// - Parameters:
    ///   - rules: in the order in which they are tried.
    ///   - calendars: by the name that `time` conditions use.
    ///   - zone: the city's, for weekdays and hours.
    ///   - precedents: what rules with that action go by.
    /// - Throws: everything that is wrong, not only the first.
    public init(
        rules: [RuleDefinition], calendars: [String: WorkCalendar], zone: Zone, precedents: Precedents? = nil
    ) throws(RuleSetError) {
        let compiler = RuleCompiler(rules: rules, calendars: calendars, zone: zone)
        let known = precedents.flatMap { $0.isEmpty ? nil : $0 }
        let orphans = rules.compactMap(\.actions.precedents).filter { _ in known == nil }.map {
            RuleSetError.Finding(
                place: $0.place, message: "there are no precedents: write some in precedents/, or remove this action")
        }
        let findings = compiler.findings + orphans
        guard findings.isEmpty else { throw RuleSetError(findings: findings) }
        do {
            let (finders, tables) = together(
                { Result { () throws(WordSet.Failure) in try Program.Finders(compiler.facts) } },
                { Program.Tables(compiler) })
            program = Program(compiler: compiler, finders: try finders.get(), tables: tables, precedents: known)
        } catch {
            let place = rules.first?.place ?? SourcePlace(file: "rules", line: 1, column: 1)
            let message = "the rules cannot be compiled: \(error.message); use fewer patterns"
            throw RuleSetError(findings: [.init(place: place, message: message)])
        }
    }

    public var rules: [RuleDefinition] { program.rules }
    public var precedents: Precedents? { program.precedents }

    /// Does now what the first decision would otherwise have to wait for.
    public func prepare() {
        if rules.contains(where: { $0.actions.precedents != nil }) { program.precedents?.prepare() }
    }

    /// What the rules conclude. The hot path: places in the text are not looked up.
    public func decide(_ input: RuleInput) -> RuleOutcome {
        Evaluation.with(program, input) { $0.outcome() }
    }

    /// Whether one rule's condition holds, whatever the other rules say.
    public func matches(rule index: Int, _ input: RuleInput) -> Bool {
        Evaluation.with(program, input) { evaluation in
            // In this order: that a pattern cannot be tried is noticed while the rule is looked at.
            let holds = evaluation.holds(rule: index)
            return holds && evaluation.failure == nil
        }
    }
}
