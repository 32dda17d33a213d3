import Intake
import Rules
import Settings

/// The examples written beside the rules, run before a configuration goes to work; also what its first message would
/// else have to wait for.
public enum RuleExamples {
    /// One line for each example that does not hold, with its place and the first reason.
    public static func failures(in configuration: Configuration) -> [String] {
        configuration.ruleSet.prepare()
        return Classifier(configuration: configuration).test().failures.map { failure in
            failure.line + (failure.why.first.map { "; \($0)" } ?? "")
        }
    }
}

extension RuleTest.Failure {
    /// What failed, and where.
    public var line: String { "\(place): error: \(rule): \(message)" }
}
