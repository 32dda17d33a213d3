import Testing

@testable import Mail

/// What looks like a quotation and is the sender's own, and what mail programs write so that it looks like her own.
@Suite struct OwnWordsTests {
    private static let block = "Da: U <u@c.example>\nInviato: lunedì 3 marzo 2025 15:40\nA: M\nOggetto: R: x\n\nvecchio"

    @Test(
        "all is new",
        arguments: [
            // A letter's head.
            "Buongiorno.\n\nData: 3 marzo 2025\nA: Comune\nDa: Marta\nOggetto: istanza\n\nChiedo copia.",
            "Data: 03.03.2025\nA: Comune\nDa: Marta\nOggetto: istanza\n\nChiedo copia.",
            // `>` before lines of one's own.
            "Ecco il preventivo:\n> 100 pezzi: 3 euro\n> 500 pezzi: 2 euro\nQuale scegliete?",
            ">>> URGENTE <<<\nManca l'acqua in via Po!",
            "Il regolamento dice:\n\n> Il passo è gratuito.\n\nAllora perché pago?",
            // Sentences that end as attributions do.
            "Il 3 marzo 2025 alle 15:40 l'ufficio ha scritto:\n\nla domanda è respinta.\n\nPerché?",
            "Buongiorno.\n\nIl 3 marzo 2025 alle 15:40 il Comune ha scritto:\nla domanda è respinta.",
            "On 3 March 2025 your office wrote:\nthe request is denied. Why?",
            "-----Messaggio originale-----\nche cosa vuol dire questa riga?",
            "Prima domanda: quando aprite?\n--\nSeconda domanda: serve prenotare?",
        ])
    func own(_ text: String) {
        #expect(QuotationReader.read(text) == MailReading(fresh: text))
    }

    @Test(
        "the letter's head is new, the mail's block is not",
        arguments: [
            "Oggetto: ricorso contro la multa\n\nChiedo annullamento.",
            "Oggetto: ricorso contro la multa\nChiedo annullamento.\nDistinti saluti",
            "Da: Marta\nA: Tributi\nOggetto: rate\n\nChiedo rate.",
            "Data: 3 marzo 2025\nOggetto: rate\nChiedo rate.",
        ])
    func beforeABlock(_ own: String) {
        for gap in ["\n", "\n\n"] {
            let reading = QuotationReader.read(own + gap + Self.block)
            #expect(reading == MailReading(fresh: own, quoted: Self.block))
        }
    }

    @Test(
        "what stands above a quotation",
        arguments: [
            "Il 03/03/2025 15:40, u@c.example ha scritto:\n> vecchio",
            "Il 03/03/2025 15:40:12, u@c.example ha scritto:\n\nvecchio",
            "Il giorno lunedì 3 marzo 2025 15:40:20 CET, Ufficio Anagrafe Centrale ha scritto:\n> vecchio",
            "----- Il 3-mar-25, alle 15:40, Ufficio u@c.example ha scritto:\n\n> vecchio",
            "Citazione Ufficio <u@c.example>:\n\n> vecchio",
            "Scrive Ufficio <u@c.example>:\n\n> vecchio",
            "  Il lun, 3 mar, 2025 alle 15:40, Ufficio<u@c.example> ha scritto:   Gentile signora,\nvecchio",
            "Da: Ufficio\nInviato: lunedì\nOggetto: R: x\n\nvecchio",
        ])
    func introduction(_ quoted: String) {
        let reading = QuotationReader.read("Va bene.\n\n" + quoted)
        #expect(reading.fresh == "Va bene.")
        #expect(reading.quoted.split(separator: "\n") == quoted.split(separator: "\n"))
    }

    @Test(
        "a question, a greeting, two marks: a mail's",
        arguments: [
            "Salve,\n\n> Serve la fototessera.\n\nEccola.", "Dite:\n> Quando passa?\nGiovedì.",
            "Dite:\n> > Passi giovedì.\nVa bene.", "Dite:\n> Passi giovedì.\nVa bene.\n> Porti la foto.\nEccola.",
        ])
    func quotations(_ text: String) {
        let quoted = text.split(separator: "\n").filter { $0.hasPrefix(">") }
        #expect(QuotationReader.read(text).quoted.split(separator: "\n") == quoted)
    }

    @Test func anIndentIsNoQuotation() {
        var defects: Set<String> = []
        let indent = #"uno<blockquote style="margin:0 0 0 40px;border:none;padding:0px">due</blockquote>tre"#
        #expect(HTMLText.read(indent, defects: &defects).trimmingLineEnds == "uno\ndue\ntre")
        let outlook = #"uno<blockquote style="border:none;border-left:solid #CCC 1pt">due</blockquote>tre"#
        #expect(HTMLText.read(outlook, defects: &defects).trimmingLineEnds == "uno\n> due\ntre")
    }
}
