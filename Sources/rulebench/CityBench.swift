import Civic
import Foundation
import Rules
import Settings

/// A city as it is shipped, on written reports.
enum CityBench {
    static func measure(_ directory: String, files: [String]) throws {
        let (loaded, load) = Stopwatch.time {
            ConfigurationLoader.load(directory: directory, environment: [:], secrets: .optional)
        }
        guard let configuration = loaded.configuration else {
            let errors = loaded.findings.map(\.description).joined(separator: "\n")
            throw RuleBench.Failure(message: errors + "\n", status: 78)
        }
        let inputs = try files.flatMap(texts).map(RuleBench.input)
        guard !inputs.isEmpty else { throw RuleBench.Failure(message: "there are no messages\n") }
        let count = configuration.rules.count
        let before = Stopwatch.memory
        configuration.ruleSet.prepare()
        let memory = Stopwatch.memory - before
        func decided(_ set: RuleSet) -> Stopwatch.Result {
            Stopwatch.measure(inputs.count) { set.decide(inputs[$0]).category == nil ? 0 : 1 }
        }
        RuleBench.report("city, precedents", count, "reports", decided(configuration.ruleSet), load, memory)

        var rules = configuration.rules
        for index in rules.indices { rules[index].actions.precedents = nil }
        let (plain, compile) = try Stopwatch.time {
            try RuleSet(rules: rules, calendars: configuration.calendars, zone: configuration.city.zone)
        }
        RuleBench.report("city, rules alone", count, "reports", decided(plain), compile, 0)
        let (analysis, time) = Stopwatch.time {
            RuleAnalysis(configuration.ruleSet, calendars: configuration.calendars)
        }
        print(
            "RuleAnalysis\t\(count)\t-\t-\t-\t-\t-\t\(analysis.findings.count)\t\(RuleBench.decimal(time))\t-")
    }

    /// The member `text` of each line.
    private static func texts(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").enumerated().map { number, line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let text = object?["text"] as? String else {
                throw RuleBench.Failure(message: "\(path):\(number + 1): there is no member `text`\n")
            }
            return text
        }
    }
}
