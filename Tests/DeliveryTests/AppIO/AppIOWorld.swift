import Civic
import Foundation
import Observability
import Store
import Synchronization
import TestSupport
import Testing
import Transfer
import TransferTesting

@testable import Delivery
@testable import Settings

/// The shipped town in front of a sandbox of its own; waiting only moves the clock.
struct AppIOWorld: Sendable {
    static let keys = ["sandbox-key-1", "sandbox-key-2"]
    static let citizen = "RSSMRA68A01H501Y"

    let base: String
    let client: TransferClient
    let clock = Clock(Timestamp(seconds: 1_795_424_400))
    let account: AppIOAccount
    let seen = Seen<Observation>()

    static func with(_ body: @Sendable (AppIOWorld) async throws -> Void) async throws {
        try await withSandbox { ports in
            try await withClient { try await body(AppIOWorld(base: "http://127.0.0.1:\(ports.http)", client: $0)) }
        }
    }

    private init(base: String, client: TransferClient) {
        self.base = base
        self.client = client
        let clock = clock
        account = AppIOAccount(now: { clock.now }, wait: { clock.advance(by: $0) })
    }

    static func service(_ name: String, keys: [String], categories: [String] = [], premium: Bool = false)
        -> AppIO.Service
    {
        AppIO.Service(
            name: name, primaryKey: Secret(keys[0]), secondaryKey: keys.count > 1 ? Secret(keys[1]) : nil,
            categories: categories, isPremium: premium)
    }

    func services(
        _ first: AppIO.Service = service("Segnalazioni", keys: keys), _ others: [AppIO.Service] = [],
        profilesFor: Duration = .seconds(6 * 3600)
    ) -> AppIOServices {
        let (clock, seen) = (clock, seen)
        return AppIOServices(
            settings: AppIO(
                url: base + "/io/api/v1", service: first, services: others, callsPerSecond: 25, uncertain: .hold,
                profilesFor: profilesFor),
            account: account, client: client, observe: { seen.add($0) }, now: { clock.now })
    }

    func carrier(_ services: AppIOServices) throws -> AppIOCarrier {
        let town = try Town.configuration()
        return AppIOCarrier(
            settings: AppIO(
                url: base, service: services.services[0], callsPerSecond: 25, uncertain: .hold), services: services,
            facts: Facts(
                configuration: town, statusURL: { "https://c.example/t/\($0)?k=1" }, unsubscribeURL: { $0 },
                threadToken: { $0 }),
            templates: try TemplateLibrary(texts: town.templates, defaultLanguage: "it"))
    }

    func control(_ json: String, _ path: String = "/control") async throws {
        let answer = try await client.send(
            HTTPRequest(
                method: "POST", url: base + path, headers: [("Content-Type", "application/json")],
                body: Array(json.utf8)))
        #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
    }

    struct Counts: Decodable { let messages: Int, profiles: Int, looks: Int }
    struct Message: Decodable {
        struct Payment: Decodable, Equatable {
            let amount: Int64
            let noticeNumber: String
            let invalidAfterDueDate: Bool
            enum CodingKeys: String, CodingKey {
                case amount
                case noticeNumber = "notice_number"
                case invalidAfterDueDate = "invalid_after_due_date"
            }
        }
        let id: String, subject: String, service: String, status: String
        let markdown: String?
        let dueDate: String?
        let payment: Payment?
        let featureLevel: String
        enum CodingKeys: String, CodingKey {
            case id, subject, service, status, markdown, payment
            case dueDate = "due_date"
            case featureLevel = "feature_level"
        }
    }

    func counts() async throws -> Counts { try await get("/api/counts") }
    func messages() async throws -> [Message] { try await get("/api/messages") }

    private func get<Value: Decodable>(_ path: String) async throws -> Value {
        let answer = try await client.send(HTTPRequest(method: "GET", url: base + path))
        return try JSONDecoder().decode(Value.self, from: Data(answer.body))
    }

    func owed(
        _ template: String = "answered", to code: String = citizen, category: String? = nil, language: String = "it"
    ) -> OwedNotification {
        OwedNotification(
            id: .timeOrdered(at: clock.now), ticket: 7, event: .timeOrdered(at: clock.now), code: "FI-7Q4K2MXD",
            medium: .appIO, recipient: code, fallback: "anna@example.org", template: template, language: language,
            createdAt: clock.now, nextAttemptAt: clock.now, expiresAt: clock.now + .seconds(86_400),
            priority: .normal, category: category, office: "urp", openedAt: clock.now, dueAt: nil, eventAt: clock.now,
            note: "La mensa riapre lunedì.")
    }

    final class Clock: Sendable {
        private let moment: Mutex<Timestamp>
        init(_ start: Timestamp) { moment = Mutex(start) }
        var now: Timestamp { moment.withLock { $0 } }
        func advance(by time: Duration) { moment.withLock { $0 = $0 + time } }
    }

    final class Seen<Value: Sendable>: Sendable {
        private let kept = Mutex<[Value]>([])
        var values: [Value] { kept.withLock { $0 } }
        func add(_ value: Value) { kept.withLock { $0.append(value) } }
    }
}

/// The shipped cities, loaded once.
enum Town {
    private static func load(_ name: String) -> (configuration: Configuration?, findings: [Finding]) {
        ConfigurationLoader.load(
            directory: Repository.root.appending(path: "Config/\(name)").path, environment: [:], secrets: .optional)
    }
    private static let fidenza = load("fidenza")
    private static let roma = load("roma")

    static func configuration() throws -> Configuration {
        try #require(fidenza.configuration, "\(fidenza.findings)")
    }

    static func all() throws -> [Configuration] {
        [try configuration(), try #require(roma.configuration, "\(roma.findings)")]
    }
}
