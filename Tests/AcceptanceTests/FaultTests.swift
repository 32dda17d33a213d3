import Foundation
import Synchronization
import Testing

@testable import Bench
@testable import Civic
@testable import Postgres

/// Citizens who write, and offices that take steps, one after the other on each ticket.
private final class People: Sendable {
    private let state: Mutex<(base: String, told: [String: Int])>

    init(base: String) { state = Mutex((base, [:])) }

    func move(to base: String) { state.withLock { $0.base = base } }

    private var base: String { state.withLock { $0.base } }
    /// How many notifications each ticket's citizen is owed.
    var told: [String: Int] { state.withLock { $0.told } }

    func tell(batch: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<6 { group.addTask { try await self.tell(batch * 6 + place, appIO: place >= 3) } }
            try await group.waitForAll()
        }
    }

    private func tell(_ number: Int, appIO: Bool) async throws {
        let person = appIO ? #""fiscal_code":"\#(Self.person(number))","# : ""
        let opened = try await post(
            #"{"id":"m\#(number)","from":{\#(person)"email":"c\#(number)@example.org"},"text":"buca in strada"}"#,
            to: "/v1/channels/portale/messages", token: City.token)
        let code = try #require(opened.member("ticket"), "\(opened.text)")
        for status in ["acknowledged", "in_progress", "resolved"] {
            let step = try await post(
                #"{"id":"\#(status)","status":"\#(status)","note":"fatto"}"#, to: "/v1/tickets/\(code)/events",
                token: City.officeToken)
            #expect([200, 201].contains(step.status), "\(step.text)")
        }
        state.withLock { $0.told[code] = 4 }
    }

    /// Posts until it is acknowledged, as the contract asks: the same id is the same message.
    private func post(_ json: String, to path: String, token: String) async throws -> HTTP.Answer {
        while true {
            guard let answer = try? await HTTP.post(base + path, body: Data(json.utf8), token: token) else { continue }
            if answer.status == 503 || answer.status == 429 { continue }
            return answer
        }
    }

    /// A fiscal code that fits; App IO's owners all of them.
    private static func person(_ number: Int) -> String {
        let digits = (number < 10 ? "0" : "") + "\(number)"
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
            let code = "RSSMRA\(digits)A01H501\(letter)"
            if FiscalCode(code) != nil { return code }
        }
        return ""
    }

}

