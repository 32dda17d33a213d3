import Civic
import EventLoop
import Foundation
import Postgres
import Settings
import Testing

@testable import Intake

extension City {
    /// On the sandbox's clock.
    static var moment: Double { Date().timeIntervalSince1970 * 1e6 }

    /// What a crowd sent, what the database holds and what the sandbox received.
    /// - Parameter crashes: see `History.crashes`.
    func history(of crowd: Crowd, crashes: [Double] = []) async throws -> History {
        let connection = PostgresConnection(
            configuration: PostgresConfiguration(
                connectionString: PostgresServer(directory: state).connectionString, applicationName: "history",
                statementTimeout: .seconds(3600), connectTimeout: .seconds(3600)),
            loop: try EventLoop(label: "history"), observe: { _ in })
        let told = try await told(connection)
        let requests = crowd.requests
        let kept = try await kept(connection, requests)
        let orphans = try await connection.query(
            "select code from ticket where not exists (select from message m where m.ticket = ticket.number)")
        await connection.close()
        var expected = crowd.told
        // Nobody took a step on those of which nobody heard.
        let unheard = Set(requests.filter { $0.ticket == nil }.map(\.id))
        for one in kept where unheard.contains(one.id) { if let ticket = one.ticket { expected[ticket] = 1 } }
        return History(
            told: told, arrivals: try await arrivals("mails") + arrivals("messages"), crashes: crashes,
            expected: expected, requests: requests, kept: kept, orphans: orphans.compactMap { $0.string(0) })
    }

    private func told(_ connection: PostgresConnection) async throws -> [History.Told] {
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
            // That of a notification delivered at its first attempt is its own row. One that was begun while PostgreSQL
            // was away, and had no mark there, may be on record under the same number.
            if status == "delivered", count == 1, tries.last?.outcome != "delivered" {
                tries.append(("delivered", nil))
            }
            return History.Told(
                id: id, ticket: ticket, medium: medium, status: status, attempts: Int(count),
                insteadOf: row.string(5), hasFallback: row.bool(6) ?? false, reason: row.string(7), tries: tries,
                isToCitizen: row.bool(8) == false, remoteID: row.string(9), recipient: recipient)
        }
        #expect(rows.count == told.count)
        return told
    }

    private func kept(_ connection: PostgresConnection, _ requests: [History.Request]) async throws -> [History.Kept] {
        let (loaded, findings) = ConfigurationLoader.load(
            directory: configuration, environment: environment, secrets: .optional)
        let classifier = Classifier(configuration: try #require(loaded, "\(findings)"))
        let sent = Dictionary(requests.map { ($0.id, $0) }) { first, _ in first }
        let rows = try await connection.query(
            """
            select m.external_id, m.body, t.code, coalesce(t.config, ''), coalesce(t.decision::text, ''),
                (extract(epoch from m.received_at) * 1000000)::bigint
            from message m left join ticket t on t.number = m.ticket where m.channel = 'portale'
            """)
        return try rows.map { row in
            let id = try #require(row.string(0))
            let version = row.string(3) ?? ""
            var evaluated: String?
            if let request = sent[id], version == classifier.configuration.hash {
                let receivedAt = Timestamp(microseconds: try #require(row.int(5)))
                evaluated = try City.decision(on: request, receivedAt: receivedAt, by: classifier)
            }
            return History.Kept(
                id: id, text: row.string(1) ?? "", ticket: row.string(2), version: version,
                decision: try City.canonical(row.string(4) ?? ""), evaluated: evaluated)
        }
    }

    private static func decision(
        on request: History.Request, receivedAt: Timestamp, by classifier: Classifier
    ) throws -> String {
        let channel = try #require(classifier.configuration.channels["portale"])
        let message = try JSONBody.decode(Array(request.body.utf8), as: WebhookBody.self).message(
            channel: channel.name, attests: channel.attests,
            bounds: WebhookBody.Bounds(
                text: classifier.configuration.limits.text, attachments: channel.files.count), now: receivedAt)
        return try canonical(classifier.decide(message).json.text)
    }

    /// The same JSON is the same text.
    private static func canonical(_ json: String) throws -> String {
        guard !json.isEmpty else { return "" }
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
        return String(decoding: try JSONSerialization.data(withJSONObject: value, options: .sortedKeys), as: UTF8.self)
    }

    private func arrivals(_ what: String) async throws -> [History.Arrival] {
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
        let answer = try await HTTP.get("http://127.0.0.1:\(sandboxPort)/api/\(what)?limit=10000")
        let all = try JSONDecoder().decode([Arrived].self, from: answer.body)
        // It shows no more than that.
        try #require(all.count < 10_000)
        return try all.map { one in
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
