import ArgumentParser
import Daemon
import Foundation
import Rules
import Settings

struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the examples written beside the rules, the live ones and the shadow's.",
        discussion:
            "The last line is `N passed, N failed`. Exit status 1 if one failed, or coverage is below --min-coverage.")
    @OptionGroup var options: ConfigurationOption
    @Flag(help: "List the rules and patterns that no example exercises.") var coverage = false
    @Option(help: "Fail below this percentage of patterns exercised by an example.") var minCoverage: Double?

    func validate() throws {
        if let minCoverage, !(0...100).contains(minCoverage) {
            throw ValidationError("--min-coverage: expected 0 to 100")
        }
    }

    func run() async throws {
        let configuration = try options.load()
        let results = RuleTest(configuration.ruleSet)
        for failure in results.failures { print("\(failure.place): error: \(failure.rule): \(failure.message)") }
        var short = false
        if coverage || minCoverage != nil {
            let report = results.coverage
            if coverage { for line in report.missing { print("\(line.place): not exercised: \(line.text)") } }
            print(
                "coverage \(report.percent) % (\(report.patternsExercised) of \(report.patterns) patterns, \(report.rulesWithExamples) of \(report.rules) rules)"
            )
            short = minCoverage.map { Double(report.percent) < $0 } ?? false
        }
        let shadow = (configuration.shadowRules?.ruleSet).map(RuleTest.init)
        for failure in shadow?.failures ?? [] {
            print("\(failure.place): error: \(failure.rule): \(failure.message)")
        }
        let failed = results.failures.count + (shadow?.failures.count ?? 0)
        print("\(results.passed + (shadow?.passed ?? 0)) passed, \(failed) failed")
        if failed > 0 || short { throw ExitCode(1) }
    }
}
