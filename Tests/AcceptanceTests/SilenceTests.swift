import Foundation
import Testing

/// What no log may hold, after a run in which everything happens, at the most talkative level.
@Suite("silence", .serialized, .timeLimit(.minutes(20))) struct SilenceTests {
    /// All that stands in the city's environment to be kept secret, and all that a person gave.
    private func secrets(of rome: PeopleCity) -> [String] {
        let environment = rome.city.environment
        let names = environment.keys.filter { name in
            ["TOKEN", "KEY", "SECRET", "PASSWORD"].contains { name.contains($0) }
        }
        return names.compactMap { environment[$0] } + [
            "a-wrong-token-2718", "a-literal-secret-3141", "whsec_d3Jvbmctc2lnbmF0dXJl",
            "Squarcialupi", "Ermenegilda", "squarcialupi@", PeopleCity.phone, "3479988776", PeopleCity.fiscalCode,
            PeopleCity.street, "Tre Orologi", PeopleCity.word, PeopleCity.account,
        ]
    }

    private let json = ["Content-Type": "application/json"]

    @Test("What is hidden in an encoding is found", arguments: 0..<3) func disguises(_ offset: Int) {
        let text = String(repeating: "x", count: offset) + PeopleCity.email + "y"
        let hex = text.utf8.map { String($0, radix: 16) }.joined()
        for log in [
            text, text.uppercased(), PeopleCity.percent(text), Data(text.utf8).base64EncodedString(), hex,
        ] {
            #expect(Disguises.found([PeopleCity.email], in: "a=\(log) b") == [PeopleCity.email])
            #expect(Disguises.found([PeopleCity.fiscalCode], in: log) == [])
        }
    }

    @Test("No token, key, fiscal code, address or text in the log of a full run")
    func fullRun() async throws {
        try await PeopleCity.with { rome in
            _ = try await HTTP.post(rome.sandbox + "/api/chats/telegram/\(PeopleCity.account)", body: Data("{}".utf8))
            try await speak(rome)
            let codes = try await rome.codes()
            #expect(codes.count >= 4)
            try await refuse(rome, codes)
            try await fail(rome, codes)
            try await reload(rome)
            try await look(rome, codes)

            // What was to be told of is there: else the silence proves nothing.
            let log = rome.running.program.output
            for event in [
                "message from portale opened", "message from posta", "message from telegram opened",
                "message from open311 opened", "message to portale refused", "a file on telegram",
                "resolved by roma-capitale",
                "email for", "app_io for", "telegram for", "failed, attempt", "the new configuration was refused",
                "is in force", "mailbox posta",
            ] { #expect(log.contains(event), "\(event)") }
            let metrics = try await HTTP.get(rome.running.base + "/metrics").text
            let status = try await rome.city.run(["status", "--json"]).output
            for (name, text) in [("log", log), ("metrics", metrics), ("status", status)] {
                #expect(Disguises.found(secrets(of: rome), in: text) == [], "\(name)")
            }
        }
    }

    /// All channels, as they should be used.
    private func speak(_ rome: PeopleCity) async throws {
        #expect(try await rome.webhook("w1").status == 201)
        #expect(try await rome.webhook("w1").status == 200)
        #expect(try await rome.mail("m1").status == 201)
        let notice = "non interpretabile \u{0} \(PeopleCity.word)"
        _ = try await rome.mail("m2", body: notice)
        #expect(try await rome.telegram(1) == 200)
        #expect(try await rome.telegram(2, #""caption":"\#(PeopleCity.word)","photo":[{"file_id":"assente"}]"#) == 200)
        #expect(await rome.running.program.line(containing: "a file on telegram") != nil)
        #expect(try await rome.open311().status == 200)
        try await rome.city.quiet()
    }

    /// Whatever is refused, with her name in it wherever it can be.
    private func refuse(_ rome: PeopleCity, _ codes: [String]) async throws {
        let base = rome.running.base
        _ = try await rome.webhook("x1", token: "a-wrong-token-2718")
        let her = #""from":{"name":"\#(PeopleCity.name)","email":"\#(PeopleCity.email)"},"text":"\#(PeopleCity.word)""#
        for body in [
            #"{"id":"x2",\#(her)"#, #"{"id":["\#(PeopleCity.email)"],\#(her)}"#,
            #"{"id":"x3","from":{"email":"\#(PeopleCity.email) e altro"},"text":"a"}"#,
            #"{"id":"x4","from":{"fiscal_code":"\#(PeopleCity.fiscalCode)X"},"text":"a"}"#,
            #"{"id":"x5","from":{"phone":"\#(PeopleCity.phone)0000000000"},"text":"a"}"#,
            #"{"id":"x6","\#(PeopleCity.email)":1,"text":{"\#(PeopleCity.word)":1}}"#,
            #"{"id":"x7",\#(her),"language":"\#(PeopleCity.word)"}"#,
            #"{"id":"x8",\#(her),"attachments":[{"name":"\#(PeopleCity.word)","content":"\#(PeopleCity.word)!"}]}"#,
            #"{"id":"x9",\#(her),"location":{"lat":"\#(PeopleCity.street)","lon":1}}"#, PeopleCity.email,
            #"{"id":"x10","text":"\#(String(repeating: PeopleCity.word, count: 120_000))"}"#,
        ] { #expect(try await rome.running.post(body).status >= 400) }
        for header in [
            [
                "webhook-id": PeopleCity.email, "webhook-timestamp": "1",
                "webhook-signature": "v1,whsec_d3Jvbmctc2lnbmF0dXJl",
            ],
            ["Authorization": "Basic a-wrong-token-2718"], ["Content-Type": PeopleCity.email],
        ] {
            let answer = try await HTTP.post(
                rome.running.messages, body: Data("{}".utf8), headers: json.merging(header) { $1 })
            #expect(answer.status >= 400)
        }
        let mail = PeopleCity.percent(PeopleCity.email)
        for path in [
            "/v1/channels/\(mail)/messages", "/v1/channels/portale?token=a-wrong-token-2718",
            "/\(PeopleCity.fiscalCode)",
            "/v1/tickets/\(PeopleCity.fiscalCode)", "/v1/tickets?text=\(mail)", "/v1/citizens?phone=\(mail)",
            "/open311/v2/requests.json?api_key=a-wrong-token-2718&start_date=\(mail)", "/t/\(codes[0])?k=\(mail)",
            "/v1/channels/telegram?hub.verify_token=a-wrong-token-2718",
        ] {
            _ = try await HTTP.get(base + path)
            _ = try await HTTP.get(base + path, token: City.officeToken)
            _ = try await HTTP.post(base + path, body: Data(her.utf8), token: "a-wrong-token-2718")
        }
        #expect(try await rome.telegram(3, secret: "a-wrong-token-2718") == 401)
        #expect(try await rome.telegram(4, #""text":{"\#(PeopleCity.word)":"\#(PeopleCity.email)"}"#) == 200)
        #expect(try await rome.chat.deliver(#"{"update_id":"\#(PeopleCity.email)"#) == 200)
        #expect(try await rome.open311(key: "a-wrong-token-2718").status >= 400)
        _ = try await rome.open311([("lat", PeopleCity.email), ("media_url", "http://\(PeopleCity.email)")])
        let raw = "From: \(PeopleCity.email)\r\nContent-Type: multipart/mixed; boundary=\"\(PeopleCity.word)\"\r\n\r\nx"
        let mails = [
            (raw, PeopleCity.postToken), (PeopleCity.email, PeopleCity.postToken), (raw, "a-wrong-token-2718"),
        ]
        for (body, token) in mails {
            _ = try await HTTP.post(
                base + "/v1/channels/posta", body: Data(body.utf8), token: token,
                headers: ["Content-Type": "message/rfc822"])
        }
        for body in [
            #"{"id":"e1","status":"\#(PeopleCity.word)"}"#,
            #"{"id":"e2","status":"forwarded","to_office":"\#(PeopleCity.email)"}"#,
            #"{"id":"\#(PeopleCity.email)","status":"resolved","note":"\#(PeopleCity.name)","x":1"#,
        ] {
            let answer = try await rome.running.post(
                body, to: base + "/v1/tickets/\(codes[0])/events", token: City.officeToken)
            #expect(answer.status >= 400)
        }
    }

    /// Deliveries that fail, in ways that quote what they were about.
    private func fail(_ rome: PeopleCity, _ codes: [String]) async throws {
        let smtp = #""smtp":{"mode":"refuse_recipient","addresses":["\#(PeopleCity.email)"]}"#
        try await rome.control(#"{\#(smtp),"io":{"fail_next":3,"status":400},"chat":{"fail_next":2,"status":403}}"#)
        let note = "\(PeopleCity.name), \(PeopleCity.word)"
        for code in codes { #expect(try await rome.step(code, "answered", note: note) == 201) }
        try await rome.city.quiet()
        try await rome.control(
            #"{"smtp":{"mode":"tempfail"},"io":{"mode":"broken"},"chat":{"fail_next":3,"status":500}}"#)
        for code in codes { #expect(try await rome.step(code, "resolved", note: PeopleCity.word) == 201) }
        #expect(await rome.running.program.line(containing: "failed, attempt") != nil)
        _ = try await rome.city.run(["queue", "show"])
        try await rome.control(#"{"smtp":{"mode":"normal"},"io":{"mode":"normal"},"chat":{"mode":"normal"}}"#)
        _ = try await rome.city.run(["queue", "retry", "--status", "waiting"])
    }

    /// A configuration with a secret in it is refused, and then a good one is taken.
    private func reload(_ rome: PeopleCity) async throws {
        let path = rome.city.configuration + "/channels.yaml"
        let good = try String(contentsOfFile: path, encoding: .utf8)
        let bad = good.replacingOccurrences(of: "${env:PASQUINO_PORTALE_TOKEN}", with: "a-literal-secret-3141")
        #expect(bad != good)
        try bad.write(toFile: path, atomically: true, encoding: .utf8)
        rome.running.program.signal(SIGHUP)
        #expect(await rome.running.program.line(containing: "the new configuration was refused") != nil)
        try good.write(toFile: path, atomically: true, encoding: .utf8)
        rome.running.program.signal(SIGHUP)
        #expect(await rome.running.program.line(containing: "is in force") != nil)
    }

    /// Operators and offices at work; in the end she is erased.
    private func look(_ rome: PeopleCity, _ codes: [String]) async throws {
        let base = rome.running.base
        for query in [
            "phone=\(PeopleCity.percent(PeopleCity.phone))", "email=\(PeopleCity.email)",
            "fiscal_code=\(PeopleCity.fiscalCode)",
        ] { #expect(try await HTTP.get(base + "/v1/citizens?" + query, token: City.officeToken).status == 200) }
        #expect(try await HTTP.get(base + "/v1/tickets/\(codes[0])", token: City.officeToken).status == 200)
        #expect(try await HTTP.get(base + "/v1/tickets?text=\(PeopleCity.word)", token: City.officeToken).status == 200)
        let who = ["--email", PeopleCity.email, "--all"]
        let why = ["--reason", "richiesta", "--by", "il responsabile"]
        for arguments in [
            ["ticket", "note", codes[0], PeopleCity.word], ["citizen", "show", PeopleCity.email],
            ["citizen", "mute", PeopleCity.fiscalCode], ["citizen", "hold"] + who + ["--reason", "causa"],
            ["citizen", "release"] + who + ["--reason", "finita"], ["citizen", "export"] + who,
            ["citizen", "erase", "--open-too"] + who + why,
        ] {
            let result = try await rome.city.run(arguments)
            #expect(result.status == 0, "\(arguments): \(result.output)")
        }
    }
}
