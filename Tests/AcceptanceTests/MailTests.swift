import Foundation
import TestSupport
import Testing

/// E-mail from the citizen's side: what she sends, and what comes back.
@Suite(.serialized) struct MailAcceptance {
    @Test("A mail becomes a ticket, the answer threads below it, a reply joins it, and after its end reopens it")
    func thread() async throws {
        try await MailCity.with { post in
            let first = try await post.post(TestMail())
            #expect(first.status == 201)
            #expect(first.member("outcome") == "opened")
            let code = try #require(first.member("ticket"))
            #expect(try await post.post(TestMail()).member("outcome") == "duplicate")

            let answer = try #require(try await post.mails(to: "anna@example.net").first)
            #expect(answer.field("In-Reply-To") == "<first@example.net>")
            #expect(answer.field("References")?.hasPrefix("<first@example.net> <ticket.\(code.lowercased()).") == true)
            #expect(answer.field("Auto-Submitted") == "auto-replied")
            let address = try #require(answer.replyAddress)
            #expect(address.hasPrefix("urp+\(code.lowercased())."))
            #expect(answer.envelopeSender == address)
            #expect(answer.raw.contains("basta rispondere"))

            // By the address alone: a mail program that keeps neither references nor the subject.
            let byAddress = try await post.post(
                TestMail(
                    to: address.uppercased(), subject: "Re:", id: "<second@example.net>",
                    body:
                        "Aggiungo che fa molto buio.\n\nIl giorno sab 21 nov 2026 alle ore 11:00 Comune ha scritto:\n> Buongiorno"
                ))
            #expect(byAddress.member("outcome") == "appended")
            #expect(byAddress.member("ticket") == code)
            // By our Message-ID.
            let reference = try #require(answer.field("Message-ID"))
            let byReference = try await post.post(
                TestMail(id: "<third@example.net>", fields: ["In-Reply-To: \(reference)"], body: "E ancora."))
            #expect(byReference.member("ticket") == code)
            // By her own first mail, answered by herself.
            let toHerself = try await post.post(
                TestMail(
                    subject: "Re: lampione", id: "<fourth@example.net>", fields: ["References: <first@example.net>"],
                    body: "Dimenticavo la foto."))
            #expect(toHerself.member("ticket") == code)
            let ticket = try await post.ticket(code)
            let messages = ticket["messages"] as? [[String: Any]] ?? []
            #expect(messages.map { $0["kind"] as? String } == ["opening", "reply", "reply", "reply"])
            #expect(messages[1]["text"] as? String == "Aggiungo che fa molto buio.")
            #expect((messages[1]["quoted"] as? String)?.contains("> Buongiorno") == true)
            // Nobody answers an addition; the office hears of each, after the work itself.
            #expect(try await post.mails(to: "anna@example.net").count == 1)
            #expect(try await post.mails(to: "lavori-pubblici@example.org").count == 4)

            #expect(try await post.step(code, "r1", status: "resolved") == 201)
            let again = try await post.post(
                TestMail(to: address, subject: "Re: risolta", id: "<fifth@example.net>", body: "Non funziona ancora."))
            #expect(again.member("ticket") == code)
            #expect(try await post.ticket(code)["status"] as? String == "reopened")
        }
    }

