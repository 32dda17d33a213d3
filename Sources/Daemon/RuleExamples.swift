import Intake
import Rules
import Settings

/// The examples written beside the rules, run before a configuration goes to work; also what its first message would
/// else have to wait for.
public enum RuleExamples {
    /// An error for each example that does not hold, with the first reason; the live rules' first, then the shadow's.
    public static func findings(in configuration: Configuration) -> [Finding] {
        configuration.ruleSet.prepare()
        return findings(of: configuration) + ofShadow(configuration)
    }

    public static func ofShadow(_ configuration: Configuration) -> [Finding] {
        configuration.shadow.map { findings(of: $0) } ?? []
    }

    private static func findings(of configuration: Configuration) -> [Finding] {
        Classifier(configuration: configuration).test().failures.map { failure in
            let why = failure.why.first.map { "; \($0)" } ?? ""
            return Finding(.error, "\(failure.rule): \(failure.message)\(why)", at: failure.place)
        }
    }
}

extension RuleTest.Failure {
    /// What failed, and where.
    public var line: String { "\(place): error: \(rule): \(message)" }
}
