import Foundation
import TestSupport
import Testing
import TransferTesting

/// The same attacks through a proxy that keeps its connections to the daemon and shares them among senders: what hides in
/// one sender's body must not become another's request.
@Suite(.serialized, .enabled(if: HAProxy.isInstalled, "NOT TESTED, haproxy is not installed")) struct ProxyAcceptance {
    @Test("A proxy and the daemon agree where a request ends")
    func agreement() async throws {
        try await City.with { city, running in
            let proxy = try HAProxy(before: running.port, in: city.state)
            defer { proxy.stop() }
            try await proxy.ready()
            var taken: [String: Int] = [:]
            for (number, attack) in FramingAcceptance.attacks.enumerated() {
                // Some are refused by the proxy, and some are mended by it: both are right.
                let answers = try FramingAcceptance.exchange(attack.bytes("p\(number)"), port: proxy.port)
                taken["p\(number)"] = try #require(answers, "\(attack.name)").count { $0 == 201 }
                // Whoever comes next is answered what it asked.
                let next = try await HTTP.get("http://127.0.0.1:\(proxy.port)/health/live")
                #expect(next.status == 200, "\(attack.name)")
            }
            // Each message that there is was acknowledged to whoever sent it, on the sender's own connection.
            let found = try await city.query("select replace(external_id, 'hidden-', '') from message")
            let counts = Dictionary(grouping: found.compactMap(\.self), by: \.self).mapValues(\.count)
            #expect(counts == taken.filter { $0.value > 0 })
            #expect(!counts.isEmpty)
            let metrics = try await HTTP.get(running.base + "/metrics").text
            #expect(metrics.contains("\npasquino_internal_errors_total 0\n"))
        }
    }
}

/// HAProxy as it comes, in HTTP mode, before one daemon.
private final class HAProxy: Sendable {
    static let path = "/usr/sbin/haproxy"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    let port: Int
    private let program: Program

    init(before daemon: Int, in folder: String) throws {
        port = Int(try Postfix.freePort())
        let file = folder + "/haproxy.cfg"
        try """
        defaults
            mode http
            timeout connect 10s
            timeout client 60s
            timeout server 60s
        frontend outside
            bind 127.0.0.1:\(port)
            default_backend daemon
        backend daemon
            http-reuse always
            server one 127.0.0.1:\(daemon)

        """.write(toFile: file, atomically: true, encoding: .utf8)
        program = try Program(["-db", "-f", file], environment: [:], executable: HAProxy.path)
    }

    func ready() async throws {
        let end = ContinuousClock.now + .seconds(60)
        while (try? RawConnection(port: port)) == nil {
            guard ContinuousClock.now < end else { throw City.Failure("haproxy: \(program.output)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func stop() { program.signal(SIGKILL) }
}
