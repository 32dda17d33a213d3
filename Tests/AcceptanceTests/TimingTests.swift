import Foundation
import Testing

/// When citizens and offices are told: bundles, quiet hours, tickets that wait, tickets that are due.
@Suite(.serialized, .timeLimit(.minutes(30))) struct TimingAcceptance {
    private func open(_ id: String, from: String, _ running: City.Running) async throws -> String {
        let answer = try await running.post(
            #"{"id":"\#(id)","from":{\#(from)},"text":"buca pericolosa","fields":{"municipio":"7"}}"#)
        return try #require(answer.member("ticket"), "\(answer.text)")
    }

    private func step(_ running: City.Running, _ code: String, _ id: String, _ status: String, note: String = "")
        async throws
    {
        let answer = try await running.post(
            #"{"id":"\#(id)","status":"\#(status)","note":"\#(note)"}"#,
            to: running.base + "/v1/tickets/\(code)/events",
            token: City.officeToken)
        #expect(answer.status == 201, "\(answer.text)")
    }

    private struct Mail: Decodable {
        var to: [String]
        var subject: String
        var text: String?
    }

    private func mails(_ city: City, to recipient: String) async throws -> [Mail] {
        let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/mails")
        return try JSONDecoder().decode([Mail].self, from: answer.body).filter { $0.to.contains(recipient) }
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func ticket(_ code: String, _ running: City.Running) async throws -> [String: Any] {
        try object(try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken).text)
    }

    private func waiting(_ city: City) async throws -> [[String: Any]] {
        let (status, output) = try await city.run(["queue", "show", "--waiting", "--json"])
        #expect(status == 0)
        return try output.split(separator: "\n").map { try object(String($0)) }
    }

    @Test("Three steps within the window are one mail that tells all three, and the ticket says so")
    func bundle() async throws {
        try await City.with(["PASQUINO_BUNDLE": "60m"]) { city, running in
            let code = try await open("b1", from: #""email":"anna@example.org""#, running)
            try await city.quiet()
            #expect(try await city.counts().mails == 1)
            try await step(running, code, "1", "acknowledged", note: "ci pensa Mario")
            try await step(running, code, "2", "in_progress")
            // One waits; the one before it is in it.
            let held = try await waiting(city)
            #expect(held.count == 1 && held.first?["attempts"] as? Int == 0)
            try await step(running, code, "3", "resolved", note: "riparata")
            try await city.quiet()
            let told = try await mails(city, to: "anna@example.org")
            #expect(told.count == 2)
            #expect(try await city.counts().mails == 2)
            let text = try #require(told.first { $0.text?.contains("riparata") == true }?.text)
            let lines = text.split(whereSeparator: \.isNewline)
            #expect(lines.contains { $0.hasSuffix(": presa in carico – ci pensa Mario") }, "\(text)")
            #expect(lines.contains { $0.hasSuffix(": in lavorazione") }, "\(text)")

            let shown = try await ticket(code, running)
            let notifications = try #require(shown["notifications"] as? [[String: Any]])
            #expect(
                notifications.map { $0["status"] as? String } == ["delivered", "cancelled", "cancelled", "delivered"])
            #expect(notifications[1]["reason"] as? String == "told together with a later step")
            let together = try #require(notifications.last?["together"] as? [[String: Any]])
            #expect(together.map { $0["kind"] as? String } == ["acknowledged", "in_progress"])
            #expect(
                try await city.run(["ticket", "show", code]).output.contains("together with acknowledged, in_progress"))
        }
    }

    @Test("In quiet hours App IO waits for the morning, mail does not, and who has just written is answered")
    func quiet() async throws {
        let rome = try #require(TimeZone(identifier: "Europe/Rome"))
        func clock(_ date: Date) -> String {
            let minute = (Int(date.timeIntervalSince1970) + rome.secondsFromGMT(for: date)) % 86_400 / 60
            return "\(minute / 60 < 10 ? "0" : "")\(minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60)"
        }
        // Quiet all day but for one minute, which is hours away.
        let end = clock(Date() + 8 * 3600)
        let folder = NSTemporaryDirectory() + "pasquino-quiet-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        let settings = try String(contentsOfFile: folder + "/pasquino.yaml", encoding: .utf8)
        let quiet = settings.replacing(#"to: "07:30""#, with: #"to: "\#(end)""#)
        #expect(quiet != settings || end == "07:30")
        try quiet.write(toFile: folder + "/pasquino.yaml", atomically: true, encoding: .utf8)
        let from = clock(Date() + 8 * 3600 + 60)
        try await City.with(["PASQUINO_QUIET_FROM": from], configuration: folder) { city, running in
            let citizen = try await open("q1", from: #""fiscal_code":"MRTNTN23M02D969P""#, running)
            let writer = try await open("q2", from: #""email":"anna@example.org""#, running)
            try await city.quiet()
            #expect(try await city.counts().messages == 1)
            try await step(running, citizen, "1", "resolved")
            try await step(running, writer, "2", "resolved")
            while try await mails(city, to: "anna@example.org").count < 2 { await Task.yield() }
            let held = try await waiting(city)
            #expect(held.map { $0["ticket"] as? String } == [citizen])
            let next = try #require(held.first?["next_attempt_at"] as? String)
            let date = try #require(ISO8601DateFormatter().date(from: next))
            #expect(clock(date) == end && date > Date() && date < Date() + 86_400)
            #expect(try await city.counts().messages == 1)
        }
    }

    @Test("A ticket waits for its citizen, whose mail makes it go on, later by the time it waited")
    func waits() async throws {
        try await MailCity.with { mail in
            let opened = try await mail.post(TestMail())
            let code = try #require(opened.member("ticket"), "\(opened.text)")
            func step(_ status: String, note: String) async throws -> Int {
                try await mail.running.post(
                    #"{"id":"w\#(note.count)","status":"\#(status)","note":"\#(note)"}"#,
                    to: mail.running.base + "/v1/tickets/\(code)/events", token: City.officeToken
                ).status
            }
            #expect(try await step("waiting", note: "") == 422)
            #expect(try await step("waiting", note: "Quale lampione?") == 201)
            let asked = try #require(try await mail.mails(to: "anna@example.net").last)
            #expect(asked.field("Subject") != nil)
            let waiting = try await mail.ticket(code)
            #expect(waiting["status"] as? String == "waiting" && waiting["waiting_since"] is String)
            let due = try #require(waiting["due_at"] as? String)
            #expect(try await mail.city.run(["ticket", "list", "--status", "waiting"]).output.contains(code))
            #expect(try await mail.city.run(["status"]).output.contains("1 wait for their citizen"))
            let before = try await mail.mails(to: "lavori-pubblici@example.org").count
            // As if it had waited for a month.
            try await mail.city.query("update ticket set waiting_since = waiting_since - interval '30 days'")
            var reply = TestMail()
            reply.id = "<second@example.net>"
            reply.fields = ["In-Reply-To: \(asked.field("Message-ID") ?? "")"]
            reply.to = asked.replyAddress ?? reply.to
            reply.body = "Quello davanti al civico 12."
            #expect(try await mail.post(reply).member("ticket") == code)
            let going = try await mail.ticket(code)
            #expect(going["status"] as? String == "in_progress" && going["waiting_since"] is NSNull)
            let moved = try #require(going["due_at"] as? String)
            let format = ISO8601DateFormatter()
            format.formatOptions = [.withInternetDateTime]
            func date(_ text: String) throws -> Date {
                try #require(format.date(from: String(text.prefix(19)) + "Z"))
            }
            // Working hours of thirty days are days, too.
            #expect(try date(moved).timeIntervalSince(try date(due)) > 20 * 86_400)
            try await mail.city.quiet()
            let told = try await mail.mails(to: "lavori-pubblici@example.org").count
            #expect(told == before + 1, "the office is told of the answer")
        }
    }

    @Test("The operator asks the citizen, who reads it in English where they wrote so")
    func asks() async throws {
        try await City.with { city, running in
            let code = try await open("a1", from: #""email":"anna@example.org""#, running)
            #expect(try await city.run(["ticket", "ask", code, "  "]).status != 0)
            let asked = try await city.run(["ticket", "ask", code, "Quale numero civico?"])
            #expect(asked.status == 0 && asked.output.contains("told by email"), "\(asked.output)")
            try await city.quiet()
            let read = try await mails(city, to: "anna@example.org").compactMap(\.text)
            #expect(read.contains { $0.contains("Quale numero civico?") })
            #expect(try await city.run(["ticket", "show", code]).output.contains("standing still since"))
            // Whatever moves it on ends the wait.
            try await step(running, code, "1", "in_progress")
            #expect(try await ticket(code, running)["waiting_since"] is NSNull)
        }
    }

    @Test("The office is reminded, the offices above are told, each once, over kill -9; a waiting ticket is left alone")
    func escalation() async throws {
        let city = try await City()
        var running = try await city.start()
        do {
            var codes: [String] = []
            for index in 0..<4 { codes.append(try await open("e\(index)", from: "", running)) }
            try await city.quiet()
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
            // The first is due in an hour, the second since an hour, the third since days; so would be the fourth.
            for (index, hours) in [1, -1, -50, -50].enumerated() {
                try await city.query(
                    """
                    update ticket set office = 'polizia-locale-gruppi', opened_at = now() - interval '30 days',
                        due_at = now() + interval '\(hours) hours',
                        waiting_since = case when \(index) = 3 then now() end
                    where code = '\(codes[index])'
                    """)
            }
            try await city.crash(at: .escalationCommitted)
            running = try await city.start()
            while try await city.query("select 1 from event where kind in ('reminded', 'escalated')").count < 3 {
                await Task.yield()
            }
            try await city.quiet()
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
            running = try await city.start()
            try await city.quiet()

            func last(_ code: String) async throws -> (event: [String: Any], to: [String]) {
                let record = try await ticket(code, running)
                let events = try #require(record["events"] as? [[String: Any]])
                let sent = (record["notifications"] as? [[String: Any]] ?? []).compactMap { $0["template"] as? String }
                return (try #require(events.last), sent)
            }
            let reminded = try await last(codes[0])
            #expect(reminded.event["kind"] as? String == "reminded" && reminded.to == ["office_reminder"])
            let overdue = try await last(codes[1])
            #expect(overdue.event["kind"] as? String == "escalated" && overdue.to == ["office_overdue"])
            #expect(overdue.event["office"] as? String == "polizia-locale-comando")
            let late = try await last(codes[2])
            #expect(late.event["office"] as? String == "roma-capitale" && late.to == ["office_overdue"])
            #expect(
                late.event["note"] as? String == "not told in time: the reminder, polizia-locale-comando")
            #expect(try await last(codes[3]).event["kind"] as? String == "opened")
            let (_, story) = try await city.run(["ticket", "show", codes[1]])
            #expect(story.contains("escalated → polizia-locale-comando") && story.contains("office_overdue by email"))
            let addresses = ["polizia-locale-gruppi", "polizia-locale-comando", "roma-capitale"]
            for address in addresses {
                let told = try await city.query(
                    """
                    select n.recipient from notification n join event e on e.id = n.event
                    where e.office = '\(address)' and e.kind in ('reminded', 'escalated')
                    """)
                #expect(told.count == 1, "\(address)")
            }
            #expect(try await city.counts().distinctMessageIDs == 3)
        } catch {
            await city.end(running)
            throw error
        }
        await city.end(running)
    }
}
