import ArgumentParser
import Civic
import Daemon
import Foundation
import Intake
import Rules
import Settings

struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the examples written beside the rules, the live ones and the shadow's.",
        discussion:
            "The last line is `N passed, N failed`. Exit status 1 if one failed, or coverage is below --min-coverage.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Flag(help: "List the rules, patterns and conditions that no example exercises.") var coverage = false
    @Option(help: "Fail if examples exercise less than this percentage of rules, patterns and conditions.")
    var minCoverage: Double?

    func validate() throws {
        if let minCoverage, !(0...100).contains(minCoverage) {
            throw ValidationError("--min-coverage: expected 0 to 100")
        }
    }

    func run() async throws {
        let configuration = try options.load()
        let classifier = Classifier(configuration: configuration)
        let results = classifier.test()
        let shadow = classifier.shadow?.test()
        let report = results.coverage
        let isShort = minCoverage.map { !report.reaches($0) } ?? false
        // Before the last line, which counts the examples.
        if let minCoverage, isShort { Terminal.error("coverage is \(report.exact) %, less than \(minCoverage) %") }
        if output.json {
            print(results.json(missing: coverage, shadow: shadow).text)
        } else {
            show(results, shadow)
        }
        if isShort || !results.failures.isEmpty || shadow?.failures.isEmpty == false { throw ExitCode(1) }
    }

    /// Characters: enough to know which one it is.
    private static let longestExample = 200

    /// - Parameter shadow: counts with the live rules, but what it leaves unexercised is of no interest yet.
    private func show(_ results: RuleTest, _ shadow: RuleTest?) {
        let failures = results.failures + (shadow?.failures ?? [])
        for failure in failures {
            print(Terminal.red(failure.line))
            print("    “\(Terminal.safe(String(failure.example.prefix(Test.longestExample))))”")
            for line in failure.why { print("    \(Terminal.safe(line))") }
        }
        if coverage || minCoverage != nil {
            let report = results.coverage
            if coverage {
                for line in report.missing { print("\(line.place): not exercised: \(line.text) (rule \(line.rule))") }
            }
            print(
                "coverage \(report.percent) % (\(report.patterns) patterns, \(report.conditions) conditions, \(report.rules) rules)"
            )
        }
        print("\(results.passed + (shadow?.passed ?? 0)) passed, \(failures.count) failed")
    }
}

extension Coverage {
    /// The percentage with two decimals, rounded down.
    fileprivate var exact: String {
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}

extension SourcePlace {
    fileprivate var members: [(String, JSON)] {
        [("file", .string(file)), ("line", .int(Int64(line))), ("column", .int(Int64(column)))]
    }
}

extension RuleTest {
    fileprivate func json(missing isWanted: Bool, shadow: RuleTest?) -> JSON {
        func count(_ count: Coverage.Count) -> JSON {
            .object([("all", .int(Int64(count.all))), ("exercised", .int(Int64(count.exercised)))])
        }
        var covered: [(String, JSON)] = [
            ("percent", .verbatim(coverage.exact)), ("patterns", count(coverage.patterns)),
            ("conditions", count(coverage.conditions)), ("rules", count(coverage.rules)),
        ]
        if isWanted {
            let missing = coverage.missing.map { one in
                JSON.object(
                    one.place.members + [
                        ("rule", .string(one.rule)), ("kind", .string(one.kind.rawValue)), ("text", .string(one.text)),
                    ])
            }
            covered.append(("missing", .array(missing)))
        }
        let allFailures = failures + (shadow?.failures ?? [])
        let told = allFailures.map { failure in
            JSON.object(
                failure.place.members + [
                    ("rule", .string(failure.rule)), ("example", .string(failure.example)),
                    ("message", .string(failure.message)), ("why", .strings(failure.why)),
                ])
        }
        return .object([
            ("passed", .int(Int64(passed + (shadow?.passed ?? 0)))), ("failed", .int(Int64(allFailures.count))),
            ("failures", .array(told)),
            ("coverage", .object(covered)),
        ])
    }
}
