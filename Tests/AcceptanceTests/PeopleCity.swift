import Foundation
import Postgres

/// Rome with its mailbox, its bot and its Open311 server open, at the most talkative level, and a person who is named on
/// all of them.
struct PeopleCity: Sendable {
    static let postToken = "acceptance-token-of-the-mailbox"
    static let postPassword = "acceptance-password-of-the-mailbox"
    static let open311Key = "acceptance-key-of-a-reporting-system"

    static let name = "Ermenegilda Squarcialupi"
    static let email = "e.squarcialupi@example.net"
    static let phone = "+393479988776"
    static let fiscalCode = "SQRRNG80A41H501T"
    static let street = "vicolo Tre Orologi"
    /// A word of hers in each text.
    static let word = "zanzibarese"
    static let account = "47119988"

    let city: City
    let running: City.Running
    var chat: ChatCity { ChatCity(city: city, running: running) }
    var sandbox: String { "http://127.0.0.1:\(city.sandboxPort)" }

    static func with(_ body: (PeopleCity) async throws -> Void) async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        let path = folder + "/pasquino.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: "logging: {level: info}", with: "logging: {level: debug}")
        guard changed != text else { throw City.Failure("nothing was changed in \(path)") }
        try changed.write(toFile: path, atomically: true, encoding: .utf8)
        let extra = [
            "PASQUINO_POSTA": "true", "PASQUINO_POSTA_TOKEN": postToken, "PASQUINO_POSTA_PASSWORD": postPassword,
            // Nobody listens there: that it cannot be read is told.
            "PASQUINO_POSTA_IMAP": "imaps://127.0.0.1:9", "PASQUINO_OPEN311": "true",
            "PASQUINO_OPEN311_KEY": open311Key,
        ]
        let city = try await City(configuration: folder, extra: ChatCity.environment.merging(extra) { $1 })
        let running: City.Running
        do { running = try await city.start() } catch {
            await city.end(nil)
            throw error
        }
        do { try await body(PeopleCity(city: city, running: running)) } catch {
            await city.end(running)
            throw error
        }
        await city.end(running)
    }

    // MARK: What she says

    func webhook(_ id: String, extra: String = "", token: String = City.token) async throws -> HTTP.Answer {
        let file = Data("la foto \(PeopleCity.word)".utf8).base64EncodedString()
        return try await running.post(
            """
            {"id":"\(id)","from":{"name":"\(PeopleCity.name)","email":"\(PeopleCity.email)","phone":"\(PeopleCity.phone)",
            "fiscal_code":"\(PeopleCity.fiscalCode)"},"subject":"Buca \(PeopleCity.word)",
            "text":"C'è una buca \(PeopleCity.word) davanti a casa mia in \(PeopleCity.street) 47",
            "location":{"lat":41.9,"lon":12.5,"address":"\(PeopleCity.street) 47"},
            "attachments":[{"name":"\(PeopleCity.word).txt","type":"text/plain","content":"\(file)"}]\(extra)}
            """, token: token)
    }

    func mail(_ id: String, body: String? = nil) async throws -> HTTP.Answer {
        let mail = TestMail(
            from: "\(PeopleCity.name) <\(PeopleCity.email)>", to: "urp@example.org",
            subject: "lampione \(PeopleCity.word)", id: "<\(id)@squarcialupi.example.net>",
            body: body ?? "Il lampione \(PeopleCity.word) in \(PeopleCity.street) 47 non va.\n\(PeopleCity.name)")
        return try await HTTP.post(
            running.base + "/v1/channels/posta", body: Data(mail.text.utf8), token: PeopleCity.postToken,
            headers: ["Content-Type": "message/rfc822"])
    }

    /// - Parameter members: of the message, in place of a text of hers.
    func telegram(_ number: Int, _ members: String? = nil, secret: String = City.telegramSecret) async throws -> Int {
        let said = members ?? #""text":"Rifiuti e roba \#(PeopleCity.word) in \#(PeopleCity.street) 47""#
        return try await chat.deliver(
            """
            {"update_id":\(8_000 + number),"message":{"message_id":\(number),"date":\(Int(Date().timeIntervalSince1970)),
            "from":{"id":\(PeopleCity.account),"is_bot":false,"first_name":"\(PeopleCity.name)","language_code":"it"},
            "chat":{"id":\(PeopleCity.account),"type":"private","first_name":"\(PeopleCity.name)"},\(said)}}
            """, secret: secret)
    }

    func open311(_ more: [(String, String)] = [], key: String = open311Key) async throws -> HTTP.Answer {
        let fields =
            [
                ("api_key", key), ("service_code", "manutenzione.buche"), ("lat", "41.9"), ("long", "12.5"),
                ("address_string", "\(PeopleCity.street) 47"), ("email", PeopleCity.email), ("phone", PeopleCity.phone),
                ("first_name", "Ermenegilda"), ("last_name", "Squarcialupi"),
                ("description", "Buca \(PeopleCity.word) che cresce"),
            ] + more
        let text = fields.map { "\(PeopleCity.percent($0))=\(PeopleCity.percent($1))" }.joined(separator: "&")
        return try await HTTP.post(
            running.base + "/open311/v2/requests.json", body: Data(text.utf8),
            headers: ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"])
    }

    static func percent(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    // MARK: The city

    func control(_ json: String) async throws {
        let answer = try await HTTP.post(sandbox + "/control", body: Data(json.utf8))
        guard answer.status == 200 else { throw City.Failure(answer.text) }
    }

    func step(_ code: String, _ status: String, note: String = "") async throws -> Int {
        try await running.post(
            #"{"id":"\#(UUID())","status":"\#(status)","note":"\#(note)"}"#,
            to: running.base + "/v1/tickets/\(code)/events", token: City.officeToken
        ).status
    }

    /// Of her tickets, and anybody's.
    func codes() async throws -> [String] {
        try await chat.tickets().compactMap { $0["code"] as? String }
    }

    /// The whole database as text.
    func dump() async throws -> String {
        let program = try Program(
            ["pg_dump", "-d", PostgresServer(directory: city.state).connectionString], environment: [:],
            executable: "/usr/bin/env")
        guard await program.wait() == 0 else { throw City.Failure("pg_dump: \(program.output.suffix(500))") }
        return program.output
    }
}

/// How something that must not be there may be written.
enum Disguises {
    /// As it is, in capitals, percent-encoded, in hexadecimal digits and in Base64, wherever it stands in what was encoded.
    static func of(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let encoded = (0..<3).map { offset -> String in
            let padded = Data(Array(repeating: UInt8(0), count: offset) + bytes).base64EncodedString()
            // The first and the last digits depend on what stands beside it.
            return String(padded.dropFirst(offset == 0 ? 0 : offset + 1).filter { $0 != "=" }.dropLast())
        }
        return [text, text.uppercased(), text.lowercased(), PeopleCity.percent(text), hex] + encoded
    }

    /// Which of these stand in a text, however they are written.
    static func found(_ secrets: [String], in log: String) -> [String] {
        let folded = log.lowercased()
        return secrets.filter { secret in
            folded.contains(secret.lowercased()) || of(secret).contains { log.contains($0) }
        }
    }
}
