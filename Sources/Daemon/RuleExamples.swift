import Rules
import Settings

/// The examples written beside the rules, run before a configuration goes to work.
public enum RuleExamples {
    /// An error for each example that does not hold, the live rules' first, then the shadow's.
    public static func findings(in configuration: Configuration) -> [Finding] {
        findings(of: configuration.ruleSet) + ofShadow(configuration)
    }

    public static func ofShadow(_ configuration: Configuration) -> [Finding] {
        configuration.shadowRules.map { findings(of: $0.ruleSet) } ?? []
    }

    private static func findings(of rules: RuleSet) -> [Finding] {
        RuleTest(rules).failures.map { Finding(.error, "\($0.rule): \($0.message)", at: $0.place) }
    }
}
