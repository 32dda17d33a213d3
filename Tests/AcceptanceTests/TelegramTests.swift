import Boundaries
import Foundation
import TestSupport
import Testing

/// Telegram from the citizen's side: what she says to the bot, and what it answers.
@Suite(.serialized, .timeLimit(.minutes(30))) struct TelegramAcceptance {
    private static let hole = #""text":"C'è una buca profonda in via Appia Nuova 512, davanti al civico""#

    @Test("An update becomes a ticket, the answer comes with buttons, and the button reopens what is not done")
    func conversation() async throws {
        try await ChatCity.with { rome in
            try await rome.acquaint()
            #expect(try await rome.deliver(#"{"update_id":1}"#, secret: "falso") == 401)
            #expect(try await rome.write(Self.hole, number: 1) == 200)
            #expect(try await rome.write(Self.hole, number: 1) == 200)
            let tickets = try await rome.tickets()
            #expect(tickets.count == 1)
            let code = try #require(tickets.first?["code"] as? String)
            #expect(tickets.first?["channel"] as? String == "telegram")
            #expect(tickets.first?["category"] as? String == "manutenzione.buche")

            let opening = try #require(try await rome.said("telegram", 1).first)
            #expect((opening["text"] as? String)?.contains(code) == true)
            #expect(opening["in_reply_to"] as? String == "1")
            let acts = (opening["buttons"] as? [[String: Any]] ?? []).compactMap { $0["act"] as? String }
            #expect(acts.contains("new"))
            #expect(acts.contains { $0.hasPrefix("https://urp.example.org/t/\(code)?k=") })

            #expect(try await rome.step(code, "r1", "resolved") == 201)
            let end = try #require(try await rome.said("telegram", 2).last)
            let reopen = (end["buttons"] as? [[String: Any]] ?? []).compactMap { $0["act"] as? String }
                .first { $0.hasPrefix("reopen:") }
            #expect(reopen == "reopen:\(code)")
            let press = """
                {"update_id":9100,"callback_query":{"id":"q1","from":{"id":4711,"is_bot":false,"first_name":"Anna"},
                "data":"reopen:\(code)","message":{"message_id":2,"date":0,"chat":{"id":4711,"type":"private"}}}}
                """
            #expect(try await rome.deliver(press) == 200)
            #expect(try await rome.ticket(code)["status"] as? String == "reopened")
            while try await !rome.ask("GET", "/api/telegram").text.contains(#""answered":["q1"]"#) {}
            // What comes next belongs to it, until something else is asked for.
            #expect(try await rome.write(#""text":"È ancora lì""#, number: 3) == 200)
            #expect(try await rome.tickets().count == 1)
            #expect(try await rome.write(#""text":"/nuova""#, number: 4) == 200)
            #expect(try await rome.write(#""text":"Lampione spento in piazza Zama""#, number: 5) == 200)
            #expect(try await rome.tickets().count == 2)
        }
    }

    @Test("kill -9 before Telegram hears that an update is taken: delivered again it is there once, and answered once")
    func crash() async throws {
        let city = try await City(extra: ChatCity.environment)
        do {
            var sent = 0
            for pass in 1...3 {
                try await city.crash(at: .chatTaken, pass) { running in
                    let rome = ChatCity(city: city, running: running)
                    try await rome.acquaint()
                    for _ in 1..<pass {
                        sent += 1
                        #expect(try await rome.write(Self.hole, number: sent) == 200)
                    }
                    #expect((try? await rome.write(Self.hole, number: sent + 1)) != 200)
                }
                sent += 1
                let rome = ChatCity(city: city, running: try await city.start())
                #expect(try await rome.write(Self.hole, number: sent) == 200)
                #expect(try await city.query("select count(*)::text from message") == ["\(sent)"])
                #expect(try await rome.tickets().count == 1)
                try await city.quiet()
                #expect(try await rome.said("telegram", 1).count == 1)
                rome.running.program.signal(SIGTERM)
                _ = await rome.running.program.wait()
            }
            await city.end(nil)
        } catch {
            await city.end(nil)
            throw error
        }
    }

    @Test("An album of five photos is one message; its files come after it")
    func album() async throws {
        try await ChatCity.with { rome in
            try await rome.acquaint()
            for number in 1...5 {
                let photo =
                    #""media_group_id":"g1","photo":[{"file_id":"\#(try await rome.picture())","width":1,"height":1}]"#
                let caption = number == 1 ? #","caption":"Rifiuti abbandonati in via Appia Nuova 512""# : ""
                #expect(try await rome.write(photo + caption, number: number) == 200)
            }
            let tickets = try await rome.tickets()
            #expect(tickets.count == 1)
            let code = try #require(tickets.first?["code"] as? String)
            while try await (rome.ticket(code)["attachments"] as? [Any])?.count != 5 {}
            #expect(try await rome.said("telegram", 1).count == 1)
        }
    }

    @Test("A picture and its position belong together, in either order")
    func place() async throws {
        try await ChatCity.with { rome in
            try await rome.acquaint()
            let photo = #""caption":"Buca pericolosa","photo":[{"file_id":"\#(try await rome.picture())"}]"#
            #expect(try await rome.write(photo, number: 1) == 200)
            let place = #""location":{"latitude":41.8722,"longitude":12.5236,"horizontal_accuracy":12}"#
            #expect(try await rome.write(place, number: 2) == 200)
            let tickets = try await rome.tickets()
            #expect(tickets.count == 1)
            #expect((tickets.first?["area"] as? String)?.isEmpty == false)
        }
    }

    @Test("One update delivered a thousand times at once is one ticket")
    func thousand() async throws {
        try await ChatCity.with { rome in
            try await rome.acquaint()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<1000 { tasks.addTask { try await rome.write(Self.hole, number: 1) } }
                return try await tasks.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses == [200: 1000])
            #expect(try await rome.tickets().count == 1)
            #expect(try await rome.said("telegram", 1).count == 1)
        }
    }

    @Test(
        "Every recorded update, and what is no update, is answered 200",
        .enabled(if: SharedData.has("webhooks/telegram-updates.tar.xz")))
    func recorded() async throws {
        try await ChatCity.with { rome in
            let files = try SharedData.files(of: "webhooks/telegram-updates.tar.xz").filter {
                $0.path.hasSuffix(".json")
            }
            #expect(files.count >= 54)
            for (path, update) in files { #expect(try await rome.deliver(update) == 200, "\(path)") }
            for odd in ["", "{", "[]", "{}", #"{"update_id":7,"message":{}}"#] {
                #expect(try await rome.deliver(odd) == 200, "\(odd)")
            }
            let metrics = try await HTTP.get(rome.running.base + "/metrics").text
            #expect(metrics.contains(#"pasquino_messages_total{channel="telegram",outcome="ignored"}"#))
            let (_, inbox) = try await rome.city.run(["inbox", "list", "--json"])
            #expect(inbox.split(separator: "\n").count >= 4)
        }
    }

    @Test("No secret and no citizen in the log")
    func silence() async throws {
        try await ChatCity.with { rome in
            try await rome.acquaint()
            // A file that is not there: its failure is told.
            #expect(try await rome.write(#""caption":"Buca","photo":[{"file_id":"assente"}]"#, number: 1) == 200)
            #expect(await rome.running.program.line(containing: "file on telegram") != nil)
            let log = rome.running.program.output
            for secret in ["sandbox-token", City.telegramSecret, "4711", "Anna"] { #expect(!log.contains(secret)) }
        }
    }
}

/// Mastodon from the citizen's side.
@Suite(.serialized, .timeLimit(.minutes(30))) struct MastodonAcceptance {
    @Test("Mentions become tickets, also those of an outage; the public hears no key, and who wrote privately does")
    func mentions() async throws {
        let city = try await City(extra: ChatCity.environment)
        do {
            var rome = ChatCity(city: city, running: try await city.start())
            try await rome.ask(
                "POST", "/api/mastodon/mentions",
                #"{"html":"<p><a class=\"mention\" href=\"https://m/@roma\">@<span>roma</span></a> C&apos;è una buca profonda in via Appia Nuova 512</p>"}"#
            )
            rome.running.program.signal(SIGTERM)
            _ = await rome.running.program.wait()
            // What is said while the daemon is away; one old, one new.
            try await rome.ask(
                "POST", "/api/mastodon/mentions",
                #"{"acct":"bruno","html":"<p>@roma Lampione spento in piazza Zama</p>","visibility":"direct"}"#)
            rome = ChatCity(city: city, running: try await city.start())
            while try await rome.tickets().count != 2 {}
            let said = try await rome.said("mastodon", 2)
            let toAnna = try #require(said.first { $0["chat"] as? String == "anna@example.social" })
            #expect(toAnna["visibility"] as? String == "unlisted")
            #expect((toAnna["text"] as? String)?.contains("?k=") == false)
            let toBruno = try #require(said.first { $0["chat"] as? String == "bruno@127.0.0.1" })
            #expect(toBruno["visibility"] as? String == "direct")
            #expect((toBruno["text"] as? String)?.contains("https://urp.example.org/t/") == true)
            for answer in said { #expect(answer["in_reply_to"] as? String != nil) }
            // Again from the last position: nothing comes twice.
            rome.running.program.signal(SIGTERM)
            _ = await rome.running.program.wait()
            rome = ChatCity(city: city, running: try await city.start())
            #expect(await rome.running.program.line(containing: "channel mastodon is connected") != nil)
            #expect(try await rome.tickets().count == 2)
            #expect(!rome.running.program.output.contains("sandbox-token"))
            await city.end(rome.running)
        } catch {
            await city.end(nil)
            throw error
        }
    }

    @Test("kill -9 before and after it is on disk how far was read: each mention one ticket, and one answer")
    func crash() async throws {
        let city = try await City(extra: ChatCity.environment)
        do {
            var rome = ChatCity(city: city, running: try await city.start())
            var said = 0
            for boundary in [Boundary.pollTaken, .pollRemembered] {
                rome.running.program.signal(SIGTERM)
                _ = await rome.running.program.wait()
                said += 1
                try await rome.ask(
                    "POST", "/api/mastodon/mentions",
                    #"{"acct":"p\#(said)","html":"<p>@roma Lampione spento in via Appia Nuova \#(said)</p>"}"#)
                try await city.crash(at: boundary)
                rome = ChatCity(city: city, running: try await city.start())
                #expect(await rome.running.program.line(containing: "channel mastodon is connected") != nil)
                while try await rome.tickets().count < said {}
                try await city.quiet()
                #expect(try await rome.tickets().count == said)
                #expect(try await rome.said("mastodon", said).count == said)
            }
            await city.end(rome.running)
        } catch {
            await city.end(nil)
            throw error
        }
    }
}
