import Foundation

/// Rome with its Telegram bot and its Mastodon account open, both at the sandbox.
struct ChatCity: Sendable {
    let city: City
    let running: City.Running

    static let environment = [
        "PASQUINO_TELEGRAM": "true", "PASQUINO_MASTODON": "true",
        // Telegram takes no button that leads to this machine.
        "PASQUINO_BASE_URL": "https://urp.example.org",
    ]

    static func with(_ body: (ChatCity) async throws -> Void) async throws {
        let city = try await City(extra: environment)
        do {
            let running = try await city.start()
            do {
                try await body(ChatCity(city: city, running: running))
            } catch {
                await city.end(running)
                throw error
            }
            await city.end(running)
        } catch {
            await city.end(nil)
            throw error
        }
    }

    var sandbox: String { "http://127.0.0.1:\(city.sandboxPort)" }

    // MARK: Citizens

    /// Telegram delivers an update.
    func deliver(_ update: String, secret: String = City.telegramSecret) async throws -> Int {
        try await deliver(Data(update.utf8), secret: secret)
    }

    func deliver(_ update: Data, secret: String = City.telegramSecret) async throws -> Int {
        try await HTTP.post(
            running.base + "/v1/channels/telegram", body: update,
            headers: ["Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret]
        ).status
    }

    /// A message of Anna's, in the chat 4711, that consists of `members`.
    func write(_ members: String, number: Int, kind: String = "message") async throws -> Int {
        try await deliver(
            """
            {"update_id":\(9_000 + number),"\(kind)":{"message_id":\(number),"date":\(Int(Date().timeIntervalSince1970)),
            "from":{"id":4711,"is_bot":false,"first_name":"Anna","language_code":"it"},
            "chat":{"id":4711,"type":"private","first_name":"Anna"},\(members)}}
            """)
    }

    /// From now on the bot may write to Anna.
    func acquaint() async throws { try await ask("POST", "/api/chats/telegram/4711", "{}") }

    /// A picture that the sandbox keeps.
    /// - Returns: its id.
    func picture() async throws -> String {
        let pixel =
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        // Each another one: after the picture's end nothing is looked at.
        let bytes = (Data(base64Encoded: pixel) ?? Data()) + Data(UUID().uuidString.utf8)
        let answer = try await HTTP.post(
            sandbox + "/api/media?type=image/png", body: bytes, headers: ["Content-Type": "image/png"])
        return answer.member("id") ?? ""
    }

    @discardableResult
    func ask(_ method: String, _ path: String, _ body: String = "") async throws -> HTTP.Answer {
        method == "GET"
            ? try await HTTP.get(sandbox + path) : try await HTTP.post(sandbox + path, body: Data(body.utf8))
    }

    // MARK: The city

    /// All tickets, the oldest first.
    func tickets() async throws -> [[String: Any]] {
        let (_, output) = try await city.run(["ticket", "list", "--json"])
        let all = output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        return all.sorted { ($0["opened_at"] as? String ?? "") < ($1["opened_at"] as? String ?? "") }
    }

    func ticket(_ code: String) async throws -> [String: Any] {
        let answer = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        return try JSONSerialization.jsonObject(with: answer.body) as? [String: Any] ?? [:]
    }

    func step(_ code: String, _ id: String, _ status: String, note: String? = nil) async throws -> Int {
        let note = note.map { #","note":"\#($0)""# } ?? ""
        return try await running.post(
            #"{"id":"\#(id)","status":"\#(status)"\#(note)}"#, to: running.base + "/v1/tickets/\(code)/events",
            token: City.officeToken
        ).status
    }

    /// What arrived in a chat, once there are `count` of it.
    func said(_ messenger: String, _ count: Int) async throws -> [[String: Any]] {
        while true {
            let answer = try await HTTP.get(sandbox + "/api/chats?messenger=\(messenger)")
            let found = try JSONSerialization.jsonObject(with: answer.body) as? [[String: Any]] ?? []
            if found.count >= count { return found }
        }
    }
}
