import Crypto
import Foundation
import Testing

@Suite("WhatsApp and SMS, from the citizen to the ticket and back", .timeLimit(.minutes(10)))
struct MetaAndSMSTests {
    private struct Chat: Decodable {
        struct Button: Decodable { let title: String, act: String }
        let id: String, messenger: String, chat: String, text: String
        let buttons: [Button]
        let template: String?
        let inReplyTo: String?
        enum CodingKeys: String, CodingKey {
            case id, messenger, chat, text, buttons, template
            case inReplyTo = "in_reply_to"
        }
    }

    private func chats(_ city: City, atLeast count: Int) async throws -> [Chat] {
        while true {
            let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/chats")
            let chats = try JSONDecoder().decode([Chat].self, from: answer.body)
            if chats.count >= count { return chats }
        }
    }

    private func hex(_ code: some Sequence<UInt8>) -> String {
        code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func code(in text: String) throws -> String {
        String(try #require(text.firstMatch(of: /RM-[0-9A-Z]{8}/)).output)
    }

    // MARK: WhatsApp

    private func whatsapp(
        _ running: City.Running, _ value: String, secret: String = "app-secret"
    ) async throws -> HTTP.Answer {
        let body = """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
            "messaging_product":"whatsapp","metadata":{"phone_number_id":"4711"},
            "contacts":[{"profile":{"name":"Anna Bianchi"},"wa_id":"393331234567"}],\(value)}}]}]}
            """
        let signature = HMAC<SHA256>.authenticationCode(
            for: Data(body.utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return try await HTTP.post(
            running.base + "/v1/channels/whatsapp", body: Data(body.utf8),
            headers: ["Content-Type": "application/json", "X-Hub-Signature-256": "sha256=" + hex(signature)])
    }

    @Test("Odd events keep nobody out, words that look like commands are heard, and a command is obeyed once")
    func oddities() async throws {
        let extra = [
            "PASQUINO_WHATSAPP": "true", "PASQUINO_WHATSAPP_NUMBER": "4711",
            "PASQUINO_WHATSAPP_TOKEN": "sandbox-token", "PASQUINO_WHATSAPP_APP_SECRET": "app-secret",
            "PASQUINO_WHATSAPP_VERIFY_TOKEN": "parola",
        ]
        try await City.with(extra) { city, running in
            func text(_ id: String, _ body: String, from: String = "393331234567") -> String {
                #"{"from":"\#(from)","id":"\#(id)","timestamp":"1795424400","type":"text","text":{"body":"\#(body)"}}"#
            }
            func post(_ messages: String...) async throws {
                #expect(try await whatsapp(running, #""messages":[\#(messages.joined(separator: ","))]"#).status == 200)
            }
            // U+0000 wherever there is text.
            let place = #"""
                {"from":"393330000009","id":"wamid.\u0000","timestamp":"1795424400","type":"location",
                "location":{"latitude":41.9,"longitude":12.5,"name":"Bar\u0000","address":"via \u0000"}}
                """#
            try await post(
                text("wamid.1", "Lampione spento in via Appia 12"), place,
                text("wamid.2", "Che buca!", from: "393330000002"))
            // A failure in the future of a message that is not ours.
            let status = #"{"id":"wamid.nobody","status":"failed","timestamp":"4102444800","recipient_id":"1"}"#
            #expect(
                try await whatsapp(
                    running,
                    #""statuses":[\#(status)],"messages":[\#(text("wamid.3", "Una buca", from: "393330000003"))]"#
                ).status == 200)
            #expect(
                try await city.query("select count(distinct ticket)::text from message where ticket is not null") == [
                    "4"
                ])

            try await post(text("wamid.4", "Riapri il cancello del parco di via Tuscolana, per favore!"))
            #expect(
                try await city.query("select kind from message where external_id = 'wamid.4'") == ["reply"])
            // Stop, start, and the stop once more.
            try await post(text("wamid.5", "STOP"))
            try await post(text("wamid.6", "START"))
            try await post(text("wamid.5", "STOP"))
            #expect(
                try await city.query(
                    "select coalesce(muted_at::text, 'heard') from conversation where chat = '393331234567'")
                    == ["heard"])
            try await post(text("wamid.7", "NUOVA"))
            try await post(text("wamid.8", "Rifiuti in strada in via Cavour"))
            try await post(text("wamid.7", "NUOVA"))
            try await post(text("wamid.9", "E anche un materasso"))
            #expect(
                try await city.query(
                    "select (count(distinct ticket) = 1)::text from message where external_id in ('wamid.8', 'wamid.9')"
                )
                    == ["true"])
        }
    }

    @Test(
        "WhatsApp: the address is asked for, a message opens a ticket, the answer arrives, its receipt is noted; later the template"
    )
    func whatsapp() async throws {
        let extra = [
            "PASQUINO_WHATSAPP": "true", "PASQUINO_WHATSAPP_NUMBER": "4711",
            "PASQUINO_WHATSAPP_TOKEN": "sandbox-token", "PASQUINO_WHATSAPP_APP_SECRET": "app-secret",
            "PASQUINO_WHATSAPP_VERIFY_TOKEN": "parola",
        ]
        try await City.with(extra) { city, running in
            let address = running.base + "/v1/channels/whatsapp?hub.mode=subscribe&hub.challenge=1158201444"
            let challenge = try await HTTP.get(address + "&hub.verify_token=parola")
            #expect(challenge.status == 200)
            #expect(challenge.text == "1158201444")
            #expect(try await HTTP.get(address + "&hub.verify_token=altra").status == 403)

            _ = try await HTTP.post(
                "http://127.0.0.1:\(city.sandboxPort)/api/chats/whatsapp/393331234567", body: Data("{}".utf8))
            let picture = Data([0xFF, 0xD8, 0xFF, 0xE0]) + Data(repeating: 0, count: 100)
            _ = try await HTTP.post(
                "http://127.0.0.1:\(city.sandboxPort)/api/media?type=image/jpeg", body: picture)
            let message = #"""
                "messages":[{"from":"393331234567","id":"wamid.A","timestamp":"1795424400","type":"image",
                "image":{"id":"900000000000001","mime_type":"image/jpeg","caption":"C'è una buca in via Tuscolana 512"}}]
                """#
            #expect(try await whatsapp(running, message, secret: "forged").status == 401)
            #expect(try await whatsapp(running, message).status == 200)
            #expect(try await whatsapp(running, message).status == 200)
            let answer = try await chats(city, atLeast: 1)[0]
            #expect(answer.messenger == "whatsapp")
            #expect(answer.chat == "393331234567")
            #expect(answer.inReplyTo == "wamid.A")
            #expect(answer.buttons.map(\.act) == ["new"])
            let ticket = try code(in: answer.text)
            #expect(try await city.query("select count(*)::text from ticket") == ["1"])

            try await city.quiet()
            for state in ["read", "delivered"] {
                let status = #""statuses":[{"id":"\#(answer.id)","status":"\#(state)","timestamp":"1795424401"}]"#
                #expect(try await whatsapp(running, status).status == 200)
            }
            #expect(try await city.query("select receipt from notification") == ["read"])
            // The file is fetched once the message is durable.
            while try await city.query("select count(*)::text from media") != ["0"] {
                await Task.yield()
            }
            #expect(try await city.query("select count(*)::text from attachment") == ["1"])

            // A day later, the citizen is told by the template.
            _ = try await city.query("update conversation set last_at = last_at - interval '25 hours'")
            #expect(try await city.run(["ticket", "close", ticket, "--note", "Riparata"]).status == 0)
            let late = try await chats(city, atLeast: 2)[1]
            #expect(late.template == "aggiornamento_segnalazione")
            #expect(late.text.hasPrefix(ticket + "\n"))
            #expect(late.text.contains("Riparata"))

            // "It is not done", by the button that the end had within the window.
            let press = #"""
                "messages":[{"from":"393331234567","id":"wamid.B","timestamp":"1795424400","type":"interactive",
                "interactive":{"type":"button_reply","button_reply":{"id":"reopen:\#(ticket)","title":"No"}}}]
                """#
            #expect(try await whatsapp(running, press).status == 200)
            #expect(try await city.query("select status from ticket") == ["reopened"])
        }
    }

    // MARK: SMS

    private func sms(
        _ running: City.Running, _ pairs: [(String, String)], token: String = "sandbox-token"
    ) async throws -> HTTP.Answer {
        let text =
            "http://127.0.0.1:8060/v1/channels/sms" + pairs.sorted { $0.0 < $1.0 }.map { $0 + $1 }.joined()
        let signature = HMAC<Insecure.SHA1>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data(token.utf8)))
        let body = pairs.map { name, value in
            "\(name)=\(value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")"
        }.joined(separator: "&")
        return try await HTTP.post(
            running.base + "/v1/channels/sms", body: Data(body.utf8),
            headers: [
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Twilio-Signature": Data(signature).base64EncodedString(),
            ])
    }

    @Test(
        "SMS: a message opens a ticket, the answer arrives, what became of it is noted; who says STOP hears nothing more"
    )
    func sms() async throws {
        let extra = [
            "PASQUINO_SMS": "true", "PASQUINO_SMS_ACCOUNT": "AC1", "PASQUINO_SMS_TOKEN": "sandbox-token",
            "PASQUINO_SMS_FROM": "+393399957711",
        ]
        try await City.with(extra) { city, running in
            func incoming(_ id: String, _ text: String) -> [(String, String)] {
                [
                    ("MessageSid", id), ("AccountSid", "AC1"), ("From", "+393331234567"), ("To", "+393399957711"),
                    ("Body", text), ("NumMedia", "0"), ("NumSegments", "1"), ("SmsStatus", "received"),
                ]
            }
            let message = incoming("SM1", "C'è una buca in via Tuscolana 512, è pericolosa")
            #expect(try await sms(running, message, token: "forged").status == 401)
            for _ in 0..<2 {
                let answer = try await sms(running, message)
                #expect(answer.status == 200)
                #expect(answer.text.hasSuffix("<Response/>"))
                #expect(answer.headers["content-type"]?.hasPrefix("text/xml") == true)
            }
            let answer = try await chats(city, atLeast: 1)[0]
            #expect(answer.messenger == "sms")
            #expect(answer.chat == "+393331234567")
            let ticket = try code(in: answer.text)
            #expect(try await city.query("select count(*)::text from ticket") == ["1"])
            try await city.quiet()
            let receipt = [("MessageSid", answer.id), ("MessageStatus", "delivered"), ("To", "+393331234567")]
            #expect(try await sms(running, receipt).status == 200)
            #expect(try await city.query("select receipt from notification") == ["delivered"])

            #expect(try await sms(running, incoming("SM2", "stato")).status == 200)
            #expect(try await chats(city, atLeast: 2)[1].text.contains(ticket))
            #expect(try await sms(running, incoming("SM3", "STOP")).status == 200)
            #expect(try await city.run(["ticket", "close", ticket, "--note", "Riparata"]).status == 0)
            try await city.quiet()
            #expect(try await chats(city, atLeast: 2).count == 2)
            #expect(
                try await city.query("select status from notification where template = 'resolved'") == ["refused"])
        }
    }
}
