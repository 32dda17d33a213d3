import Crypto
import Foundation
import Testing

/// Senders that speak no language of ours, by the examples of Config/README.md.
@Suite(.serialized) struct ForeignSenderAcceptance {
    private static let token = "acceptance-token-of-a-foreign-sender"
    private static let secret = "acceptance-secret-of-a-foreign-sender"

    /// Rome with the guide's channels of foreign senders, and one that signs.
    private static func rome() throws -> String {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        let guide = try String(contentsOfFile: City.root + "/Config/README.md", encoding: .utf8)
        let section = guide.components(separatedBy: "### Foreign senders\n")[1].components(separatedBy: "\n### ")[0]
        let blocks = section.components(separatedBy: "```yaml\nchannels:\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        let own = """
              - name: firmato
                type: webhook
                signature: {header: X-Hub-Signature-256, secret: "${env:FOREIGN_SECRET}"}
                fields: {text: TESTO}

            """
        let file = folder + "/channels.yaml"
        try (String(contentsOfFile: file, encoding: .utf8) + blocks.joined() + own)
            .write(toFile: file, atomically: true, encoding: .utf8)
        return folder
    }

    private static func sample(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: City.root + "/Tests/AcceptanceTests/Fixtures/" + name))
    }

    private func with(_ body: (City) async throws -> Void) async throws {
        let folder = try ForeignSenderAcceptance.rome()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        let city = try await City(
            configuration: folder,
            extra: [
                "PASQUINO_OPENCITY_TOKEN": ForeignSenderAcceptance.token,
                "PASQUINO_MODULO_TOKEN": ForeignSenderAcceptance.token,
                "PASQUINO_CENTRALINO_TOKEN": ForeignSenderAcceptance.token,
                "FOREIGN_SECRET": ForeignSenderAcceptance.secret,
            ])
        do {
            try await body(city)
        } catch {
            await city.end(nil)
            throw error
        }
        await city.end(nil)
    }

    private struct Tried: Decodable {
        struct Message: Decodable {
            struct From: Decodable {
                var name: String?
                var email: String?
                var phone: String?
                var fiscalCode: String?

                private enum CodingKeys: String, CodingKey {
                    case name, email, phone
                    case fiscalCode = "fiscal_code"
                }
            }
            struct File: Decodable {
                var name: String
                var size: Int
            }
            var id: String
            var sentAt: String?
            var from: From
            var text: String
            var attachments: [File]
            var fields: [String: String]

            private enum CodingKeys: String, CodingKey {
                case id, from, text, attachments, fields
                case sentAt = "sent_at"
            }
        }
        struct Explained: Decodable {
            struct Decision: Decodable { var category: String? }
            var decision: Decision
        }
        var message: Message?
        var notes: [String]
        var ignored: String?
        var explain: Explained?
    }

    private func tried(_ city: City, _ channel: String, _ file: String, _ more: [String] = []) async throws -> Tried {
        let path = City.root + "/Tests/AcceptanceTests/Fixtures/" + file
        let (status, output) = try await city.run(["channel", "try", channel, path, "--json"] + more)
        #expect(status == 0, "\(output)")
        return try JSONDecoder().decode(Tried.self, from: Data(output.utf8))
    }

    @Test("channel try shows what a post becomes, and stores nothing")
    func tries() async throws {
        try await with { city in
            let portal = try await tried(city, "opencity", "opencity.json")
            let message = try #require(portal.message)
            #expect(message.id == "5d0c2c4e-8f5f-4d0a-9b61-1f0c3a7e2b90" && message.sentAt == "2026-11-21T09:15:30Z")
            #expect(message.from.name == "Anna Rossi" && message.from.fiscalCode == "RSSNNA80A41H501L")
            #expect(message.from.email == "anna.rossi@example.org" && message.from.phone == "+393331234567")
            #expect(message.text == "C'è una buca enorme davanti alla scuola.\nTipo: Strade e marciapiedi")
            #expect(message.attachments.map(\.name) == ["buca.png"] && message.attachments[0].size == 70)
            #expect(message.fields["tipo"] == "strade" && message.fields["data.images.1.url"] != nil)
            #expect(portal.notes == ["attachments: an address, which is not fetched"])
            #expect(portal.explain?.decision.category != nil)

            let form = try await tried(city, "modulo", "jotform.multipart")
            #expect(form.message?.from.name == "Élodie D’Amico" && form.message?.fields["municipio"] == "7")
            #expect(form.message?.id == "6100000000000000001" && form.notes == [])
            let typed = try await tried(
                city, "modulo", "jotform.multipart",
                ["--type", "multipart/form-data; boundary=------------------------a1b2c3d4e5f60718"])
            #expect(typed.message?.text == form.message?.text)

            let call = try await tried(city, "centralino", "asterisk.json")
            #expect(call.message?.text == "Chiamata persa allo 060606 da 0612345678, dopo 95 secondi")
            #expect(call.message?.from.phone == "+390612345678" && call.message?.fields["coda"] == "060606")

            let other = try await tried(city, "centralino", "opencity.json")
            #expect(other.message == nil && other.explain == nil)
            #expect(other.ignored == "the channel takes only type: ChannelUserevent")

            let path = City.root + "/Tests/AcceptanceTests/Fixtures/asterisk.json"
            let (status, text) = try await city.run(["channel", "try", "centralino", path])
            #expect(status == 0)
            for line in [
                "id         1795256035.42", "from       +390612345678", "field      coda: 060606", "category   ",
            ] {
                #expect(text.contains(line), "\(line) in \(text)")
            }
            #expect(try await city.run(["channel", "try", "firmato", path]).status == 1)
            #expect(try await city.run(["channel", "try", "nessuno", path]).status == 2)
            let (explained, decision) = try await city.run(["explain", "--channel", "centralino", path, "--json"])
            #expect(explained == 0 && decision.contains("digitale.call-center"), "\(decision)")
            #expect(!FileManager.default.fileExists(atPath: city.state + "/postgresql"))
        }
    }

    @Test("Posts become tickets; what is not taken, or not understood, is kept")
    func posts() async throws {
        try await with { city in
            let running = try await city.start()
            do { try await post(city, running) } catch {
                running.program.signal(SIGKILL)
                _ = await running.program.wait()
                throw error
            }
            running.program.signal(SIGTERM)
            _ = await running.program.wait()
            #expect(!running.program.output.contains(ForeignSenderAcceptance.token))
        }
    }

    private func post(_ city: City, _ running: City.Running) async throws {
        let token = ForeignSenderAcceptance.token
        let json = ["Content-Type": "application/json"]

        // OpenCity: a bearer token; the steps of one application are one message.
        let portal = try ForeignSenderAcceptance.sample("opencity.json")
        let draft = Data(
            String(decoding: portal, as: UTF8.self).replacingOccurrences(of: "status_submitted", with: "status_draft")
                .utf8)
        let early = try await HTTP.post(running.base + "/v1/channels/opencity", body: draft, token: token)
        #expect(early.status == 200 && early.member("outcome") == "discarded")
        let opened = try await HTTP.post(running.base + "/v1/channels/opencity", body: portal, token: token)
        #expect(opened.status == 201 && opened.member("outcome") == "opened", "\(opened.text)")
        let later = Data(
            String(decoding: portal, as: UTF8.self).replacingOccurrences(
                of: "status_submitted", with: "status_registered"
            ).utf8)
        let again = try await HTTP.post(running.base + "/v1/channels/opencity/messages", body: later, token: token)
        #expect(again.status == 200 && again.member("outcome") == "duplicate")
        #expect(again.member("ticket") == opened.member("ticket"))

        // Jotform: the token in the address.
        let form = try ForeignSenderAcceptance.sample("jotform.multipart")
        let multipart = [
            "Content-Type": "multipart/form-data; boundary=------------------------a1b2c3d4e5f60718"
        ]
        let address = running.base + "/v1/channels/modulo"
        for (wrong, proof) in [
            ("", nil), ("?token=", nil), ("?token=wrong", nil), ("?tok=\(token)", nil), ("", "wrong"),
        ]
            as [(String, String?)]
        {
            let answer = try await HTTP.post(address + wrong, body: form, token: proof, headers: multipart)
            #expect(answer.status == 401, "\(wrong)")
        }
        let answer = try await HTTP.post(address + "?token=\(token)", body: form, headers: multipart)
        #expect(answer.status == 201, "\(answer.text)")
        let code = try #require(answer.member("ticket"))
        let ticket = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        #expect(ticket.member("area") == "municipio-vii")
        #expect(try await HTTP.post(address + "?token=\(token)", body: form, headers: multipart).status == 200)

        // A switchboard: the token in a header field of its own, JSON under a wrong name.
        let event = try ForeignSenderAcceptance.sample("asterisk.json")
        let call = try await HTTP.post(
            running.base + "/v1/channels/centralino", body: event,
            headers: ["X-Api-Key": token, "Content-Type": "application/x-www-form-urlencoded"])
        #expect(call.status == 201, "\(call.text)")
        let wrong = try await HTTP.post(
            running.base + "/v1/channels/centralino", body: event, headers: ["X-Api-Key": token + "x"])
        #expect(wrong.status == 401)
        let compressed = try await HTTP.post(
            running.base + "/v1/channels/centralino", body: event,
            headers: ["X-Api-Key": token, "Content-Encoding": "gzip"])
        #expect(compressed.status == 415)

        // A signature, and a mapping that is wrong until an operator mends it.
        let body = Data(#"{"testo":"Il lampione di via Appia è spento"}"#.utf8)
        let key = SymmetricKey(data: Data(ForeignSenderAcceptance.secret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: body, using: key).map { String(format: "%02x", $0) }
            .joined()
        let signed = ["X-Hub-Signature-256": "sha256=" + signature]
        let forged = try await HTTP.post(
            running.base + "/v1/channels/firmato", body: body + Data(" ".utf8),
            headers: json.merging(signed) { $1 })
        #expect(forged.status == 401)
        let unread = try await HTTP.post(
            running.base + "/v1/channels/firmato", body: body, headers: json.merging(signed) { $1 })
        #expect(unread.status == 202 && unread.member("outcome") == "unread")
        #expect(unread.member("reason")?.contains("no text") == true)

        let (_, listed) = try await city.run(["inbox", "list", "--json"])
        struct Kept: Decodable {
            var id: String
            var channel: String
            var reason: String
        }
        let kept = try JSONDecoder().decode(Kept.self, from: Data(listed.utf8))
        #expect(kept.channel == "firmato" && kept.reason.contains("no text"))
        #expect(try await city.run(["inbox", "show", kept.id]).output.contains("via Appia è spento"))
        let url = ["--url", running.base]
        #expect(try await city.run(["inbox", "replay", kept.id] + url).status == 1)
        let file = city.configuration + "/channels.yaml"
        try String(contentsOfFile: file, encoding: .utf8).replacingOccurrences(of: "TESTO", with: "testo")
            .write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try await city.run(["reload", "--timeout", "600"]).status == 0)
        let (status, replayed) = try await city.run(["inbox", "replay", kept.id] + url)
        #expect(status == 0 && replayed.hasPrefix("opened "), "\(replayed)")
        #expect(try await city.run(["inbox", "list"]).output.isEmpty)
    }
}
