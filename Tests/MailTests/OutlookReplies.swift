/// Replies by Microsoft's programs: a block of fields, without `>`. All names and addresses are invented.
let outlookReplies: [Reply] = [
    Reply(
        program: "Outlook, desktop",
        text: """
            Buongiorno,
            il problema non è risolto: la buca è ancora lì.

            Cordiali saluti
            Paola Neri

            Da: Ufficio Relazioni <urp@comune.example>
            Inviato: martedì 3 marzo 2026 10:11
            A: Paola Neri <paola@example.org>
            Oggetto: R: Segnalazione 2026-118

            La segnalazione è stata chiusa.
            """,
        fresh: """
            Buongiorno,
            il problema non è risolto: la buca è ancora lì.

            Cordiali saluti
            Paola Neri
            """),
    Reply(
        program: "Outlook, desktop, older",
        text: """
            Non è vero.

            -----Messaggio originale-----
            Da: urp@comune.example [mailto:urp@comune.example]
            Inviato: venerdì 6 marzo 2009 9.05
            A: Paola Neri
            Oggetto: Segnalazione

            Intervento eseguito.
            """,
        fresh: "Non è vero."),
    Reply(
        program: "Outlook, web",
        text: """
            Grazie della risposta.
            ________________________________
            Da: URP <urp@comune.example>
            Inviato: martedì 3 marzo 2026 10:11
            A: Marco Verdi <marco@example.org>
            Oggetto: Re: Rifiuti

            Passeremo domani.
            """,
        fresh: "Grazie della risposta."),
    Reply(
        program: "Outlook, telephone",
        text: """
            Ancora nulla.

            Scarica Outlook per Android<https://aka.ms/example>
            ________________________________
            From: URP <urp@comune.example>
            Sent: Tuesday, March 3, 2026 10:11:12 AM
            To: Marco Verdi <marco@example.org>
            Subject: Re: Rifiuti

            Passeremo domani.
            """,
        fresh: "Ancora nulla.", signature: "Scarica Outlook per Android<https://aka.ms/example>"),
    Reply(
        program: "Outlook, iPhone",
        text: """
            Sì, confermo.

            Ottieni Outlook per iOS<https://aka.ms/example>

            Da: URP <urp@comune.example>
            Data: martedì, 3 marzo 2026 alle ore 10:11
            A: Marco Verdi <marco@example.org>
            Oggetto: Re: Rifiuti

            Conferma?
            """,
        fresh: "Sì, confermo.", signature: "Ottieni Outlook per iOS<https://aka.ms/example>"),
    Reply(
        program: "Windows Mail",
        text: """
            Allego la foto.

            Inviato da Posta per Windows

            Da: URP
            Inviato: martedì 3 marzo 2026 10:11
            A: anna@example.org
            Oggetto: Segnalazione

            Manca la foto.
            """,
        fresh: "Allego la foto.", signature: "Inviato da Posta per Windows"),
]
