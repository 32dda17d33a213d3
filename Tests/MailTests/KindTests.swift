import Testing

@testable import Mail

@Suite struct KindTests {
    private func kind(_ header: String, _ text: String = "Buongiorno, la strada è rotta.") -> String {
        let mail = MailReader().read(Array((header + "\n\n" + text).utf8))
        return String(describing: mail.kind).prefix { $0.isLetter }.description
    }

    @Test(
        "a person's mail stays a person's",
        arguments: [
            "From: a@example.org\nSubject: Fuori sede dal lunedì: chi controlla?",
            "From: a@example.org\nSubject: Risposta automatica del semaforo guasto",
            "From: a@example.org\nReturn-Path: <a@example.org>\nSubject: Messaggio non consegnato dal postino",
            "From: a@example.org\nSubject: R: Undelivered Mail Returned to Sender\nIn-Reply-To: <x@example.org>",
            "From: a@example.org\nSubject: Letto: il bando\nX-Mailer: x",
            "From: a@example.org\nSubject: Re: Segnalazione\nAuto-Submitted: no",
            "From: postmaster@example.org\nReturn-Path: <postmaster@example.org>\nSubject: Re: la strada\nX-Priority: 3",
            "From: a@example.org\nSubject: Consegna: pacco mai arrivato",
        ])
    func personal(_ header: String) {
        let kind = kind(header)
        #expect(kind == "personal" || header.contains("postmaster") && kind == "unanswerable")
    }

    @Test(
        "answers that nobody wrote",
        arguments: [
            "From: a@example.org\nSubject: Re: x\nAuto-Submitted: auto-replied",
            "From: a@example.org\nSubject: Re: x\nAuto-Submitted: auto-generated\nIn-Reply-To: <x@example.org>",
            "From: a@example.org\nSubject: Assente\nX-Autoreply: yes",
            "From: a@example.org\nSubject: Assente\nPrecedence: auto_reply",
            "From: a@example.org\nReturn-Path: <>\nSubject: Sono in ferie",
            "From: a@example.org\nSubject: Risposta automatica: x\nX-Auto-Response-Suppress: All",
            "From: a@example.org\nSubject: Risposta automatica: x\nIn-Reply-To: <x@example.org>",
            "From: a@example.org\nSubject: Fuori sede: x\nPrecedence: bulk",
            "From: a@example.org\nReturn-Path: <>\nSubject: Automatic reply: mancata consegna",
        ])
    func automatic(_ header: String) { #expect(kind(header) == "automatic") }

    @Test(
        "whom no automatic answer may reach",
        arguments: [
            "From: a@example.org\nSubject: x\nList-Id: <x.example.org>",
            "From: a@example.org\nSubject: x\nPrecedence: list",
            "From: noreply@example.org\nSubject: x",
            "From: Servizio <non-rispondere@example.org>\nSubject: x",
            "From: a@example.org\nSubject: x\nAuto-Submitted: auto-generated",
        ])
    func unanswerable(_ header: String) { #expect(kind(header) == "unanswerable") }

    @Test func aReportInFields() throws {
        let mail = MailReader().read(
            Array(
                """
                From: Mail Delivery System <MAILER-DAEMON@example.org>
                Return-Path: <>
                Subject: Non recapitato
                Content-Type: multipart/report; report-type=delivery-status; boundary=b

                --b

                Non è stato possibile consegnare.
                --b
                Content-Type: message/delivery-status

                Reporting-MTA: dns; example.org

                Final-Recipient: rfc822; rosa@example.org
                Action: failed
                Status: 5.1.1
                Diagnostic-Code: smtp; 550 5.1.1 user
                 unknown

                Final-Recipient: rfc822; luca@example.org
                Action: delayed
                Status: 4.2.2
                --b
                Content-Type: text/rfc822-headers

                From: urp@comune.example
                Message-ID: <x1@comune.example>
                --b--
                """.utf8))
        guard case .delivery(let report) = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
        #expect(report.original == "x1@comune.example")
        #expect(
            report.recipients == [
                .init(
                    address: "rosa@example.org", action: .failed, status: "5.1.1", diagnostic: "550 5.1.1 user unknown"),
                .init(address: "luca@example.org", action: .delayed, status: "4.2.2"),
            ])
    }

    @Test func aReportInWords() throws {
        let mail = MailReader().read(
            Array(
                """
                From: MAILER-DAEMON@example.org
                Subject: failure notice

                Hi. This is the qmail-send program at example.org.

                <rosa@example.org>:
                Sorry, no mailbox here by that name. (#5.1.1)

                --- Below this line is a copy of the message.

                Return-Path: <urp@comune.example>
                Message-ID: <x2@comune.example>
                To: rosa@example.org
                """.utf8))
        guard case .delivery(let report) = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
        #expect(report.original == "x2@comune.example")
        #expect(report.recipients.map(\.address) == ["rosa@example.org"])
        #expect(report.recipients.first?.status == "5.1.1")
    }

    @Test func aReceiptOfReading() {
        let mail = MailReader().read(
            Array(
                """
                From: rosa@example.org
                Subject: Letto: Segnalazione
                Content-Type: multipart/report; report-type=disposition-notification; boundary=b

                --b

                Letto.
                --b
                Content-Type: message/disposition-notification

                Final-Recipient: rfc822;rosa@example.org
                Original-Message-ID: <x3@comune.example>
                Disposition: manual-action/MDN-sent-manually; displayed
                --b--
                """.utf8))
        guard case .disposition("x3@comune.example") = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
    }

    @Test(
        "A report passed on without a word is a machine's; with words of his own somebody speaks",
        arguments: [
            ("", true), ("Inoltro.\n", true), ("Come mai?\n", false), ("Aiuto!\n", false),
            ("Ditemi che errore sarebbe questo:\n", false),
            ("Vi scrivo da una settimana e mi torna sempre questo, che cosa devo fare?\n", false),
        ])
    func forwarded(_ words: String, _ isAutomatic: Bool) {
        let mail = MailReader().read(
            Array(
                """
                From: rosa@example.org
                Subject: Fwd: failure notice

                \(words)Begin forwarded message:

                > From: Mail Delivery Subsystem <MAILER-DAEMON@example.org>
                > Subject: failure notice
                >
                > <urp@comune.example>: user unknown
                """.utf8))
        let kind = if case .automatic = mail.kind { true } else { false }
        #expect(kind == isAutomatic)
    }

    @Test func anAttachedReportIsNobodysReport() {
        let mail = MailReader().read(
            Array(
                """
                From: rosa@example.org
                Subject: mi è tornato questo
                Content-Type: multipart/mixed; boundary=b

                --b

                Che cosa vuol dire?
                --b
                Content-Type: message/rfc822

                From: MAILER-DAEMON@example.org
                Subject: failure notice
                X-Ricevuta: errore-consegna

                <urp@comune.example>: user unknown
                --b--
                """.utf8))
        guard case .personal = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
        #expect(mail.text == "Che cosa vuol dire?")
        #expect(mail.attachments.map(\.name) == ["failure notice.eml"])
    }
}