/// The real daemon between citizens and an outside world that misbehaves in every way, killed amid it: afterwards what it
/// recorded and what arrived are held side by side (`History`).
@Suite(.serialized, .timeLimit(.minutes(30))) struct FaultAcceptance {
    /// One way to misbehave, and by what it is known that it was met: a member of the sandbox's counts.
    private struct Phase {
        let control: String
        let shown: [String]
        init(_ control: String, _ shown: String...) {
            self.control = control
            self.shown = shown
        }
    }

    /// Rates are one a second: on the busiest machine two still come within one.
    private static let phases = [
        Phase(#"{"smtp":{"mode":"busy"},"io":{"mode":"broken"}}"#, "smtp_busy", "io_broken"),
        Phase(#"{"smtp":{"mode":"reset"},"io":{"mode":"reset"}}"#, "smtp_reset", "io_reset"),
        Phase(#"{"smtp":{"mode":"half_answer"},"io":{"mode":"half_answer"}}"#, "smtp_half_answer", "io_half_answer"),
        Phase(#"{"smtp":{"fail_next":3,"status":452},"io":{"rate_limit":1}}"#, "smtp_452", "io_rate_limit"),
        Phase(
            #"{"smtp":{"mode":"slow","delay_ms":1500},"io":{"mode":"slow","delay_ms":1500}}"#, "smtp_slow", "io_slow"),
        Phase(#"{"smtp":{"mode":"drop_after_data"},"io":{"mode":"silent"}}"#, "smtp_drop_after_data", "io_silent"),
        Phase(#"{"smtp":{"rate_limit":1},"io":{"fail_next":2,"status":503}}"#, "smtp_rate_limit", "io_503"),
        Phase(#"{"smtp":{"fail_next":2,"status":421},"io":{"mode":"throttle"}}"#, "smtp_421", "io_throttle"),
        Phase(#"{"smtp":{"mode":"refuse_recipient"},"io":{"fail_next":2,"status":400}}"#, "smtp_550", "io_400"),
    ]
    /// The rate moves from phase to phase.
    private static let normal =
        #"{"smtp":{"mode":"normal","fail_next":0,"rate_limit":null},"io":{"mode":"normal","fail_next":0,"rate_limit":40}}"#

    /// Rome without quiet hours and bundling, whatever it ships with.
    private func configuration() throws -> String {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        let path = folder + "/pasquino.yaml"
        var lines: [Substring] = []
        var isOurs = false
        for line in try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if !line.hasPrefix(" ") { isOurs = line.hasPrefix("notifications:") }
            if !isOurs { lines.append(line) }
        }
        let text = lines.joined(separator: "\n") + "\nnotifications: {expire: 72h, attempts: 100}\n"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return folder
    }

    private func control(_ city: City, _ body: String) async throws {
        let answer = try await HTTP.post("http://127.0.0.1:\(city.sandboxPort)/control", body: Data(body.utf8))
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func shown(_ city: City) async throws -> [String: Int] {
        let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/counts")
        struct Counts: Decodable {
            let shown: [String: Int]
            let refused: [String: Int]
        }
        let counts = try JSONDecoder().decode(Counts.self, from: answer.body)
        return counts.shown.merging(counts.refused) { $1 }
    }

    @Test("none lost, none doubled beyond the promise, each ticket's in order, each outcome on record")
    func history() async throws {
        let folder = try configuration()
        let city = try await City(configuration: folder)
        var running = try await city.start()
        let people = People(base: running.base)

        for (number, phase) in Self.phases.enumerated() {
            let before = try await shown(city)
            try await control(city, phase.control)
            let telling = Task { try await people.tell(batch: number) }
            if number == 4 {
                // Amid requests that are under way.
                while try await shown(city)["smtp_slow", default: 0] == 0 {}
                running.program.signal(SIGKILL)
                _ = await running.program.wait()
                running = try await city.start()
                people.move(to: running.base)
            }
            while true {
                let now = try await shown(city)
                if phase.shown.allSatisfy({ now[$0, default: 0] > before[$0, default: 0] }) { break }
            }
            try await telling.value
            try await control(city, Self.normal)
        }
        try await city.quiet()

        let history = try await read(city, expected: people.told)
        for fault in history.faults { Issue.record("\(fault)") }
        // Sometimes: a run that met nothing proves nothing.
        let statuses = Set(history.told.map(\.status))
        #expect(statuses.isSuperset(of: ["delivered", "refused", "uncertain"]))
        #expect(history.expected.count == Self.phases.count * 6)
        #expect(history.told.contains { $0.tries.contains { $0.outcome == "waiting" } }, "nothing was tried again")
        #expect(history.told.contains { $0.insteadOf != nil }, "nothing took another's place")
        let mails = history.arrivals.filter { if case .mail = $0.key { true } else { false } }
        #expect(Set(mails.map(\.key)).count < mails.count, "no mail came twice, though answers were lost")
        #expect(running.program.output.contains("nothing goes to"), "no line was ever held")
        await city.end(running)
        try FileManager.default.removeItem(atPath: folder)
    }

    private func read(_ city: City, expected: [String: Int]) async throws -> History {
        let connection = try city.connection()
        let tries = try await connection.query(
            "select notification::text, outcome, reason from attempt order by at, number")
        var attempts: [String: [(outcome: String, reason: String?)]] = [:]
        for row in tries {
            guard let id = row.string(0), let outcome = row.string(1) else { continue }
            attempts[id, default: []].append((outcome, row.string(2)))
        }
        let rows = try await connection.query(
            """
            select n.id::text, t.code, n.medium, n.status, n.attempts, n.instead_of::text, n.fallback is not null,
                n.reason, starts_with(n.template, 'office_'), n.remote_id, n.recipient
            from notification n join ticket t on t.number = n.ticket
            """)
        let told = rows.compactMap { row -> History.Told? in
            guard let id = row.string(0), let ticket = row.string(1), let medium = row.string(2),
                let status = row.string(3), let count = row.int(4), let recipient = row.string(10)
            else { return nil }
            var tries = attempts[id] ?? []
            // That of a notification delivered at its first attempt is its own row.
            if tries.isEmpty, status == "delivered", count == 1 { tries = [("delivered", nil)] }
            return History.Told(
                id: id, ticket: ticket, medium: medium, status: status, attempts: Int(count),
                insteadOf: row.string(5), hasFallback: row.bool(6) ?? false, reason: row.string(7), tries: tries,
                isToCitizen: row.bool(8) == false, remoteID: row.string(9), recipient: recipient)
        }
        await connection.close()
        #expect(rows.count == told.count)
        let (mails, messages) = (try await arrivals(city, "mails"), try await arrivals(city, "messages"))
        return History(told: told, arrivals: mails + messages, crashes: 1, expected: expected)
    }

    private func arrivals(_ city: City, _ what: String) async throws -> [History.Arrival] {
        struct Arrived: Decodable {
            let at: String
            let id: Name
            let messageID: String?
            let person: String?
            enum CodingKeys: String, CodingKey {
                case at, id
                case messageID = "message_id"
                case person = "fiscal_code"
            }
            /// A number of a mail, a text of a message.
            enum Name: Decodable {
                case text(String)
                case number(Int)
                init(from decoder: any Decoder) throws {
                    let value = try decoder.singleValueContainer()
                    if let number = try? value.decode(Int.self) {
                        self = .number(number)
                    } else {
                        self = .text(try value.decode(String.self))
                    }
                }
            }
        }
        let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/\(what)?limit=1000")
        return try JSONDecoder().decode([Arrived].self, from: answer.body).map { one in
            let moment = try #require(Timestamp(rfc3339: one.at))
            let key: History.Arrival.Key
            if let person = one.person, case .text(let id) = one.id {
                key = .message(id, of: person)
            } else {
                key = .mail(String((one.messageID ?? "").dropFirst().prefix(36)))
            }
            return History.Arrival(key: key, moment: Double(moment.microseconds))
        }
    }
}
