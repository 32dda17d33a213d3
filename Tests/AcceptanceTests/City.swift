import Boundaries
import EventLoop
import Foundation
import Postgres
import TestSupport

@testable import Bench

/// A city under test: the real daemon and the real sandbox, on ports of their own, with a private PostgreSQL in a
/// directory of its own.
final class City: Sendable {
    static let root = Repository.root.path
    static let token = "acceptance-token-of-the-portal"
    static let officeToken = "acceptance-token-of-an-office"

    let state: String
    let environment: [String: String]
    let sandbox: Program
    let sandboxPort: Int
    let configuration: String

    /// - Parameters:
    ///   - configuration: a directory; the shipped Rome without one.
    ///   - state: where its PostgreSQL is, if a test has started it.
    init(
        configuration: String = City.root + "/Config/roma", state: String = City.newState(),
        extra: [String: String] = [:]
    ) async throws {
        self.configuration = configuration
        self.state = state
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: true)
        sandbox = try Program(["sandbox", "--http-port", "0", "--smtp-port", "0"], environment: [:])
        let line = await sandbox.line(containing: "sandbox:") ?? ""
        guard let http = City.number(in: line, after: "http://127.0.0.1:"),
            let smtp = City.number(in: line, after: "smtp://127.0.0.1:")
        else { throw Failure("the sandbox did not start: \(sandbox.output)") }
        sandboxPort = http
        environment = [
            "PASQUINO_CONFIG": configuration, "PASQUINO_LISTEN": "127.0.0.1:0", "STATE_DIRECTORY": state,
            "PASQUINO_SMTP": "smtp://127.0.0.1:\(smtp)", "PASQUINO_IO": "http://127.0.0.1:\(http)/io/api/v1",
            "PASQUINO_IO_KEY": "sandbox-key-1", "PASQUINO_IO_KEY_2": "sandbox-key-2",
            "PASQUINO_PORTALE_TOKEN": City.token, "PASQUINO_PORTALE_SECRET": "whsec_" + City.signingSecret,
            "PASQUINO_CALLCENTER_TOKEN": "another-token-altogether",
            "PASQUINO_SPORTELLO_TOKEN": "a-third-token-of-the-desks", "PASQUINO_OFFICE_TOKEN": City.officeToken,
            // What is owed goes out at once, whatever the hour: what waits is a test of its own.
            "PASQUINO_BUNDLE": "0m", "PASQUINO_QUIET_FROM": "07:30",
            "PASQUINO_BASE_URL": "http://127.0.0.1:8060",
            "SANDBOX": "\(http)", "PASQUINO_UTILITY": "http://127.0.0.1:\(http)/utility/open311/v2",
            // Of channels that are closed unless a test opens them.
            "PASQUINO_TELEGRAM_API": "http://127.0.0.1:\(http)/telegram",
            "PASQUINO_TELEGRAM_TOKEN": "8070:sandbox-token", "PASQUINO_TELEGRAM_SECRET": City.telegramSecret,
            "PASQUINO_MASTODON_SERVER": "http://127.0.0.1:\(http)/mastodon",
            "PASQUINO_MASTODON_TOKEN": "sandbox-token",
            "PASQUINO_WHATSAPP_API": "http://127.0.0.1:\(http)/graph/v23.0",
            "PASQUINO_SMS_API": "http://127.0.0.1:\(http)/twilio/2010-04-01",
        ].merging(extra) { $1 }
    }

    static func newState() -> String { "/tmp/pasquino-test-\(UUID().uuidString.prefix(8))" }

    static let telegramSecret = "acceptance_secret-of-Telegram"
    static let signingSecret = "cGFzcXVpbm8tYWNjZXB0YW5jZS10ZXN0LXNlY3JldC0x"

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Starts the daemon, and returns once it is ready.
    /// - Parameter descriptors: the most files it may have open; as many as the tests if nil.
    func start(descriptors: Int? = nil, until said: String = "ready on") async throws -> Running {
        let program =
            if let descriptors {
                try Program(
                    ["-c", #"ulimit -n "$1"; exec "$0" serve"#, Program.path, "\(descriptors)"],
                    environment: environment, executable: "/bin/sh")
            } else { try Program(["serve"], environment: environment) }
        guard let line = await program.line(containing: said),
            let port = City.number(in: line, after: "127.0.0.1:")
        else { throw Failure("the daemon did not start:\n\(program.output)") }
        return Running(program: program, port: port)
    }

    func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await Program.run(arguments, environment: environment)
    }

    /// Runs a daemon until it kills itself at `boundary`; `body` brings it there.
    func crash(at boundary: Boundary, _ pass: Int = 1, _ body: (Running) async throws -> Void = { _ in }) async throws {
        let program = try Program(
            ["serve"], environment: environment.merging(["PASQUINO_CRASH_AT": "\(boundary.rawValue):\(pass)"]) { $1 })
        if let line = await program.line(containing: "ready on"), let port = City.number(in: line, after: "127.0.0.1:")
        {
            try await body(Running(program: program, port: port))
        }
        let status = await program.wait()
        guard status == -SIGKILL else { throw Failure("\(boundary.rawValue): \(status)\n\(program.output)") }
    }

    /// Stops what is left, and removes the directory.
    func end(_ running: Running?) async {
        if let running {
            running.program.signal(SIGTERM)
            _ = await running.program.wait()
        }
        sandbox.signal(SIGKILL)
        _ = await sandbox.wait()
        try? FileManager.default.removeItem(atPath: state)  // a leftover in /tmp harms nobody
    }

    /// Runs `body` beside a city's daemon, and ends both whatever happens.
    static func with(
        _ extra: [String: String] = [:], configuration: String = City.root + "/Config/roma",
        _ body: (City, Running) async throws -> Void
    ) async throws {
        let city = try await City(configuration: configuration, extra: extra)
        let running: Running
        do { running = try await city.start() } catch {
            await city.end(nil)
            throw error
        }
        do { try await body(city, running) } catch {
            await city.end(running)
            throw error
        }
        await city.end(running)
    }

    /// A session with the city's private database, or with another one, for the time of `body`. On a busy machine an
    /// answer takes as long as it takes.
    func session<Value: Sendable>(
        at connectionString: String? = nil, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = PostgresConnection(
            configuration: PostgresConfiguration(
                connectionString: connectionString ?? PostgresServer(directory: state).connectionString,
                applicationName: "test", statementTimeout: .seconds(3600), connectTimeout: .seconds(3600)),
            loop: try EventLoop(label: "test"), observe: { _ in })
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// The first column of what a statement finds.
    @discardableResult func query(_ sql: String, at connectionString: String? = nil) async throws -> [String?] {
        try await session(at: connectionString) { try await $0.query(sql).map { $0.string(0) } }
    }

    /// What arrived in the sandbox.
    func counts() async throws -> Counts {
        let answer = try await HTTP.get("http://127.0.0.1:\(sandboxPort)/api/counts")
        return try JSONDecoder().decode(Counts.self, from: answer.body)
    }

    struct Counts: Decodable {
        var mails: Int
        var distinctMessageIDs: Int
        var messages: Int

        private enum CodingKeys: String, CodingKey {
            case mails, messages
            case distinctMessageIDs = "distinct_message_ids"
        }
    }

    /// Waits until nothing waits to be sent.
    func quiet() async throws {
        while true {
            let (status, output) = try await run(["queue", "show", "--waiting", "--json"])
            if status == 0, output.isEmpty { return }
        }
    }

    static func number(in line: String, after marker: String) -> Int? {
        guard let range = line.range(of: marker) else { return nil }
        return Int(line[range.upperBound...].prefix { $0.isNumber })
    }

    struct Running: Sendable {
        let program: Program
        let port: Int
        var base: String { "http://127.0.0.1:\(port)" }
        var messages: String { base + "/v1/channels/portale/messages" }

        func post(_ json: String, to url: String? = nil, token: String? = City.token) async throws -> HTTP.Answer {
            try await HTTP.post(url ?? messages, body: Data(json.utf8), token: token)
        }
    }
}
