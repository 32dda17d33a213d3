import Crypto
import Foundation
import Testing

/// The channel owner's road: what is posted, what is answered, what became of it.
@Suite(.serialized) struct IntakeAcceptance {
    @Test("A report becomes a ticket, the citizen is told, and each step after it too")
    func mainJob() async throws {
        let city = try await City()
        let running = try await city.start()
        let answer = try await running.post(
            """
            {"id":"a1","from":{"name":"Anna","email":"anna@example.org"},
             "text":"C'è una buca enorme in via Tuscolana 512","fields":{"municipio":"7"}}
            """)
        #expect(answer.status == 201)
        #expect(answer.member("outcome") == "opened")
        let code = try #require(answer.member("ticket"))
        let again = try await running.post(#"{"id":"a1","text":"another text, the same id"}"#)
        #expect(again.status == 200)
        #expect(again.member("outcome") == "duplicate")
        #expect(again.member("ticket") == code)

        let ticket = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        #expect(ticket.status == 200)
        #expect(ticket.member("area") == "municipio-vii")
        #expect(ticket.member("status") == "open")
        // Why it was decided so, as explain tells it.
        let members = try #require(try JSONSerialization.jsonObject(with: Data(ticket.text.utf8)) as? [String: Any])
        let record = try #require(members["decision"] as? [String: Any])
        let because = try #require(record["because"] as? [[String: Any]])
        #expect(because.first?["rule"] as? String == "strade.buche")
        #expect((because.first?["matched"] as? [[String: Any]])?.first?["text"] as? String == "buca")
        #expect(record["nearly"] is [Any])

        for (id, status) in [("e1", "acknowledged"), ("e2", "in_progress"), ("e3", "resolved")] {
            let event = try await running.post(
                #"{"id":"\#(id)","status":"\#(status)","note":"fatto * così"}"#,
                to: running.base + "/v1/tickets/\(code)/events",
                token: City.officeToken)
            #expect(event.status == 201, "\(status): \(event.text)")
        }
        let repeated = try await running.post(
            #"{"id":"e3","status":"resolved"}"#, to: running.base + "/v1/tickets/\(code)/events",
            token: City.officeToken)
        #expect(repeated.status == 200)
        let late = try await running.post(
            #"{"id":"e4","status":"in_progress"}"#, to: running.base + "/v1/tickets/\(code)/events",
            token: City.officeToken)
        #expect(late.status == 409)

        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.mails == 4)
        #expect(counts.distinctMessageIDs == 4)

        let url = try #require(answer.member("status_url"))
        let page = try await HTTP.get(running.base + url.dropFirst("http://127.0.0.1:8060".count))
        #expect(page.status == 200)
        #expect(page.text.contains(code))
        #expect(page.text.contains("risolta"))
        #expect(!page.text.contains("anna@example.org"))
        #expect(!page.text.contains("Tuscolana"))
        let wrong = try await HTTP.get(running.base + "/t/\(code)?k=00000000000000000000000000000000")
        #expect(wrong.status == 404)
        #expect(!wrong.text.contains(code))
        await city.end(running)
    }

