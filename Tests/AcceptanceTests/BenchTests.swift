import Foundation
import Testing

/// The figures of a short run mean nothing; that there are any, and that every message was acknowledged, does.
@Suite struct BenchAcceptance {
    private struct Report: Decodable {
        struct Latency: Decodable {
            var p50: Double
            var max: Double
        }
        struct Limit: Decodable {
            var perSecond: Double
            var how: String

            private enum CodingKeys: String, CodingKey {
                case how
                case perSecond = "per_second"
            }
        }
        var messages: Int
        var perSecond: Double
        var latency: Latency
        var cpu: [String: Double]
        var limit: Limit
        var ratio: Double
        var oneStatement: Limit

        private enum CodingKeys: String, CodingKey {
            case messages, limit, ratio
            case perSecond = "per_second"
            case latency = "latency_ms"
            case cpu = "cpu_us_per_message"
            case oneStatement = "limit_one_statement"
        }
    }

    @Test("bench --limit measures the daemon, then what PostgreSQL does alone with either way of writing")
    func limit() async throws {
        let city = try await City()
        let (status, output) = try await city.run(["bench", "--messages", "512", "--limit", "--json"])
        #expect(status == 0, "\(output)")
        let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
        #expect(report.messages == 512)
        #expect(report.perSecond > 0)
        #expect(report.latency.p50 <= report.latency.max)
        #expect(report.cpu.keys.sorted() == ["daemon", "load", "postgresql"])
        #expect(abs(report.ratio - report.perSecond / report.limit.perSecond) < 0.01)
        #expect(report.oneStatement.perSecond > 0)
        await city.end(nil)
    }
}
