import Rules
import Settings

/// The examples written beside the rules, run before a configuration goes to work; also what its first message would
/// else have to wait for.
public enum RuleExamples {
    /// One line for each example that does not hold, with its place.
    public static func failures(in configuration: Configuration) -> [String] {
        configuration.ruleSet.prepare()
        return RuleTest(configuration.ruleSet).failures.map { "\($0.place): error: \($0.rule): \($0.message)" }
    }
}