    @Test("App IO: the app's owner gets a push, the others the e-mail")
    func appIO() async throws {
        let city = try await City()
        let running = try await city.start()
        for (id, code) in [("i1", "MRTNTN23M02D969P"), ("i2", "RCCMNL83S18D969H")] {
            let answer = try await running.post(
                #"{"id":"\#(id)","from":{"fiscal_code":"\#(code)","email":"x@example.org"},"text":"lampione spento"}"#)
            #expect(answer.status == 201)
            if id == "i1" { continue }
        }
        try await city.quiet()
        #expect(try await city.counts().messages == 2)
        // Somebody who has never had the app; what was found out of the others is believed for hours.
        _ = try await HTTP.post(
            "http://127.0.0.1:\(city.sandboxPort)/control",
            body: Data(#"{"io":{"without_app":["RSSMRA80A01H501U"]}}"#.utf8))
        _ = try await running.post(
            #"{"id":"i3","from":{"fiscal_code":"RSSMRA80A01H501U","email":"x@example.org"},"text":"lampione spento"}"#)
        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.messages == 2)
        #expect(counts.mails == 1)
        await city.end(running)
    }

    @Test("An office that forwards without saying where hands on to its second hop, and the citizen hears whom")
    func secondHop() async throws {
        let city = try await City()
        let running = try await city.start()
        func report(_ id: String, _ text: String) async throws -> String {
            let body =
                #"{"id":"\#(id)","from":{"email":"anna@example.org"},"text":"\#(text)","fields":{"municipio":"VII"}}"#
            return try #require(try await running.post(body).member("ticket"))
        }
        func forward(_ code: String) async throws -> HTTP.Answer {
            try await running.post(
                #"{"id":"f1","status":"forwarded"}"#, to: running.base + "/v1/tickets/\(code)/events",
                token: City.officeToken)
        }
        let dark = try await report("h1", "Il lampione sotto casa è spento da una settimana")
        #expect(try await forward(dark).status == 201)
        let ticket = try await HTTP.get(running.base + "/v1/tickets/\(dark)", token: City.officeToken)
        #expect(ticket.member("office") == "municipio-vii")
        try await city.quiet()
        let mails = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/mails")
        #expect(mails.text.contains("Areti"))

        let hole = try await report("h2", "C'è una buca in via Tuscolana")
        let refused = try await forward(hole)
        #expect(refused.status == 422)
        #expect(refused.member("pointer") == "/to_office")
        await city.end(running)
    }

    @Test("Every error answer of the contract")
    func errors() async throws {
        let city = try await City()
        let running = try await city.start()
        let good = #"{"id":"x","text":"buca"}"#
        func status(_ json: String, token: String? = City.token) async throws -> Int {
            try await running.post(json, token: token).status
        }
        #expect(try await status(good, token: nil) == 401)
        #expect(try await status(good, token: "wrong") == 401)
        #expect(try await status("{") == 400)
        #expect(try await status("") == 400)
        #expect(try await status("\u{0}") == 400)
        #expect(try await status("[]") == 422)
        #expect(try await status(#"{"id":"x"}"#) == 422)
        #expect(try await status(#"{"text":"x"}"#) == 422)
        #expect(try await status(#"{"id":"","text":"x"}"#) == 422)
        #expect(try await status(#"{"id":1,"text":"x"}"#) == 422)
        #expect(try await status(String(repeating: "[", count: 100_000)) == 400)
        #expect(try await status(#"{"id":"x","text":"x","location":{"lat":91,"lon":0}}"#) == 422)
        let pointer = try await running.post(#"{"id":"x","text":"x","from":{"email":"nobody"}}"#)
        #expect(pointer.status == 422)
        #expect(pointer.member("pointer") == "/from/email")
        #expect(pointer.headers["content-type"] == "application/problem+json")
        let type = try await HTTP.post(
            running.messages, body: Data(good.utf8), token: City.token, headers: ["Content-Type": "text/plain"])
        #expect(type.status == 415)
        let large = #"{"id":"x","text":"\#(String(repeating: "a", count: 2_000_000))"}"#
        #expect(try await status(large) == 413)
        let elsewhere = try await running.post(good, to: running.base + "/v1/channels/nowhere/messages")
        #expect(elsewhere.status == 404)
        #expect(try await HTTP.get(running.base + "/v1/tickets/RM-AAAAAAAA").status == 401)
        #expect(try await HTTP.get(running.base + "/health/ready").status == 200)
        #expect(try await HTTP.get(running.base + "/metrics").text.contains("pasquino_refused_total"))
        #expect(try await HTTP.get(running.base + "/openapi.yaml").text.hasPrefix("openapi: 3.1"))
        await city.end(running)
    }

    @Test("A Standard Webhooks signature is as good as a token, for five minutes")
    func signature() async throws {
        let city = try await City()
        let running = try await city.start()
        func post(id: String, at time: Int, body: String, signed: String? = nil) async throws -> Int {
            let key = SymmetricKey(data: try #require(Data(base64Encoded: City.signingSecret)))
            let mac = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(time).\(signed ?? body)".utf8), using: key)
            return try await HTTP.post(
                running.messages, body: Data(body.utf8), token: nil,
                headers: [
                    "Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": "\(time)",
                    "webhook-signature": "v1,AAAA v1,\(Data(mac).base64EncodedString())",
                ]
            ).status
        }
        let now = Int(Date().timeIntervalSince1970)
        #expect(try await post(id: "s1", at: now, body: #"{"id":"s1","text":"buca"}"#) == 201)
        #expect(try await post(id: "s2", at: now - 3600, body: #"{"id":"s2","text":"buca"}"#) == 401)
        #expect(try await post(id: "s3", at: now, body: #"{"id":"s3","text":"buca"}"#, signed: "{}") == 401)
        await city.end(running)
    }
}
