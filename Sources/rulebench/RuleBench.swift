import Civic
import Foundation
import Rules

/// Measures the rule engine. `Deploy/benchmark-rules` runs it beside other engines on the same files.
@main
enum RuleBench {
    private static let usage = """
        usage: rulebench generate DIR RULES MESSAGES    writes rules, and messages, of a fixed seed
               rulebench measure DIR RULES              decides the messages by the rules
               rulebench city CONFIG FILE.jsonl...      decides messages by a city's rules

        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch (arguments.first, arguments.count) {
            case ("generate", 4): try generate(arguments[1], rules: number(arguments[2]), number(arguments[3]))
            case ("measure", 3): try measure(arguments[1], rules: number(arguments[2]))
            case ("city", 3...): try CityBench.measure(arguments[1], files: Array(arguments[2...]))
            default: throw Failure(message: usage, status: 2)
            }
        } catch let failure as Failure {
            complain(failure.message)
            exit(failure.status)
        } catch {
            complain("\(error)\n")
            exit(1)
        }
    }

    struct Failure: Error {
        let message: String
        var status: Int32 = 1
    }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), (1...1_000_000).contains(number) else {
            throw Failure(message: "`\(text)` is no number from 1 to 1000000\n" + usage, status: 2)
        }
        return number
    }

    // MARK: Files

    private static func generate(_ directory: String, rules: Int, _ messages: Int) throws {
        let load = Workload(rules: rules, messages: messages)
        func write(_ name: String, _ lines: [String]) throws {
            try (lines.joined(separator: "\n") + "\n").write(
                toFile: "\(directory)/\(name)-\(rules).txt", atomically: true, encoding: .utf8)
        }
        try write("rules", load.entries.map { "\($0.rule)\t\($0.written)" })
        try write("expressions", load.entries.map { "\($0.rule)\t\($0.expression)" })
        try write("literals", load.entries.map { "\($0.rule)\t\($0.literal)" })
        try write("familiar", load.familiar)
        try write("unfamiliar", load.unfamiliar)
    }

    private static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    // MARK: Measuring

    private static func measure(_ directory: String, rules count: Int) throws {
        let rules = try rules(of: lines("\(directory)/rules-\(count).txt"))
        let before = Stopwatch.memory
        let (set, compile) = try Stopwatch.time { try RuleSet(rules: rules, calendars: [:], zone: .utc) }
        let memory = Stopwatch.memory - before
        for kind in ["familiar", "unfamiliar"] {
            let inputs = try lines("\(directory)/\(kind)-\(count).txt").map(input)
            report(
                "RuleSet.decide", count, kind, Stopwatch.measure(inputs.count) { set.decide(inputs[$0]).tags.count },
                compile, memory)
        }
        let (analysis, time) = Stopwatch.time { RuleAnalysis(set, calendars: [:]) }
        print("RuleAnalysis\t\(count)\t-\t-\t-\t-\t-\t\(analysis.findings.count)\t\(decimal(time))\t-")
    }

    /// One tag a rule, so that a decision asks every rule that may hold and names those that do.
    private static func rules(of lines: [String]) throws -> [RuleDefinition] {
        var patterns: [[Placed<String>]] = []
        for (index, line) in lines.enumerated() {
            let parts = line.split(separator: "\t")
            guard parts.count == 2, let rule = Int(parts[0]), rule <= patterns.count else {
                throw Failure(message: "line \(index + 1) of the rules is not a number, a tab and a pattern\n")
            }
            if rule == patterns.count { patterns.append([]) }
            let place = SourcePlace(file: "rules.txt", line: index + 1, column: 1)
            patterns[rule].append(Placed(String(parts[1]), at: place))
        }
        return patterns.enumerated().map { number, patterns in
            let place = patterns[0].place
            return RuleDefinition(
                name: "r\(number)", place: place, condition: .all([.text(.text, patterns)]),
                actions: Actions(
                    category: Placed("area.topic\(number % 300)", at: place),
                    office: Placed("office\(number % 40)", at: place), tags: [Placed("r\(number)", at: place)]))
        }
    }

    static func input(_ text: String) -> RuleInput {
        let message = Message(
            id: Identifier(high: 0, low: 0), channel: "portale", externalID: "1", receivedAt: Timestamp(seconds: 0),
            text: text)
        return RuleInput(message: message, language: "it", area: .unknown, at: Timestamp(seconds: 0))
    }

    /// One line, as the programs of the other engines print it: engine, rules, text, µs a message (first pass, mean, p50,
    /// p99), hits, compile time in ms, memory in MiB.
    static func report(
        _ engine: String, _ rules: Int, _ text: String, _ result: Stopwatch.Result, _ compile: Double, _ memory: Double
    ) {
        let times = [result.first, result.mean, result.p50, result.p99].map(decimal).joined(separator: "\t")
        print("\(engine)\t\(rules)\t\(text)\t\(times)\t\(result.hits)\t\(decimal(compile))\t\(decimal(memory))")
    }

    static func decimal(_ value: Double) -> String { String(format: "%.2f", value) }
}
