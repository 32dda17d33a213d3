import Foundation
import Synchronization
import TransferTesting

@testable import Sandbox

/// A sandbox on free ports, for one test.
struct World: Sendable {
    let ports: SandboxPorts
    let clock: ManualClock

    /// Runs `body` against a fresh sandbox and stops it afterwards.
    static func with(
        _ change: (inout SandboxOptions) -> Void = { _ in }, _ body: @Sendable (World) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        try await withSandbox({ options in
            options.now = { clock.now }
            change(&options)
        }) { try await body(World(ports: $0, clock: clock)) }
    }

    /// One request on its own connection; nil when it was closed without an answer.
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = "sandbox-key-1"
    ) async throws -> HTTPAnswer? {
        let content = try body.map { try JSONEncoder().encode($0) } ?? Data()
        return try await send(method, path, bytes: Array(content), key: key)
    }

    func send(_ method: String, _ path: String, bytes: [UInt8], key: String?) async throws -> HTTPAnswer? {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += "Content-Type: application/json\r\nContent-Length: \(bytes.count)\r\n"
        if let key { head += "Ocp-Apim-Subscription-Key: \(key)\r\n" }
        return HTTPAnswer(try await Wire.exchange(ports.http, Array((head + "\r\n").utf8) + bytes))
    }

    func io(_ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = "sandbox-key-1") async throws
        -> HTTPAnswer?
    {
        try await send(method, "/io/api/v1\(path)", body, key: key)
    }

    func json(_ path: String) async throws -> JSONValue {
        let answer = try await send("GET", path)
        return try JSONDecoder().decode(JSONValue.self, from: Data(answer?.body ?? []))
    }

    func control(_ body: JSONValue) async throws -> Int? { try await send("POST", "/control", body)?.status }

    /// A whole SMTP dialogue in one write; the codes of the replies, continuation lines left out.
    func smtp(_ text: String) async throws -> [Int] { try await smtp(bytes: Array(text.utf8)) }

    func smtp(bytes: [UInt8]) async throws -> [Int] {
        String(decoding: try await Wire.exchange(ports.smtp, bytes), as: UTF8.self)
            .split(separator: "\r\n").filter { $0.dropFirst(3).first != "-" }.compactMap { Int($0.prefix(3)) }
    }
}

/// A clock that moves when told to.
final class ManualClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: Date { time.withLock { $0 } }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

extension HTTPAnswer {
    var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(body)) }
}
