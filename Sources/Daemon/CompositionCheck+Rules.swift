import Rules
import Settings

extension CompositionCheck {
    /// What the rules, seen together, cannot do.
    static func rules(_ configuration: Configuration) -> [Finding] {
        RuleAnalysis(configuration.ruleSet, calendars: configuration.calendars).findings.map {
            Finding($0.isError ? .error : .warning, $0.message, at: $0.place)
        }
    }
}
