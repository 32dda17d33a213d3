import Testing

@testable import Mail

/// Mails that look like a program's: a person's must never be lost for their looks.
@Suite struct SwallowedTests {
    private func kind(_ header: String, _ text: String) -> String {
        let mail = MailReader().read(Array((header + "\n\n" + text).utf8))
        return String(describing: mail.kind).prefix { $0.isLetter }.description
    }

    private let marta = "From: Marta <marta@example.org>\n"

    @Test(
        "people who write about automatic answers",
        arguments: [
            ("Re: Risposta automatica: TARI\nIn-Reply-To: <x@comune.example>", "Grazie, ma quando scade la TARI?"),
            ("R: Risposta automatica: TARI\nIn-Reply-To: <x@comune.example>", "Va bene."),
            ("Risposta automatica?", "La vostra risposta automatica dice di scrivere qui."),
            ("Risposta automatica inutile", "La risposta automatica non dice dove pagare."),
            ("Risposta automatica", "Ho ricevuto una risposta automatica. Quando avrò risposta?"),
            ("Out of office", "I am out of the office all week, so can I collect my ID on Saturday?"),
            ("Risposta automatica", "Chiedo di parlare con una persona, non con la risposta automatica."),
        ])
    func answers(_ header: String, _ text: String) { #expect(kind(marta + "Subject: " + header, text) == "personal") }

    @Test(
        "people who write about mail that does not arrive",
        arguments: [
            ("Undeliverable: my request", "My mail comes back: \"550 5.1.1 User unknown\". What is the right address?"),
            ("Messaggio non recapitato", "Il mio messaggio non è stato recapitato (550 5.1.1)."),
            ("Delivery failure", "The courier had a delivery failure for my passport."),
            ("Mail delivery failed", "I could not deliver the form by hand. mail delivery failed too."),
            ("Undelivered Mail", "What now?\n\n> I'm sorry to have to inform you that your message could not"),
            ("Undelivered Mail", "> From: you\n> To: me\n> your message could not be delivered\nFate qualcosa"),
        ])
    func bounces(_ subject: String, _ text: String) { #expect(kind(marta + "Subject: " + subject, text) == "personal") }

    @Test func theHumanPostmaster() {
        #expect(
            kind(
                "From: postmaster@example.org\nSubject: Delivery failure towards your domain",
                "Hi, we see delivery failures to your domain since Monday. Please contact us.\nHans") == "unanswerable")
        #expect(
            kind(
                "From: postmaster@example.org\nSubject: Delivery failure",
                "delivery failed: user unknown\n\nReceived: from x\nMessage-ID: <x@comune.example>") == "delivery")
    }

    @Test func programsWithoutFields() {
        #expect(kind(marta + "Subject: Risposta automatica: Buca", "Sono assente fino al 14 marzo.") == "automatic")
        #expect(kind(marta + "Subject: Fuori ufficio: Buca", "Sono in ferie. Per urgenze: x@y.example") == "automatic")
    }

    @Test(
        "a mail that calls itself a program's gets no answer, and may open a ticket",
        arguments: [
            ("Questo è un messaggio generato automaticamente, si prega di non rispondere.\nRichiesta 4.", true),
            ("This email was automatically generated.\nPlease do not reply to it.", true),
            ("Ho avuto un messaggio generato automaticamente che dice di non rispondere.", false),
            ("Ecco.\n\n> Questo messaggio è generato automaticamente, non rispondere.", false),
        ])
    func saysSo(_ text: String, _ isProgram: Bool) {
        #expect(kind(marta + "Subject: Richiesta", text) == (isProgram ? "unanswerable" : "personal"))
    }

    @Test(arguments: [("Ha accettato.", "automatic"), ("Accetto, ma dove si parcheggia?", "personal")])
    func invitations(_ text: String, _ expected: String) {
        let body =
            "--b\n\n\(text)\n--b\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n--b--"
        #expect(
            kind(marta + "Subject: Accettato\nContent-Type: multipart/alternative; boundary=b", body) == expected)
    }
}
