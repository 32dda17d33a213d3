import Foundation
import TestSupport
import Testing

@testable import Observability

/// What Prometheus reads, what is written about it, and what is made of it: none may drift from the others.
@Suite struct MonitoringTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Repository.root.appending(path: path), encoding: .utf8)
    }

    /// Metrics by name, with their labels, of a page on which every family has a series.
    private static func shown() throws -> [String: Set<String>] {
        let observe = Observer(level: .error, sink: MemorySink())
        for sample in samples + [.lineAlarm(line: "email", message: "late")] { observe(sample) }
        observe.metrics.waiting(medium: .email, count: 1)
        observe.metrics.late(line: "email", seconds: 1)
        var families: [String: Set<String>] = [:]
        for line in observe.metrics.render().split(separator: "\n") {
            if line.hasPrefix("# TYPE ") {
                families[String(line.split(separator: " ")[2])] = []
            } else if let series = line.wholeMatch(of: #/(\w+?)(_bucket|_sum|_count)?\{(.*)\} .*/#),
                let labels = families[String(series.1)]
            {
                let names = series.3.matches(of: #/(\w+)="/#).map { String($0.1) }.filter { $0 != "le" }
                families[String(series.1)] = labels.union(names)
            }
        }
        return families
    }

    @Test("The guide's table has every metric with its labels, and no other")
    func documented() throws {
        var table: [String: Set<String>] = [:]
        for row in try Self.text("Deploy/README.md").matches(of: #/(?m)^\| `(pasquino_\w+)` \| (.*?)\| .* \|$/#) {
            table[String(row.1)] = Set(row.2.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
                .subtracting([""])
        }
        #expect(table == (try Self.shown()))
    }

    @Test(
        "Alerts and dashboard ask for metrics that are there",
        arguments: ["alerts.yaml", "alerts-test.yaml", "grafana.json"])
    func used(_ file: String) throws {
        let known = Set(try Self.shown().keys)
        var asked = Set(
            try Self.text("Deploy/monitoring/\(file)").matches(of: #/pasquino_[a-z_]+/#).map { String($0.0) })
        for name in asked {
            for end in ["_bucket", "_sum", "_count"] where name.hasSuffix(end) && !known.contains(name) {
                asked.remove(name)
                asked.insert(String(name.dropLast(end.count)))
            }
        }
        #expect(!asked.isEmpty)
        #expect(asked.subtracting(known) == [])
    }

    @Test("Every alert is broken in the test of the rules, and has an entry among the guide's incidents")
    func everyAlert() throws {
        func names(_ file: String, _ pattern: Regex<(Substring, Substring)>) throws -> Set<String> {
            Set(try Self.text(file).matches(of: pattern).map { String($0.1) })
        }
        let alerts = try names("Deploy/monitoring/alerts.yaml", #/alert: (\w+)/#)
        #expect(alerts.count > 15)
        #expect(try names("Deploy/monitoring/alerts-test.yaml", #/(?m)^ +alertname: (\w+)$/#) == alerts)
        #expect(try names("Deploy/README.md", #/(?m)^### (Pasquino\w+)$/#) == alerts)
    }

    @Test(
        "promtool accepts the rules, and each fires when its promise is broken",
        arguments: [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts-test.yaml"]])
    func promtool(_ words: [String]) throws {
        let folder = Repository.root.appending(path: "Deploy/monitoring").path
        let said = try Tool.output(["sh", "-c", "cd '\(folder)' && promtool \(words.joined(separator: " ")) 2>&1"])
        #expect(String(decoding: said, as: UTF8.self).contains("SUCCESS"))
    }
}