    @Test("A number in the subject joins only for who is known there; a reply too late opens a ticket that follows")
    func subject() async throws {
        try await MailCity.with("    reopen_within: never") { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let known = try await post.post(
                TestMail(subject: "Sollecito \(code)", id: "<second@example.net>", body: "A che punto siamo?"))
            #expect(known.member("outcome") == "appended")
            let stranger = try await post.post(
                TestMail(
                    from: "Bruno <bruno@example.com>", subject: "Sollecito \(code)", id: "<third@example.com>",
                    body: "Anche qui un lampione spento."))
            #expect(stranger.member("outcome") == "opened")
            let other = try #require(stranger.member("ticket"))
            let links = try await post.ticket(other)["links"] as? [[String: Any]] ?? []
            #expect(links.map { $0["ticket"] as? String } == [code])
            #expect(links.map { $0["kind"] as? String } == ["possibly"])

            #expect(try await post.step(code, "r1", status: "resolved") == 201)
            let late = try await post.post(
                TestMail(
                    subject: "Re: lampione", id: "<fourth@example.net>", fields: ["In-Reply-To: <first@example.net>"],
                    body: "Di nuovo spento."))
            #expect(late.member("outcome") == "opened")
            let linked = try await post.ticket(try #require(late.member("ticket")))["links"] as? [[String: Any]] ?? []
            #expect(linked.first?["kind"] as? String == "follows")
            #expect(try await post.ticket(code)["status"] as? String == "resolved")
        }
    }

    @Test(
        "An office answers the mail that told it of a reply: a note, of which nobody hears; no answer goes to ourselves"
    )
    func offices() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let answer = try #require(try await post.mails(to: "anna@example.net").first)
            _ = try await post.post(
                TestMail(
                    to: try #require(answer.replyAddress), subject: "Re:", id: "<second@example.net>", body: "Allora?"))
            let told = try #require(try await post.mails(to: "lavori-pubblici@example.org").first)
            let note = try await post.post(
                TestMail(
                    from: "Ufficio tecnico <lavori-pubblici@example.org>", to: try #require(told.replyAddress),
                    subject: "Re: Risposta", id: "<office@example.org>", body: "Squadra prevista per giovedi'."))
            #expect(note.member("ticket") == code)
            let events = try await post.ticket(code)["events"] as? [[String: Any]] ?? []
            #expect(events.last?["kind"] as? String == "note")
            #expect(events.last?["by"] as? String == "lavori-pubblici")
            #expect(events.last?["note"] as? String == "Squadra prevista per giovedi'.")
            // Its work, and the reply.
            #expect(try await post.mails(to: "lavori-pubblici@example.org").count == 2)
            #expect(try await post.mails(to: "anna@example.net").count == 1)

            let toUs = try await post.post(
                TestMail(
                    from: "Bruno <bruno@example.com>", subject: "buca in via Gramsci", id: "<self@example.com>",
                    fields: ["Reply-To: urp@fidenza.example.org"], body: "Una buca."))
            #expect(toUs.member("outcome") == "opened")
            #expect(try await post.mails(to: "urp@fidenza.example.org").isEmpty)
        }
    }

    @Test("Robots: an absence note changes nothing, a bounce sets the notification's outcome, two robots fall silent")
    func robots() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let answer = try #require(try await post.mails(to: "anna@example.net").first)
            let address = try #require(answer.replyAddress)
            #expect(try await post.step(code, "r1", status: "resolved") == 201)
            let absent = try await post.post(
                TestMail(
                    to: address, subject: "Fuori ufficio", id: "<auto@example.net>",
                    fields: ["Auto-Submitted: auto-replied"], body: "Sono assente fino a lunedi'."))
            #expect(absent.member("ticket") == code)
            #expect(try await post.ticket(code)["status"] as? String == "resolved")

            let bounce = try await post.post(
                TestMail(
                    from: "MAILER-DAEMON@example.net", to: address, subject: "Undelivered Mail Returned to Sender",
                    id: "<bounce@example.net>",
                    fields: [
                        "Return-Path: <>", "Auto-Submitted: auto-replied",
                        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
                    ], body: Self.report(on: try #require(answer.field("Message-ID")))))
            #expect(bounce.member("ticket") == code)
            let notifications = try await post.ticket(code)["notifications"] as? [[String: Any]] ?? []
            let opened = notifications.first { $0["template"] as? String == "opened" }
            #expect(opened?["status"] as? String == "refused")
            #expect((opened?["reason"] as? String)?.contains("5.1.1") == true)

            // Another ticket system, which answers every mail with a new one and does not say that it is a machine.
            var answers = 0
            for round in 1...12 {
                let reply = try await post.post(
                    TestMail(
                        from: "Assistenza <robot@example.com>",
                        subject: "[#\(round)] Abbiamo ricevuto la tua richiesta",
                        id: "<robot-\(round)@example.com>",
                        body: "La tua richiesta numero \(round) e' stata registrata."))
                #expect(reply.status == 201)
                answers = try await post.mails(to: "robot@example.com").count
            }
            // The budget is an hour's; an hour may end meanwhile.
            #expect((5...10).contains(answers))
        }
    }

    private static func report(on id: String) -> String {
        """
        --b
        Content-Type: text/plain

        The mail could not be delivered.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net

        Final-Recipient: rfc822; anna@example.net
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550 5.1.1 no such user

        --b
        Content-Type: text/rfc822-headers

        Message-ID: \(id)
        Subject: Richiesta

        --b--
        """
    }

    @Test(
        "Real bounces, delivery reports and automatic replies: not one ticket; broken mail: never a crash or a 500",
        .enabled(if: RealInput.isThere, "../shared/data is not there"))
    func realMail() async throws {
        let bounces = try SharedData.files(of: "email/sisimai-bounces.tar.xz")
        let broken =
            try SharedData.files(of: "email/mikel-mail-fixtures.tar.xz")
            + SharedData.files(of: "email/enmime-testdata.tar.xz")
            + SharedData.files(of: "email/stalwart-mail-parser-legacy-rfc.tar.xz")
        try #require(!bounces.isEmpty && !broken.isEmpty)
        try await MailCity.with { post in
            var opened: [String] = []
            for (name, bytes) in bounces where name.hasSuffix(".eml") {
                let answer = try await post.post(bytes)
                #expect([200, 201].contains(answer.status), "\(name): \(answer.text)")
                // Two by their own name no bounces, two that people forward.
                let isPersonal = ["is-not-bounce", "lhost-sendmail-14", "make-test-36"].contains { name.contains($0) }
                if answer.member("outcome") == "opened", !isPersonal { opened.append(name) }
            }
            #expect(opened == [])
            for (name, bytes) in broken where !bytes.isEmpty {
                let answer = try await post.post(bytes)
                #expect([200, 201].contains(answer.status), "\(name): \(answer.text)")
            }
        }
    }
}
