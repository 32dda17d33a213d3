import Crypto
import Foundation
import Testing

/// On which medium citizens are told, by the real program: Rome with an office that demands e-mail, and e-mail after a
/// minute unread.
@Suite("which medium, end to end", .serialized, .timeLimit(.minutes(30))) struct ChoiceAcceptance {
    private static let person = "MRTNTN23M02D969P"
    private static let other = "RCCMNL83S18D969H"

    private func with(
        _ extra: [String: String] = [:], _ body: (City, City.Running) async throws -> Void
    ) async throws {
        let folder = "/tmp/pasquino-choice-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        func change(_ file: String, _ old: String, _ new: String) throws {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            try #require(text.contains(old))
            try text.replacing(old, with: new).write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
        }
        try change(
            "pasquino.yaml", "notifications:\n", "notifications:\n  unread: 1m\n  media: [app_io, email]\n")
        try change(
            "offices.yaml", "email: municipio08@example.org", "email: municipio08@example.org\n    media: [email]")
        try await City.with(extra, configuration: folder, body)
    }

    private struct Opened {
        let code: String
        /// The address of its page on this daemon.
        let page: String
        let key: String
    }

    private func report(
        _ id: String, _ from: String, _ running: City.Running, municipio: Int = 7
    ) async throws -> Opened {
        let answer = try await running.post(
            #"{"id":"\#(id)","from":{\#(from)},"text":"Il lampione è spento","fields":{"municipio":"\#(municipio)"}}"#)
        #expect(answer.status == 201, "\(answer.text)")
        let code = try #require(answer.member("ticket"))
        let url = try #require(answer.member("status_url"))
        let path = url.dropFirst("http://127.0.0.1:8060".count)
        return Opened(code: code, page: running.base + path, key: String(path.drop { $0 != "=" }.dropFirst()))
    }

    private func step(_ code: String, _ id: String, _ status: String, _ running: City.Running) async throws {
        let answer = try await running.post(
            #"{"id":"\#(id)","status":"\#(status)","note":"una parola"}"#,
            to: running.base + "/v1/tickets/\(code)/events", token: City.officeToken)
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// What was sent of a ticket, in its order: `template medium status`.
    private func sent(_ code: String, _ city: City) async throws -> [String] {
        try await city.quiet()
        return try await city.query(
            """
            select n.template || ' ' || n.medium || ' ' || n.status from notification n
            join ticket t on t.number = n.ticket where t.code = '\(code)'
            order by n.created_at, n.instead_of is not null
            """
        ).compactMap(\.self)
    }

    private func member(_ name: String, of code: String, _ running: City.Running) async throws -> [String: Any]? {
        let answer = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        return (try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])?[name] as? [String: Any]
    }

    private func form(_ url: String, _ body: String) async throws -> HTTP.Answer {
        try await HTTP.post(
            url, body: Data(body.utf8), headers: ["Content-Type": "application/x-www-form-urlencoded"])
    }

    @Test("Whoever is not on App IO gets the e-mail, and what follows goes there at once, on new tickets, too")
    func notEnrolled() async throws {
        try await with { city, running in
            _ = try await HTTP.post(
                "http://127.0.0.1:\(city.sandboxPort)/control",
                body: Data(#"{"io":{"without_app":["\#(Self.other)"]}}"#.utf8))
            let from = #""fiscal_code":"\#(Self.other)","email":"bruna@example.org""#
            let first = try await report("n1", from, running)
            #expect(try await sent(first.code, city) == ["opened app_io refused", "opened email delivered"])
            try await step(first.code, "e1", "acknowledged", running)
            #expect(
                try await sent(first.code, city) == [
                    "opened app_io refused", "opened email delivered", "acknowledged email delivered",
                ])
            let contact = try #require(try await member("contact", of: first.code, running))
            #expect(contact["medium"] as? String == "email")
            #expect(contact["recipient"] as? String == "b…@example.org")
            #expect(contact["why"] as? String == "the city's order; app_io lately did not reach them")
            // Within two beats every daemon knows it.
            var second = [""]
            var number = 0
            while second != ["opened email delivered"] {
                number += 1
                let ticket = try await report("n2-\(number)", from, running)
                second = try await sent(ticket.code, city)
            }
            let (status, shown) = try await city.run(["ticket", "show", first.code])
            #expect(status == 0)
            #expect(
                shown.contains("told by    email b…@example.org: the city's order; app_io lately did not reach them"))
            #expect(shown.contains("opened: delivered by email, 2 media"))
            let (found, citizen) = try await city.run(["citizen", "show", Self.other, "--json"])
            #expect(found == 0)
            #expect(citizen.contains(#""unreached":{"app_io":"#) && !citizen.contains(Self.other))
        }
    }

    @Test("What is chosen on the page counts for the next notification; strangers and link followers change nothing")
    func page() async throws {
        try await with { city, running in
            let from = #""fiscal_code":"\#(Self.person)","email":"anna@example.org""#
            let ticket = try await report("p1", from, running)
            let page = try await HTTP.get(ticket.page)
            #expect(page.status == 200 && page.text.contains(#"<form method="post""#))
            let bare = running.base + "/t/\(ticket.code)"
            // Reading changes nothing, and neither does a wrong key.
            for address in ["", "/unsubscribe"] {
                #expect(try await HTTP.get(bare + address + "?k=\(ticket.key)").status == 200)
                for key in [
                    "", "0", String(repeating: "0", count: 32), ticket.key.dropLast() + "g", ticket.key + "0",
                    ticket.key.uppercased() + "x", "%00", "'%20or%201=1", String(repeating: "a", count: 3000),
                ] {
                    let refused = try await form(
                        bare + address + "?k=\(key)", "contact=none&all=1&List-Unsubscribe=One-Click")
                    #expect(refused.status == 404, "\(key)")
                    #expect(!refused.text.contains(ticket.code))
                }
            }
            let url = bare + "?k=\(ticket.key)"
            #expect(try await form(url, "contact=pec").status == 422)
            #expect(try await form(url, "contact=" + String(repeating: "x", count: 5000)).status == 413)
            #expect(try await form(bare + "/unsubscribe?k=\(ticket.key)", "").status == 400)
            let json = try await HTTP.post(url, body: Data(#"{"contact":"none"}"#.utf8))
            #expect(json.status == 415)
            #expect(try await city.query("select count(*)::text from preference") == ["0"])
            #expect(try await city.query("select contact_wish from ticket where contact_wish is not null").isEmpty)

            // Said once, and reloading the page does not say it again (RFC 9110, 15.4.4).
            let browser = try RawConnection(port: running.port)
            let choice = "contact=email&all=1"
            browser.send(
                "POST /t/\(ticket.code)?k=\(ticket.key) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: \(choice.utf8.count)\r\n\r\n"
                    + choice)
            let answer = try #require(browser.receive())
            #expect(answer.hasPrefix("HTTP/1.1 303"))
            #expect(answer.lowercased().contains("location: \(ticket.code.lowercased())?k=\(ticket.key)&saved=1"))
            let saved = try await HTTP.get(url + "&saved=1")
            #expect(saved.status == 200 && saved.text.contains("La tua scelta è salvata"))
            #expect(saved.text.contains(#"value="email" checked"#))
            try await step(ticket.code, "e1", "acknowledged", running)
            #expect(try await sent(ticket.code, city) == ["opened app_io delivered", "acknowledged email delivered"])
            #expect(
                try await city.query("select medium || ' ' || actor from preference") == ["email citizen"])
            let (status, shown) = try await city.run(["citizen", "show", "anna@example.org"])
            #expect(status == 0 && shown.contains("told by    email"))
            #expect(try await city.run(["citizen", "show", "nobody@example.org"]).status == 1)
        }
    }

    @Test("No more news: with one click in a mail, by an operator, with a message; the number still comes")
    func muted() async throws {
        try await with { city, running in
            let ticket = try await report("m1", #""email":"anna@example.org""#, running)
            let address = running.base + "/t/\(ticket.code)/unsubscribe?k=\(ticket.key)"
            // As mail programs post it (RFC 8058, 3.1).
            let boundary = "pasquino"
            let part = "--\(boundary)\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n"
            let clicked = try await HTTP.post(
                address, body: Data((part + "--\(boundary)--\r\n").utf8),
                headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"])
            #expect(clicked.status == 200 && clicked.text.contains("Non riceverai più notizie"))
            #expect(try await form(address, "List-Unsubscribe=One-Click").status == 200)
            try await step(ticket.code, "e1", "acknowledged", running)
            try await step(ticket.code, "e2", "answered", running)
            #expect(
                try await sent(ticket.code, city) == [
                    "opened email delivered", "acknowledged email cancelled", "answered email delivered",
                ])
            #expect(
                try await city.query("select reason from notification where status = 'cancelled'") == [
                    "the citizen wants no news"
                ])

            // An operator, for all that concerns a citizen.
            let second = try await report("m2", #""email":"bruna@example.org""#, running)
            let (status, output) = try await city.run(["citizen", "mute", "bruna@example.org"])
            #expect(status == 0 && output.hasSuffix(": none"))
            let (closed, told) = try await city.run(["ticket", "close", second.code])
            #expect(closed == 0 && told.contains("the citizen is not told: the citizen wants no news"))
            let third = try await report("m3", #""email":"bruna@example.org""#, running)
            #expect(try await sent(second.code, city) == ["opened email delivered", "resolved email cancelled"])
            #expect(try await sent(third.code, city) == ["opened email delivered"])
            #expect(try await city.run(["citizen", "prefer", "bruna@example.org", "pec"]).status == 2)
            #expect(try await city.run(["citizen", "prefer", "bruna@example.org", "any"]).status == 0)
            try await step(third.code, "e3", "acknowledged", running)
            #expect(try await sent(third.code, city).last == "acknowledged email delivered")

            // With a message: of whom the channel does not vouch for, for this ticket.
            let fourth = try await report("m4", #""email":"carla@example.org","contact":"none""#, running)
            try await step(fourth.code, "e4", "acknowledged", running)
            #expect(try await sent(fourth.code, city) == ["opened email delivered", "acknowledged email cancelled"])
            let wrong = try await running.post(#"{"id":"m5","from":{"contact":"sms"},"text":"Una buca"}"#)
            #expect(wrong.status == 422 && wrong.member("pointer") == "/from/contact")
        }
    }

    @Test("An office that demands e-mail gets its citizens told by nothing else")
    func demand() async throws {
        try await with { city, running in
            let from = #""fiscal_code":"\#(Self.person)","email":"anna@example.org""#
            let ticket = try await report("d1", from, running, municipio: 8)
            let contact = try #require(try await member("contact", of: ticket.code, running))
            #expect(contact["why"] as? String == "the office municipio-viii demands it")
            #expect(try await sent(ticket.code, city) == ["opened email delivered"])
            // Without an address: the number comes on the way that there is, news do not.
            let alone = try await report("d2", #""fiscal_code":"\#(Self.person)""#, running, municipio: 8)
            try await step(alone.code, "e1", "acknowledged", running)
            #expect(try await sent(alone.code, city) == ["opened app_io delivered", "acknowledged app_io cancelled"])
        }
    }

    @Test("A chat's message that is not read in time is followed by the e-mail, once")
    func unread() async throws {
        let extra = [
            "PASQUINO_WHATSAPP": "true", "PASQUINO_WHATSAPP_NUMBER": "4711",
            "PASQUINO_WHATSAPP_TOKEN": "sandbox-token", "PASQUINO_WHATSAPP_APP_SECRET": "app-secret",
            "PASQUINO_WHATSAPP_VERIFY_TOKEN": "parola",
        ]
        try await with(extra) { city, running in
            _ = try await HTTP.post(
                "http://127.0.0.1:\(city.sandboxPort)/api/chats/whatsapp/393331234567", body: Data("{}".utf8))
            try await whatsapp(
                #""messages":[{"from":"393331234567","id":"w1","timestamp":"1795424400","type":"text","text":{"body":"Una buca"}}]"#,
                running)
            try await city.quiet()
            let remote = try #require(try await city.query("select remote_id from notification")[0])
            // An address that the citizen gave, and a time that has passed.
            _ = try await city.query("update notification set fallback = 'anna@example.org'")
            try await whatsapp(
                #""statuses":[{"id":"\#(remote)","status":"delivered","timestamp":"1795424401"}]"#, running)
            _ = try await city.query(
                """
                with seen as (update conversation set last_at = now() - interval '1 hour')
                update notification set done_at = now() - interval '2 minutes'
                """)
            while try await city.counts().mails == 0 { await Task.yield() }
            try await whatsapp(#""statuses":[{"id":"\#(remote)","status":"read","timestamp":"1795424402"}]"#, running)
            try await city.quiet()
            #expect(try await city.counts().mails == 1)
            #expect(
                try await city.query(
                    "select status || ' ' || coalesce(reason, '') from notification order by created_at")
                    == ["delivered unread for 1 min: email follows", "delivered "])
        }
    }

    private func whatsapp(_ value: String, _ running: City.Running) async throws {
        let body = """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
            "messaging_product":"whatsapp","metadata":{"phone_number_id":"4711"},
            "contacts":[{"profile":{"name":"Anna Bianchi"},"wa_id":"393331234567"}],\(value)}}]}]}
            """
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(body.utf8), using: SymmetricKey(data: Data("app-secret".utf8)))
        let signature = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let answer = try await HTTP.post(
            running.base + "/v1/channels/whatsapp", body: Data(body.utf8),
            headers: ["Content-Type": "application/json", "X-Hub-Signature-256": "sha256=" + signature])
        #expect(answer.status == 200)
    }
}
