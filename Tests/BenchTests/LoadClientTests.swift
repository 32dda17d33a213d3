import Foundation
import Synchronization
import Testing
import TransferTesting

@testable import Bench

@Suite struct LoadClientTests {
    private static let request = Array("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx".utf8)

    /// Answers 201, except where it closes instead.
    private func server(closesAt: Set<Int> = []) throws -> LoopbackServer {
        let count = Mutex(0)
        return try LoopbackServer { peer, _ in
            while peer.request() != nil {
                let number = count.withLock {
                    $0 += 1
                    return $0
                }
                if closesAt.contains(number) { return }
                peer.send("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    @Test("a closed loop sends as many as there are, each once")
    func closed() async throws {
        let server = try server()
        let numbers = Mutex<[Int]>([])
        let client = LoadClient(port: Int(server.port), plan: LoadClient.Plan(count: 200)) { index in
            numbers.withLock { $0.append(index) }
            return Self.request
        }
        let report = await client.run(connections: 4)
        #expect(report.statuses == [201: 200])
        #expect(report.failures == 0)
        #expect(report.sent == 200)
        #expect(report.latencies.count == 200)
        #expect(report.perSecond.reduce(0, +) == 200)
        #expect(numbers.withLock { $0 } == Array(0..<200))
    }

    @Test("an open loop ends no earlier than its last request is due, and sends all of them, however late")
    func open() async throws {
        let server = try server()
        let client = LoadClient(port: Int(server.port), plan: LoadClient.Plan(count: 101, seconds: 0.01, rate: 500)) {
            _ in
            Self.request
        }
        let report = await client.run(connections: 4)
        #expect(report.statuses == [201: 101])
        #expect(report.seconds >= 0.2)
    }

    @Test("after its time a run sends nothing more, and waits for what is under way")
    func timed() async throws {
        let server = try server()
        let client = LoadClient(port: Int(server.port), plan: LoadClient.Plan(count: .max, seconds: 0.2)) { _ in
            Self.request
        }
        let report = await client.run(connections: 2)
        #expect(report.sent > 0)
        #expect(report.statuses == [201: report.sent])
        #expect(report.seconds >= 0.2)
    }

    @Test("a connection that ends costs its message, and the others go on")
    func broken() async throws {
        let server = try server(closesAt: [10, 20])
        let client = LoadClient(port: Int(server.port), plan: LoadClient.Plan(count: 100)) { _ in Self.request }
        let report = await client.run(connections: 3)
        #expect(report.failures == 2)
        #expect(report.statuses == [201: 98])
    }

    @Test("where nobody listens every connection fails, and the run ends")
    func nobody() async {
        let client = LoadClient(port: 1, plan: LoadClient.Plan(count: 10)) { _ in Self.request }
        let report = await client.run(connections: 3)
        #expect(report.failures == 3)
        #expect(report.statuses.isEmpty)
    }
}
