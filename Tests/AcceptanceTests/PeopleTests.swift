import Foundation
import Testing

/// A person asks what is kept of her, and then for nothing to be kept.
@Suite("people", .serialized, .timeLimit(.minutes(20))) struct PeopleTests {
    private static let traces = [
        "Squarcialupi", "Ermenegilda", "3479988776", PeopleCity.fiscalCode, PeopleCity.street, PeopleCity.word,
        PeopleCity.account,
    ]

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("All she said on any channel is exported; after the erasure a dump holds nothing, and nothing is sent")
    func exportAndErase() async throws {
        try await PeopleCity.with { rome in
            let city = rome.city
            _ = try await HTTP.post(rome.sandbox + "/api/chats/telegram/\(PeopleCity.account)", body: Data("{}".utf8))
            #expect(try await rome.webhook("w1").status == 201)
            #expect(try await rome.mail("m1").status == 201)
            #expect(try await rome.telegram(1) == 200)
            #expect(try await rome.open311().status == 200)
            let neighbour = try await rome.running.post(
                #"{"id":"n1","from":{"email":"bruno@example.org"},"text":"Lampione spento in piazza Zama 3"}"#)
            #expect(neighbour.status == 201)
            try await city.quiet()
            let codes = try await rome.codes()
            #expect(codes.count == 5)
            let other = try #require(neighbour.member("ticket"))
            for code in codes {
                let note = code == other ? "fatto" : "Signora Squarcialupi, fatto"
                #expect(try await rome.step(code, "resolved", note: note) == 201)
            }
            try await city.quiet()

            // By her address she is two people: the portal vouches for her, mail does not.
            let several = try await city.run(["citizen", "export", "--email", PeopleCity.email])
            #expect(several.status == 1)
            #expect(several.output.contains("more than one is known by that"))
            let files = city.state + "/export"
            let export = try await city.run([
                "citizen", "export", "--email", PeopleCity.email, "--all", "--files", files, "--reason", "art. 15",
            ])
            #expect(export.status == 0, "\(export.output)")
            for text in [
                "Buca \(PeopleCity.word)", "lampione \(PeopleCity.word)", "\(PeopleCity.word) che cresce",
                PeopleCity.fiscalCode, PeopleCity.phone, PeopleCity.street, "Signora Squarcialupi", "recipient",
            ] { #expect(export.output.contains(text), "\(text)") }
            #expect(!export.output.contains("bruno@"))
            for line in export.output.split(separator: "\n") {
                let one = try object(String(line))
                #expect(one["tickets"] as? [Any] != nil && one["messages"] as? [Any] != nil)
            }
            let kept = try FileManager.default.contentsOfDirectory(atPath: files + "/attachments")
            #expect(kept.count == 1)
            let content = try Data(contentsOf: URL(fileURLWithPath: files + "/attachments/\(kept.first ?? "")"))
            #expect(String(decoding: content, as: UTF8.self) == "la foto \(PeopleCity.word)")
            #expect(try await city.run(["citizen", "export", "--phone", "+390000000"]).status == 1)

            // Something is owed to her that cannot go, in the daemon's memory, and the matter is open again.
            try await rome.control(#"{"smtp":{"mode":"tempfail"},"io":{"mode":"broken"}}"#)
            let first = try #require(try object(try await rome.webhook("w1").text)["ticket"] as? String)
            #expect(try await rome.step(first, "reopened", note: "si riapre") == 201)
            while try await city.run(["queue", "show", "--ticket", first, "--waiting", "--json"]).output.isEmpty {}

            let who = ["--fiscal-code", PeopleCity.fiscalCode]
            let why = ["--reason", "richiesta del 3 marzo", "--by", "il responsabile"]
            #expect(try await city.run(["citizen", "erase"] + who).status == 2)
            #expect(try await city.run(["citizen", "hold"] + who + ["--reason", "causa 12"]).status == 0)
            let held = try await city.run(["citizen", "erase", "--open-too"] + who + why)
            #expect(held.status == 1)
            #expect(held.output.contains("legal hold"))
            #expect(try await city.run(["citizen", "release"] + who + ["--reason", "finita"]).status == 0)
            let open = try await city.run(["citizen", "erase"] + who + why)
            #expect(open.status == 1)
            #expect(open.output.contains(first))

            let statistics = """
                select concat_ws('|', code, status, category, office, area, opened_at, closed_at, due_at, channel)
                from ticket order by number
                """
            let before = try await city.query(statistics)
            let dry = try await city.run(
                ["citizen", "erase", "--email", PeopleCity.email, "--all", "--open-too", "--dry-run"])
            #expect(dry.status == 0)
            #expect(dry.output.contains("would be erased"))
            let erased = try await city.run(
                ["citizen", "erase", "--email", PeopleCity.email, "--all", "--open-too", "--json"] + why)
            #expect(erased.status == 0, "\(erased.output)")
            // In a messenger she is known by her account alone.
            let chat = try #require(
                try await city.query("select citizen::text from ticket where channel = 'telegram'").first.flatMap(
                    \.self))
            #expect(try await city.run(["citizen", "erase", chat] + why).status == 0)
            let again = try await city.run(["citizen", "erase"] + who + why)
            #expect(again.status == 0, "\(again.output)")
            #expect(again.output.contains("erased already"))

            #expect(try await city.query(statistics) == before)
            #expect(Disguises.found(Self.traces, in: try await rome.dump()) == [])

            // What was owed goes nowhere, now that it could.
            let mails = try await city.counts().mails
            try await rome.control(#"{"smtp":{"mode":"normal"},"io":{"mode":"normal"}}"#)
            #expect(try await rome.step(other, "reopened", note: "si riapre") == 201)
            try await city.quiet()
            let sent = try await HTTP.get(rome.sandbox + "/api/mails").text
            #expect(try await city.counts().mails > mails)
            let last = try #require(
                try JSONSerialization.jsonObject(with: Data(sent.utf8)) as? [[String: Any]]
            ).map { "\($0)" }
            #expect(last.filter { $0.contains("si riapre") && $0.contains(PeopleCity.email) } == [])
            let cancelled = try await city.query(
                "select reason from notification where status = 'cancelled' and recipient = ''")
            #expect(cancelled.contains("the personal data of its ticket were erased"))
            #expect(Disguises.found(Self.traces, in: try await rome.dump()) == [])

            try await audited(rome)
        }
    }

    private func audited(_ rome: PeopleCity) async throws {
        let audit = try await rome.city.run(["audit", "--json", "--since", "1d", "--limit", "1000"])
        #expect(audit.status == 0)
        let lines = try audit.output.split(separator: "\n").map { try object(String($0)) }
        let actions = Set(lines.compactMap { $0["action"] as? String })
        #expect(
            actions.isSuperset(of: [
                "ticket.resolved", "ticket.reopened", "citizen.export", "citizen.hold", "citizen.release",
                "citizen.erase",
            ]), "\(actions)")
        #expect(Disguises.found(Self.traces, in: audit.output) == [])
        let refused = await #expect(throws: (any Error).self) {
            try await rome.city.query("delete from audit where action = 'citizen.erase' returning action")
        }
        #expect(refused.map { "\($0)" }?.contains("appended") == true)
    }

    @Test("An office sees a citizen's story, and that it looked is on record; the command line shows it")
    func story() async throws {
        try await City.with { city, running in
            let answer = try await running.post(
                #"{"id":"a","from":{"phone":"+393479988776"},"text":"Buca in via Appia 12"}"#)
            let code = try #require(answer.member("ticket"))
            let url = running.base + "/v1/citizens"
            #expect(try await HTTP.get(url + "?phone=%2B393479988776").status == 401)
            #expect(try await HTTP.get(url + "?name=x", token: City.officeToken).status == 400)
            #expect(try await HTTP.get(url + "?phone=x", token: City.officeToken).status == 400)
            let story = try await HTTP.get(url + "?phone=%2B393479988776", token: City.officeToken)
            #expect(story.status == 200)
            #expect(story.text.contains(code))
            let nobody = try await HTTP.get(url + "?email=x@example.org", token: City.officeToken)
            #expect(nobody.text == #"{"citizens":[]}"#)
            #expect(try await city.run(["ticket", "note", code, "visto"]).status == 0)
            let lines = try await city.run(["audit", "--action", "citizen"]).output
            #expect(lines.contains("office:") && lines.contains("citizen.read"))
            #expect(!lines.contains("3479988776"))
            let ticket = try await city.run(["audit", "--ticket", code, "--json"]).output
            #expect(ticket.contains("ticket.note"))
            #expect(!ticket.contains("visto"))
        }
    }

    @Test("What is old enough goes by itself, is counted in status, and a look at it changes nothing")
    func retention() async throws {
        let city = try await City()
        do {
            var running = try await city.start()
            let answer = try await running.post(
                #"{"id":"a","from":{"name":"Ermenegilda","email":"anna@example.org"},"text":"Buca in via Appia 12"}"#)
            let code = try #require(answer.member("ticket"))
            try await city.quiet()
            #expect(try await city.run(["ticket", "close", code]).status == 0)
            try await city.quiet()
            running.program.signal(SIGTERM)
            _ = await running.program.wait()
            running = try await city.start()
            // The round that a start begins is over: the next one is ten minutes away.
            let round =
                "select what from retention_progress where what = 'remains' and looked_at > pg_postmaster_start_time()"
            while try await city.query(round).isEmpty {}
            try await city.query("update ticket set closed_at = now() - interval '6 years'")
            let due = try await city.run(["citizen", "retention", "--json"]).output
            #expect(due.contains(#"{"what":"tickets","days":1825,"due":1,"removed":0}"#), "\(due)")
            // The next start begins another.
            running.program.signal(SIGTERM)
            _ = await running.program.wait()
            running = try await city.start()
            #expect(await running.program.line(containing: "old enough and removed") != nil)
            #expect(try await city.query("select body from message") == [""])
            #expect(try await city.query("select code from ticket where citizen is null") == [code])
            let (_, status) = try await city.run(["status", "--json"])
            #expect(status.contains(#""what":"tickets""#))
            #expect(try await HTTP.get(running.base + "/metrics").text.contains("pasquino_retention_removed_total"))
            await city.end(running)
        } catch {
            await city.end(nil)
            throw error
        }
    }
}
