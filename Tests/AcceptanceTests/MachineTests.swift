import Foundation
import Testing
import Transfer
import TransferTesting

/// Machines that write to the city, in their many dialects, and mail that nobody can read.
@Suite(.serialized, .timeLimit(.minutes(30))) struct MachineAcceptance {
    /// Answers that no person wrote.
    private static let dialects: [(name: String, subject: String, fields: [String])] = [
        (
            "Exchange", "Risposta automatica: Richiesta ricevuta",
            ["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "X-MS-Has-Attach:"]
        ),
        ("Notes", "AUTO: Anna Verdi is out of the office (returning 01/12/2026)", ["In-Reply-To: <any@example.org>"]),
        ("vacation(1)", "away from my mail", ["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk"]),
        ("Sieve", "Auto: Richiesta ricevuta", ["Auto-Submitted: auto-replied (vacation)", "X-Sieve: cmu-sieve 2.0"]),
        ("a web host", "Sono in ferie", ["X-Autorespond: Richiesta ricevuta", "X-Loop: anna@example.net"]),
        ("Gmail", "Fuori sede Re: Richiesta ricevuta", ["Precedence: bulk", "X-Autoreply: yes"]),
        ("Precedence alone", "Ferie", ["Precedence: auto_reply"]),
        ("nobody to return to", "Ricevuto", ["Return-Path: <>"]),
        ("Postfix's pipe", "Ricevuto", ["Return-Path: <MAILER-DAEMON>"]),
        ("a monitor", "Ricevuto", ["Auto-Submitted: auto-notified"]),
        ("a challenge", "Please confirm your message", ["X-TMDA-Confirm: yes"]),
    ]

    @Test("Automatic replies of many programs: kept with their ticket, never answered, and they open none")
    func dialects() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let address = try #require(try await post.mails(to: "anna@example.net").first?.replyAddress)
            #expect(try await post.step(code, "r1", status: "resolved") == 201)
            let before = (try await post.ticket(code)["notifications"] as? [Any])?.count
            for (index, dialect) in Self.dialects.enumerated() {
                let known = try await post.post(
                    TestMail(
                        to: address, subject: dialect.subject, id: "<known-\(index)@example.net>",
                        fields: dialect.fields, body: "Sono assente fino a lunedi'."))
                #expect(known.member("outcome") == "appended", "\(dialect.name): \(known.text)")
                #expect(known.member("ticket") == code, "\(dialect.name)")
                let stray = try await post.post(
                    TestMail(
                        from: "Bice <bice@example.net>", subject: dialect.subject, id: "<stray-\(index)@example.net>",
                        fields: dialect.fields, body: "Sono assente fino a lunedi'."))
                #expect(stray.member("outcome") == "discarded", "\(dialect.name): \(stray.text)")
            }
            let ticket = try await post.ticket(code)
            #expect(ticket["status"] as? String == "resolved")
            let kinds = (ticket["messages"] as? [[String: Any]] ?? []).map { $0["kind"] as? String }
            #expect(kinds == ["opening"] + Self.dialects.map { _ in "automatic" })
            #expect((ticket["notifications"] as? [Any])?.count == before)
            #expect(try await post.mails(to: "bice@example.net").isEmpty)
        }
    }

    @Test("Lists, newsletters and boxes that nobody reads may open a ticket, and get no answer")
    func unanswerable() async throws {
        try await MailCity.with { post in
            let senders: [(from: String, fields: [String])] = [
                ("lista@example.com", ["List-Id: Comitato <comitato.example.com>", "Precedence: list"]),
                ("news@example.com", ["List-Unsubscribe: <mailto:off@example.com>"]),
                ("bulk@example.com", ["Precedence: bulk"]),
                ("no-reply@example.com", []), ("non-rispondere@example.com", []),
                ("modulo@example.com", ["Auto-Submitted: auto-generated"]),
                ("silenzio@example.com", ["X-Auto-Response-Suppress: OOF, AutoReply"]),
            ]
            for (index, sender) in senders.enumerated() {
                let answer = try await post.post(
                    TestMail(from: sender.from, id: "<n\(index)@example.com>", fields: sender.fields))
                #expect(answer.member("outcome") == "opened", "\(sender.from): \(answer.text)")
                #expect(try await post.mails(to: sender.from).isEmpty, "\(sender.from)")
            }
        }
    }

    @Test(
        "Our own mail that comes back opens nothing, a form that writes in our name is heard and not answered; one budget for a box"
    )
    func returned() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let answer = try #require(try await post.mails(to: "anna@example.net").first)
            let back = try await post.post(Data(answer.raw.utf8))
            #expect(back.member("outcome") == "appended")
            #expect(back.member("ticket") == code)
            // A forwarder that strips what marks a machine's mail.
            let forwarded = try await post.post(
                TestMail(from: "inoltro@example.com", id: answer.field("Message-ID"), body: "Abbiamo ricevuto."))
            #expect(["appended", "discarded"].contains(forwarded.member("outcome") ?? ""), "\(forwarded.text)")
            for from in ["URP@Fidenza.example.org", "non-rispondere@example.org"] {
                let ours = try await post.post(
                    TestMail(from: from, id: "<\(from)>", body: "Lampione spento in via Gramsci."))
                #expect(ours.member("outcome") == "opened", "\(ours.text)")
                #expect(try await post.mails(to: from).isEmpty)
            }
            #expect(try await post.mails(to: "inoltro@example.com").isEmpty)
            #expect(try await post.mails(to: "anna@example.net").count == 1)

            for number in 0..<12 {
                _ = try await post.post(
                    TestMail(
                        from: "robot-\(number)@example.com", id: "<shared-\(number)@example.com>",
                        fields: ["Reply-To: robot@example.com"], body: "Richiesta numero \(number)."))
            }
            // The budget is an hour's; an hour may end meanwhile.
            #expect((5...10).contains(try await post.mails(to: "robot@example.com").count))
        }
    }

    @Test("An office that answers by a ticket system: noted, never echoed without end")
    func offices() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let address = try #require(try await post.mails(to: "anna@example.net").first?.replyAddress)
            let office = "lavori-pubblici@example.org"
            func write(_ number: Int, from sender: String) async throws -> String? {
                try await post.post(
                    TestMail(
                        from: sender, to: address, subject: "[#\(number)] Abbiamo ricevuto la tua richiesta",
                        id: "<\(number).\(sender)>", body: "Richiesta numero \(number) registrata.")
                ).member("outcome")
            }
            let before = try await post.mails(to: office).count
            #expect(try await post.step(code, "r1", status: "resolved") == 201)
            #expect(try await write(0, from: office) == "appended")
            #expect(try await post.mails(to: office).count == before)
            let ticket = try await post.ticket(code)
            #expect(ticket["status"] as? String == "resolved")
            let event = (ticket["events"] as? [[String: Any]] ?? []).last
            #expect(event?["kind"] as? String == "note")
            #expect(event?["by"] as? String == "lavori-pubblici")
            // In another name than it is written to: a robot that nobody can know.
            for number in 0..<30 { #expect(try await write(number, from: "sistema@example.org") == "appended") }
            #expect(try await post.mails(to: office).count - before == 10)
            let messages = try await post.ticket(code)["messages"] as? [Any] ?? []
            #expect(messages.count == 32)
        }
    }

    @Test("What cannot be read is kept, listed and shown as it came, and stays until a replay succeeds")
    func unread() async throws {
        try await MailCity.with { post in
            let raw = "\r\n\r\n"
            #expect(try await post.post(Data(raw.utf8)).member("outcome") == "unread")
            #expect(try await post.post(Data(raw.utf8)).member("outcome") == "unread")
            let (status, list) = try await post.city.run(["inbox", "list"])
            #expect(status == 0)
            let lines = list.split(separator: "\n")
            #expect(lines.count == 1)
            #expect(list.contains("posta") && list.contains("it has neither a sender nor any text"))
            let id = try #require(list.split(separator: " ").first.map(String.init))
            let replay = try await post.city.run(["inbox", "replay", id, "--url", post.running.base])
            #expect(replay.status == 1)
            #expect(replay.output.contains("unread"))
            #expect(try await post.city.run(["inbox", "list"]).output == list)
            let unknown = try await post.city.run(["inbox", "show", "018f0000-0000-7000-8000-000000000000"])
            #expect(unknown.status == 1)
            #expect(unknown.output.contains("there is no such mail"))
            #expect(try await post.city.run(["inbox", "show", "nonsense"]).status == 2)
        }
    }

    @Test(
        "Of a mail that is too large the beginning is kept; its replay opens a ticket, once",
        .enabled(if: Dovecot.isInstalled, Comment(rawValue: Dovecot.absence)))
    func replay() async throws {
        let server = try Dovecot()
        let keys = """
                size: 512KiB
                mailboxes:
                  - server: \(server.tlsURL)
                    authority: \(server.authority)
                    user: urp
                    password: ${env:POST_PASSWORD}
                    pause: 1
            """
        try await MailCity.with(keys) { post in
            var mail = TestMail(subject: "Lampione e tante fotografie")
            mail.body += "\n" + String(repeating: String(repeating: "x", count: 70) + "\n", count: 10_000)
            let session = try await IMAPClient(label: "test").connect(
                IMAPAccount(
                    server: server.url, tls: .never, user: "urp", secret: .password(Dovecot.password),
                    connectTimeout: .seconds(1200), silence: .seconds(1200)))
            try await session.append(Array(mail.text.utf8), to: "INBOX")
            await session.logout()
            var list = ""
            while list.isEmpty { list = try await post.city.run(["inbox", "list"]).output }
            #expect(list.contains("this is its beginning"))
            let id = try #require(list.split(separator: " ").first.map(String.init))
            let shown = try await post.city.run(["inbox", "show", id])
            #expect(shown.status == 0)
            #expect(shown.output.contains("Subject: Lampione e tante fotografie"))
            let first = try await post.city.run(["inbox", "replay", id, "--url", post.running.base])
            #expect(first.status == 0)
            #expect(first.output.hasPrefix("opened FI-"))
            #expect(try await post.city.run(["inbox", "list"]).output.isEmpty)
            #expect(try await post.city.run(["inbox", "list", "--all"]).output.contains(", replayed "))
            let second = try await post.city.run(["inbox", "replay", id, "--url", post.running.base])
            #expect(second.output.hasPrefix("duplicate FI-"))
            #expect(try await post.mails(to: "anna@example.net").count == 1)
        }
    }
}
