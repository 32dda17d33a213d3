import Foundation

/// Fidenza with a mailbox and a certified one, both open to `pasquino deliver`.
struct MailCity: Sendable {
    static let token = "acceptance-token-of-the-post"

    let city: City
    let running: City.Running

    /// - Parameter keys: lines that the channel `posta` has beside its own.
    static func with(
        _ keys: String = "", main: String = "", extra: [String: String] = [:],
        _ body: (MailCity) async throws -> Void
    ) async throws {
        try await with(keys, main: main, extra: extra, stopped: { try await running($0, body) })
    }

    /// Starts a city for the time of `body`.
    static func running(_ city: City, _ body: (MailCity) async throws -> Void) async throws {
        let running = try await city.start()
        do {
            try await body(MailCity(city: city, running: running))
        } catch {
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
            throw error
        }
        running.program.signal(SIGTERM)
        _ = await running.program.wait()
    }

    /// A city that `body` starts and stops itself.
    /// - Parameters:
    ///   - main: lines of pasquino.yaml.
    ///   - extra: of its environment.
    static func with(
        _ keys: String, main: String = "", extra: [String: String] = [:], stopped body: (City) async throws -> Void
    ) async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/fidenza", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        try edit(folder + "/channels.yaml") { text in
            guard let start = text.range(of: "  # The mailbox, read by IMAP") else { return }
            text =
                text[..<start.lowerBound] + """
                      - name: posta
                        type: email
                        token: ${env:POST_TOKEN}
                    \(keys)
                      - name: pec
                        type: email
                        certified: true
                        token: ${env:POST_TOKEN}

                    """
        }
        try edit(folder + "/pasquino.yaml") {
            $0 =
                $0.replacingOccurrences(
                    of: "  connections: 2\n", with: "  connections: 2\n  replies: urp@fidenza.example.org\n") + main
        }
        let keys = ["MENSA", "TARI", "IMU", "CUP"].map { ("PASQUINO_IO_KEY_\($0)", "sandbox-key-\($0)") }
        let city = try await City(
            configuration: folder,
            extra: Dictionary(uniqueKeysWithValues: keys)
                .merging(["POST_TOKEN": token, "POST_PASSWORD": "parola"]) { $1 }.merging(extra) { $1 })
        do {
            try await body(city)
        } catch {
            await city.end(nil)
            throw error
        }
        await city.end(nil)
    }

    private static func edit(_ path: String, _ change: (inout String) -> Void) throws {
        var text = try String(contentsOfFile: path, encoding: .utf8)
        let before = text
        change(&text)
        guard text != before else { throw City.Failure("nothing was changed in \(path)") }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Hands a raw mail to the daemon.
    func post(_ mail: Data, to channel: String = "posta") async throws -> HTTP.Answer {
        try await HTTP.post(
            running.base + "/v1/channels/\(channel)", body: mail, token: MailCity.token,
            headers: ["Content-Type": "message/rfc822"])
    }

    func post(_ mail: TestMail, to channel: String = "posta") async throws -> HTTP.Answer {
        try await post(Data(mail.text.utf8), to: channel)
    }

    func ticket(_ code: String) async throws -> [String: Any] {
        let answer = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        return try JSONSerialization.jsonObject(with: answer.body) as? [String: Any] ?? [:]
    }

    func step(_ code: String, _ id: String, status: String) async throws -> Int {
        try await running.post(
            #"{"id":"\#(id)","status":"\#(status)"}"#, to: running.base + "/v1/tickets/\(code)/events",
            token: City.officeToken
        ).status
    }

    /// The raw mails that arrived, once nothing waits any more; the oldest first.
    func mails(to recipient: String) async throws -> [SentMail] {
        try await city.quiet()
        let base = "http://127.0.0.1:\(city.sandboxPort)/api/mails"
        let list = try await HTTP.get(base)
        let mails = try JSONSerialization.jsonObject(with: list.body) as? [[String: Any]] ?? []
        var found: [(Int, SentMail)] = []
        for mail in mails {
            guard let id = mail["id"] as? Int, (mail["to"] as? [String])?.contains(recipient) == true else { continue }
            let raw = try await HTTP.get("\(base)/\(id)")
            found.append((id, SentMail(envelopeSender: mail["from"] as? String ?? "", raw: raw.text)))
        }
        return found.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

/// A mail that the city sent.
struct SentMail: Sendable {
    let envelopeSender: String
    let raw: String

    /// A header field, unfolded.
    func field(_ name: String) -> String? {
        let head = raw.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n\n")[0]
            .replacingOccurrences(of: "\n ", with: " ")
        return head.split(separator: "\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    var replyAddress: String? {
        field("Reply-To").map { $0.split(separator: "<").last.map { $0.filter { $0 != ">" } } ?? $0 }
    }
}

/// A mail that somebody sends to the city.
struct TestMail: Sendable {
    var from = "Anna Verdi <anna@example.net>"
    var to = "urp@fidenza.example.org"
    var subject = "lampione spento in via Gramsci"
    var id: String? = "<first@example.net>"
    var fields: [String] = []
    var body = "Buongiorno, il lampione davanti al civico 12 di via Gramsci e' spento da una settimana.\nAnna"

    var text: String {
        var lines = ["From: \(from)", "To: \(to)", "Subject: \(subject)", "Date: Sat, 21 Nov 2026 10:00:00 +0100"]
        if let id { lines.append("Message-ID: \(id)") }
        lines += fields + ["MIME-Version: 1.0"]
        if !fields.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
            lines.append("Content-Type: text/plain; charset=utf-8")
        }
        return (lines + ["", body, ""]).joined(separator: "\n").replacingOccurrences(of: "\n", with: "\r\n")
    }
}
