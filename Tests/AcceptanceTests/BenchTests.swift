import Foundation
import Testing
import TransferTesting

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
        var batches: Limit
        var writtenBytes: Double
        var perSync: Double

        private enum CodingKeys: String, CodingKey {
            case messages, limit, ratio
            case perSecond = "per_second"
            case latency = "latency_ms"
            case cpu = "cpu_us_per_message"
            case oneStatement = "limit_one_statement"
            case batches = "limit_batches"
            case writtenBytes = "wal_bytes_per_message"
            case perSync = "messages_per_fsync"
        }
    }

    private struct Told: Decodable {
        var medium: String
        var notifications: Int
        var perSecond: Double
        var attempts: Int
        var outcomes: [String: Int]
        var cpu: [String: Double]

        private enum CodingKeys: String, CodingKey {
            case medium, notifications, attempts, outcomes
            case perSecond = "per_second"
            case cpu = "cpu_us_per_notification"
        }
    }

    @Test("bench --delivery has the daemon tell what is owed, by mail and by App IO, once each")
    func delivery() async throws {
        let mail = try LoopbackServer { peer, _ in
            peer.send("220 bench\r\n")
            while let line = peer.line() {
                if line == "DATA" {
                    peer.send("354 go on\r\n")
                    while let text = peer.line(), text != "." {}
                }
                peer.send("250 Ok\r\n")
            }
        }
        let web = try LoopbackServer { peer, _ in
            while let request = peer.request() {
                let isProfile = request.head.first?.contains("/profiles ") ?? false
                let status = isProfile ? "200 OK" : "201 Created"
                let body = isProfile ? #"{"sender_allowed":true}"# : #"{"id":"01KBENCH"}"#
                peer.send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        let city = try await City()
        let (status, output) = try await city.run([
            "bench", "--delivery", "--messages", "200", "--json", "--smtp-port", "\(mail.port)", "--http-port",
            "\(web.port)",
        ])
        #expect(status == 0, "\(output)")
        let told = try output.split(separator: "\n").map {
            try JSONDecoder().decode(Told.self, from: Data($0.utf8))
        }
        #expect(told.map(\.medium) == ["email", "app_io"])
        for figures in told {
            #expect(figures.notifications == 200)
            #expect(figures.outcomes == ["delivered": 200])
            #expect(figures.attempts == 200)
            #expect(figures.perSecond > 0)
            #expect(figures.cpu.keys.sorted() == ["daemon", "postgresql"])
        }
        await city.end(nil)
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
        #expect(report.batches.perSecond > 0)
        #expect(report.writtenBytes > 500)
        #expect(report.perSync > 0)
        await city.end(nil)
    }

    private struct Steady: Decodable {
        struct Times: Decodable {
            var p99: Double
        }
        var messages: Int
        var rate: Double
        var perSecond: Double
        var stored: Int
        var citizen: Times

        private enum CodingKeys: String, CodingKey {
            case messages, rate
            case perSecond = "per_second"
            case stored = "stored_tickets"
            case citizen = "citizen_ms"
        }
    }

    @Test("bench --rate posts what falls due, into a database of so many tickets, while somebody holds it still")
    func rate() async throws {
        let city = try await City()
        let (status, output) = try await city.run([
            "bench", "--rate", "100", "--seconds", "3", "--tickets", "3000", "--hold-snapshot", "--json",
        ])
        #expect(status == 0, "\(output)")
        let report = try JSONDecoder().decode(Steady.self, from: Data(output.utf8))
        #expect(report.messages == 300)
        #expect(report.rate == 100)
        #expect(report.perSecond <= 101)
        #expect(report.stored == 3000)
        #expect(report.citizen.p99 > 0)
        await city.end(nil)
    }
}
