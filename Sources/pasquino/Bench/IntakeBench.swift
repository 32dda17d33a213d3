import Bench
import Civic
import Foundation
import Rules
import Settings

/// How fast messages are taken in: a daemon of its own on a private PostgreSQL, a sandbox, and this process that posts.
struct IntakeBench {
    let directory: String
    let configuration: Configuration
    let plan: LoadClient.Plan
    let connections: Int
    /// Tickets that are there before.
    let stored: Int
    let holdsSnapshot: Bool
    let limit: Bool
    let messages: @Sendable (_ token: String, _ run: String) throws -> BenchMessages
    let progress: @Sendable (String) -> Void

    /// Searches for citizens by their number, after the load.
    private static let searches = 2000

    func run(scratch: String) async throws -> IntakeFigures {
        let token = UUID().uuidString
        let (warm, load) = (try messages(token, "warm"), try messages(token, "load"))
        let sandbox = try Child.sandbox(log: "\(scratch)/sandbox.log")
        defer { sandbox.child.stop() }
        let daemon = try Child(
            [
                "bench-daemon", "--config", directory, "--state", "\(scratch)/state", "--sandbox-http",
                "\(sandbox.http)", "--sandbox-smtp", "\(sandbox.smtp)", "--token", token,
            ], log: "\(scratch)/daemon.log")
        defer { daemon.stop() }
        let port = try daemon.port(log: "\(scratch)/daemon.log")

        let server = EmbeddedServer(directory: "\(scratch)/state")
        try await fill(server)
        progress("warming up")
        let first = LoadClient.Plan(count: min(50_000, max(2000, plan.count / 10)), seconds: 10)
        _ = await LoadClient(port: port, plan: first) { warm.request($0) }.run(connections: connections)
        _ = try await server.settled()
        try await server.readyToWriteAhead()
        let before = try await baseline(server)
        progress("posting")
        var figures = try await post(load, port: port, daemon, server)
        progress("waiting until every notification is told")
        figures.telling = try await server.settled()
        let later = try await baseline(server)
        figures.limits = before.merging(later) { ($0 + $1) / 2 }
        if stored > 0 { figures.searches = try await search(port: port, token: token) }
        return figures
    }

    private func fill(_ server: EmbeddedServer) async throws {
        guard stored > 0 else { return }
        let (progress, stored) = (progress, stored)
        try await StoredYears(server).fill(
            stored, areas: configuration.areas.map(\.code), categories: configuration.categories.keys.sorted(),
            offices: configuration.directory.offices.keys.sorted()
        ) { progress("\($0) of \(stored) tickets are stored") }
    }

    private func post(
        _ load: BenchMessages, port: Int, _ daemon: Child, _ server: EmbeddedServer
    ) async throws -> IntakeFigures {
        let written = try await server.writtenAhead()
        let start = usage(daemon, server)
        let client = LoadClient(port: port, plan: plan) { load.request($0) }
        let connections = connections
        let report =
            holdsSnapshot
            ? try await server.holdingSnapshot { await client.run(connections: connections) }
            : await client.run(connections: connections)
        let end = usage(daemon, server)
        let ahead = try await server.writtenAhead()

        let repetitions = (0..<report.sent).count(where: load.isRepetition)
        let new = report.sent - repetitions
        guard report.failures == 0, report.statuses[201] == new, report.statuses[200, default: 0] == repetitions else {
            throw Outcome.failed(
                "not every message was acknowledged: \(report.statuses) of \(new) new ones and \(repetitions) again, "
                    + "\(report.failures) failures")
        }
        return IntakeFigures(
            messages: report.sent, repetitions: repetitions, seconds: report.seconds, rate: plan.rate,
            latency: Percentiles(microseconds: report.latencies), perSecond: report.perSecond,
            cpu: zip(end, start).map { ($0.name, ($0.usage.cpu - $1.usage.cpu) / Double(report.sent)) },
            residentBytes: end[0].usage.residentBytes, stored: stored,
            writtenBytes: Double(ahead.bytes - written.bytes) / Double(report.sent),
            perSync: ahead.syncs.flatMap { after in
                written.syncs.flatMap { after > $0 ? Double(report.sent) / Double(after - $0) : nil }
            })
    }

    /// A person who calls, by the number: the whole story as the contact centre sees it.
    private func search(port: Int, token: String) async throws -> Percentiles {
        progress("searching")
        let people = StoredYears.people(stored)
        let client = LoadClient(port: port, plan: LoadClient.Plan(count: Self.searches)) { index in
            let phone = BenchMessages.phone(of: index &* 7919 % people).replacingOccurrences(of: "+", with: "%2B")
            let head =
                "GET /v1/citizens?phone=\(phone) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
            return Array(head.utf8)
        }
        let report = await client.run(connections: 1)
        guard report.failures == 0, report.statuses[200] == Self.searches else {
            throw Outcome.failed("not every citizen was found: \(report.statuses), \(report.failures) failures")
        }
        return Percentiles(microseconds: report.latencies)
    }

    /// All that share the machine while messages come in; the daemon first.
    private func usage(_ daemon: Child, _ server: EmbeddedServer) -> [(name: String, usage: ProcessUsage)] {
        [
            ("daemon", ProcessUsage(pid: daemon.pid, children: false)), ("postgresql", server.usage),
            ("load", ProcessUsage(pid: ProcessInfo.processInfo.processIdentifier, children: false)),
        ]
    }

    private func baseline(_ server: EmbeddedServer) async throws -> [Baseline.Shape: Double] {
        guard limit else { return [:] }
        var rates: [Baseline.Shape: Double] = [:]
        for shape in Baseline.Shape.allCases { rates[shape] = try await rate(of: shape, server) }
        return rates
    }

    private func rate(of shape: Baseline.Shape, _ server: EmbeddedServer) async throws -> Double {
        let count = min(plan.count / 2, 25_000) * (shape == .batches ? 4 : 1)
        progress("pgbench, \(count) messages")
        do {
            return try await Baseline.measure(
                shape, connectionString: server.connectionString, pgbench: try server.program("pgbench"),
                messages: count)
        } catch {
            throw Outcome.failed("the limit could not be measured: \(error)")
        }
    }
}
