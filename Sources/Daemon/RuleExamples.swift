import Intake
import Rules
import Settings

/// The examples written beside the rules, run before a configuration goes to work.
public enum RuleExamples {
    /// One line for each example that does not hold, with its place.
    public static func failures(in configuration: Configuration) -> [String] {
        Classifier(configuration: configuration).test().failures.map(\.line)
    }
}

extension RuleTest.Failure {
    /// What failed, and where.
    public var line: String { "\(place): error: \(rule): \(message)" }
}
