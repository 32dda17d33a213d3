import Foundation
import Testing

/// What an administrator and an operator do all day.
@Suite(.serialized) struct OperationAcceptance {
    /// Rome, where a test may change files.
    private func copyOfRome() throws -> String {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        return folder
    }

    @Test("SIGHUP: a bad configuration changes nothing, a good one takes over; SIGTERM drains and ends with 0")
    func reload() async throws {
        let folder = try copyOfRome()
        let city = try await City(configuration: folder)
        let running = try await city.start()
        let rules = folder + "/rules/00-test.yaml"

        try "rules:\n  - name: prova\n    when: {text: [xyzzy]}\n    then: {category: nowhere.at-all}\n"
            .write(toFile: rules, atomically: true, encoding: .utf8)
        running.program.signal(SIGHUP)
        let refused = await running.program.line(containing: "00-test.yaml:4:22")
        #expect(refused?.contains("there is no category nowhere.at-all") == true)
        #expect(try await running.post(#"{"id":"r1","text":"xyzzy"}"#).status == 201)

        // An example whose outcome is not what the rules decide.
        try """
        rules:
          - name: prova
            when: {text: [xyzzy]}
            then: {category: manutenzione.buche}
            examples: {match: [{text: xyzzy, category: manutenzione.illuminazione}]}

        """.write(toFile: rules, atomically: true, encoding: .utf8)
        running.program.signal(SIGHUP)
        let failed = await running.program.line(containing: "00-test.yaml:5:24")
        #expect(failed?.contains("should become category manutenzione.illuminazione, not manutenzione.buche") == true)
        #expect(failed?.contains("rule prova (") == true)

        try """
        rules:
          - name: prova
            when: {text: [xyzzy]}
            then: {category: manutenzione.buche, office: urp, stop: true}
            examples: {match: [magic xyzzy word], no match: [plugh]}

        """.write(toFile: rules, atomically: true, encoding: .utf8)
        running.program.signal(SIGHUP)
        #expect(await running.program.line(containing: "is in force") != nil)
        let answer = try await running.post(#"{"id":"r2","text":"xyzzy"}"#)
        let code = try #require(answer.member("ticket"))
        let ticket = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        #expect(ticket.member("category") == "manutenzione.buche")
        #expect(ticket.member("office") == "urp")

        running.program.signal(SIGTERM)
        #expect(await running.program.wait() == 0)
        await city.end(nil)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("A rule whose example fails keeps the daemon from starting, with status 78 and the place")
    func examples() async throws {
        let folder = try copyOfRome()
        try
            "rules:\n  - name: prova\n    when: {text: [xyzzy]}\n    then: {tags: [x]}\n    examples:\n      match: [nothing of the kind]\n"
            .write(toFile: folder + "/rules/00-test.yaml", atomically: true, encoding: .utf8)
        let city = try await City(configuration: folder)
        let (status, output) = try await city.run(["serve"])
        #expect(status == 78)
        #expect(output.contains("00-test.yaml:6:15"))
        let (tested, report) = try await city.run(["test"])
        #expect(tested == 1)
        #expect(report.hasSuffix(" 1 failed"))
        await city.end(nil)
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("While a table is locked the daemon beats on: nobody takes over what it delivers")
    func lockedTable() async throws {
        try await City.with { city, running in
            try await city.session { other in
                try await other.transaction { session in
                    _ = try await session.query("lock table notification in access exclusive mode")
                    // Its round waits for the table.
                    let waiting =
                        "select count(*)::text from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'notification'"
                    while try await city.query(waiting).first == "0" {}
                    var beats = Set<String?>()
                    while beats.count < 4 { beats.formUnion(try await city.query("select beat_at::text from daemon")) }
                    #expect(try await city.query(waiting).first != "0")
                }
            }
            #expect(try await running.post(#"{"id":"locked","text":"buca"}"#).status == 201)
            try await city.quiet()
            #expect(!running.program.output.contains("took over"))
        }
    }

    @Test("The operator's hand: list, show, note, move, close, reopen; queue; status; explain")
    func tickets() async throws {
        let city = try await City()
        let running = try await city.start()
        let answer = try await running.post(
            #"{"id":"o1","from":{"email":"anna@example.org"},"text":"buca pericolosa","fields":{"municipio":"7"}}"#)
        let code = try #require(answer.member("ticket"))
        #expect(try await city.run(["ticket", "list", "--text", "pericolosa"]).output.contains(code))
        #expect(try await city.run(["ticket", "list", "--text", "%"]).output.contains(code) == false)
        // Dictated over the telephone: lower case, no hyphen.
        let spoken = code.lowercased().replacingOccurrences(of: "-", with: " ")
        let shown = try await city.run(["ticket", "show", spoken]).output
        #expect(shown.contains("a…@example.org"))
        // Why it was decided so, as explain tells it.
        #expect(shown.contains("rule strade.buche (") && shown.contains("“buca” at 0"))
        #expect(try await city.run(["ticket", "note", code, "visto"]).status == 0)
        #expect(try await city.run(["ticket", "move", code, "--office", "nowhere"]).status == 1)
        #expect(try await city.run(["ticket", "move", code, "--office", "urp"]).status == 0)
        #expect(try await city.run(["ticket", "close", code, "--note", "riparata"]).status == 0)
        #expect(try await city.run(["ticket", "close", "RM-00000000"]).status == 1)
        #expect(try await city.run(["ticket", "reopen", code]).status == 0)
        #expect(try await city.run(["ticket", "reopen", code]).status == 0, "a further note is no error")
        try await city.quiet()
        #expect(try await city.counts().mails == 4)
        let (status, report) = try await city.run(["status", "--json"])
        #expect(status == 0)
        #expect(report.contains(#""running":true"#))
        let (_, stored) = try await city.run(["explain", "--ticket", code, "--json"])
        #expect(stored.contains("because"))
        #expect(try await city.run(["queue", "retry", "not-an-id"]).status == 2)
        await city.end(running)
    }

    @Test("A mail server that is away, then back: nothing is lost, nothing doubled, App IO goes on")
    func destinationDown() async throws {
        let city = try await City()
        let running = try await city.start()
        let control = "http://127.0.0.1:\(city.sandboxPort)/control"
        _ = try await HTTP.post(control, body: Data(#"{"smtp":{"mode":"tempfail"}}"#.utf8))
        for index in 0..<20 {
            _ = try await running.post(#"{"id":"d\#(index)","from":{"email":"d\#(index)@example.org"},"text":"buca"}"#)
        }
        let push = try await running.post(#"{"id":"io","from":{"fiscal_code":"MRTNTN23M02D969P"},"text":"buca"}"#)
        #expect(push.status == 201)
        while try await city.counts().messages == 0 { await Task.yield() }
        #expect(try await city.counts().mails == 0)
        _ = try await HTTP.post(control, body: Data(#"{"smtp":{"mode":"normal"}}"#.utf8))
        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.distinctMessageIDs == 20)
        #expect(counts.mails == 20)
        await city.end(running)
    }

    @Test("App IO: the answer is lost after the request: never sent twice, the e-mail takes its place")
    func lostAnswer() async throws {
        let city = try await City()
        let running = try await city.start()
        let control = "http://127.0.0.1:\(city.sandboxPort)/control"
        func post(_ id: String, _ code: String) async throws -> Int {
            try await running.post(
                #"{"id":"\#(id)","from":{"fiscal_code":"\#(code)","email":"\#(id)@example.org"},"text":"buca"}"#
            ).status
        }
        // A connection that is kept, so that a client that repeats by itself would show.
        #expect(try await post("l1", "MRTNTN23M02D969P") == 201)
        try await city.quiet()
        _ = try await HTTP.post(control, body: Data(#"{"io":{"mode":"silent"}}"#.utf8))
        #expect(try await post("l2", "RCCMNL83S18D969H") == 201)
        // The profile is asked again and again; from now on it answers, and the message's answer is lost.
        while try await city.counts().messages < 1 { await Task.yield() }
        _ = try await HTTP.post(control, body: Data(#"{"io":{"mode":"normal"}}"#.utf8))
        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.messages <= 2, "an App IO message was sent twice")
        #expect(counts.messages + counts.mails >= 2)
        await city.end(running)
    }
}
