import Testing

/// One reply as a mail program writes it, and what in it is new.
struct Reply: CustomTestStringConvertible {
    var program: String
    var text: String
    var fresh: String
    var signature = ""
    var testDescription: String { program }
}

/// Replies above the quoted text. All names, places and addresses are invented.
let topReplies: [Reply] = [
    Reply(
        program: "Gmail, web",
        text: """
            Buongiorno, il lampione è di nuovo spento.
            Grazie

            Il giorno mar 3 mar 2026 alle ore 10:11 Comune di Fidenza <urp@comune.example> ha
            scritto:

            > Gentile cittadina,
            > la segnalazione è stata presa in carico.
            """,
        fresh: "Buongiorno, il lampione è di nuovo spento.\nGrazie"),
    Reply(
        program: "Gmail, app",
        text: """
            Confermo, via Verdi 12.

            Il mar 3 mar 2026, 10:11 URP <urp@comune.example> ha scritto:

            > Può indicare il civico?
            """,
        fresh: "Confermo, via Verdi 12."),
    Reply(
        program: "Gmail, before 2012",
        text: """
            Il civico è il 12.

            2011-03-03 10:11 GMT+01:00 Ufficio Strade <strade@comune.example>:

            > Quale civico?
            """,
        fresh: "Il civico è il 12."),
    Reply(
        program: "Gmail without marks",
        text: """
            Va bene così.

            Il giorno mercoledì 4 marzo 2026 URP <urp@comune.example> ha scritto:

            Le confermiamo l'intervento.
            Cordiali saluti
            """,
        fresh: "Va bene così."),
    Reply(
        program: "Apple Mail",
        text: """
            Buonasera,
            l'albero è caduto stanotte.

            Inviato da iPhone

            > Il giorno 3 mar 2026, alle ore 10:11, URP <urp@comune.example> ha scritto:
            >
            > \u{FEFF}L'albero è stato controllato.
            """,
        fresh: "Buonasera,\nl'albero è caduto stanotte.", signature: "Inviato da iPhone"),
    Reply(
        program: "Apple Mail, Mac",
        text: """
            Va bene.

            > Il giorno 3 mar 2026, alle ore 10:11, URP <urp@comune.example> ha scritto:
            >\u{20}
            > Va bene giovedì?
            """,
        fresh: "Va bene."),
    Reply(
        program: "Apple Mail, older",
        text: """
            Va bene.

            Il giorno 03/mar/2012, alle ore 10.11, URP ha scritto:

            > Va bene giovedì?
            """,
        fresh: "Va bene."),
    Reply(
        program: "Thunderbird",
        text: """
            Grazie, ma la strada è un'altra.

            Il 03/03/26 10:11, URP ha scritto:
            > Via Verdi, giusto?
            >
            """,
        fresh: "Grazie, ma la strada è un'altra."),
    Reply(
        program: "Thunderbird with a signature",
        text: """
            Grazie, ma la strada è un'altra.

            Il 03/03/2026 10:11, URP ha scritto:
            > Via Verdi, giusto?

            --\u{20}
            Luca Gialli
            Via dei Mille 4
            """,
        fresh: "Grazie, ma la strada è un'altra.", signature: "-- \nLuca Gialli\nVia dei Mille 4"),
    Reply(
        program: "Libero",
        text: """
            Attendo notizie.

            Il 3 marzo 2026 alle 10.11 URP <urp@comune.example> ha scritto:

            Gentile signora, stiamo verificando.
            """,
        fresh: "Attendo notizie."),
    Reply(
        program: "Libero, older",
        text: """
            Attendo notizie.

            ---------- Initial Header -----------

            From      : urp@comune.example
            To          : "luca" luca@example.org
            Date      : Tue, 3 Mar 2009 10:11:12 +0100
            Subject : Segnalazione

            Stiamo verificando.
            """,
        fresh: "Attendo notizie.", signature: ""),
    Reply(
        program: "Virgilio",
        text: """
            Ho già scritto due volte.

            ----Messaggio originale----
            Da: urp@comune.example
            Data: 3-mar-2026 10.11
            A: <rosa@example.org>
            Ogg: Segnalazione

            Ci scriva.
            """,
        fresh: "Ho già scritto due volte."),
    Reply(
        program: "Aruba webmail",
        text: """
            Ringrazio.

            Da: "URP" urp@comune.example
            A: rosa@example.org
            Cc:
            Data: Tue, 3 Mar 2026 10:11:12 +0100
            Oggetto: Re: Segnalazione

            Prego.
            """,
        fresh: "Ringrazio."),
    Reply(
        program: "Roundcube",
        text: """
            Ringrazio.

            Il 2026-03-03 10:11 URP ha scritto:
            > Prego.
            """,
        fresh: "Ringrazio."),
    Reply(
        program: "Yahoo",
        text: """
            Non mi è arrivato nulla.

                Il martedì 3 marzo 2026, 10:11:12 CET, URP <urp@comune.example> ha scritto:\u{20}
            \u{20}
             Le abbiamo risposto ieri.
            """,
        fresh: "Non mi è arrivato nulla."),
    Reply(
        program: "Samsung",
        text: """
            Certo

            Inviato dal mio dispositivo Galaxy

            -------- Messaggio originale --------
            Da: URP <urp@comune.example>
            Data: 03/03/26 10:11 (GMT+01:00)
            A: rosa@example.org
            Oggetto: Re: Segnalazione

            Possiamo chiamarla?
            """,
        fresh: "Certo", signature: "Inviato dal mio dispositivo Galaxy"),
    Reply(
        program: "Zimbra",
        text: """
            Grazie mille.

            Da: "URP" <urp@comune.example>
            A: "rosa" <rosa@example.org>
            Inviato: Martedì, 3 marzo 2026 10:11:12
            Oggetto: Re: Segnalazione

            Fatto.
            """,
        fresh: "Grazie mille."),
    Reply(
        program: "Horde",
        text: """
            Grazie.

            Quoting URP <urp@comune.example>:

            > Fatto.
            """,
        fresh: "Grazie."),
    Reply(
        program: "Proton Mail",
        text: """
            Bene.

            Inviato con l'email sicura Proton Mail.

            martedì 3 marzo 2026 10:11, URP <urp@comune.example> ha scritto:

            > Fatto.
            """,
        fresh: "Bene.", signature: "Inviato con l'email sicura Proton Mail."),
    Reply(
        program: "PEC webmail",
        text: """
            Si trasmette quanto richiesto.
            Distinti saluti

            -----Original Message-----
            From: protocollo@pec.comune.example
            To: studio@pec.example
            Date: Tue, 3 Mar 2026 10:11:12 +0100
            Subject: Richiesta integrazione

            Si richiede integrazione.
            """,
        fresh: "Si trasmette quanto richiesto.\nDistinti saluti"),
    Reply(
        program: "Notes",
        text: """
            D'accordo.



            Da:     urp@comune.example
            Per:    rosa@example.org
            Data:   03/03/2026 10:11
            Oggetto:        Re: Segnalazione



            Va bene giovedì?
            """,
        fresh: "D'accordo."),
]
