/// Other ways of answering, forwards, letters that look like quotations and are none, and other languages.
let otherReplies: [Reply] = [
    Reply(
        program: "between the lines",
        text: """
            Il 03/03/2026 10:11, URP ha scritto:
            > In quale via?

            Via Verdi.

            > A che altezza?

            Davanti al 12.
            """,
        fresh: "Via Verdi.\n\n\nDavanti al 12."),
    Reply(
        program: "below",
        text: """
            Il giorno 3 mar 2026, alle ore 10:11, URP ha scritto:

            > È risolto?

            No, è tutto come prima.
            """,
        fresh: "No, è tutto come prima."),
    Reply(
        program: "a forward with nothing new",
        text: """
            ---------- Forwarded message ---------
            Da: Rosa Blu <rosa@example.org>
            Date: mar 3 mar 2026 alle ore 10:11
            Subject: Buca
            To: <vicina@example.org>

            C'è una buca in via Verdi.
            """,
        fresh: "C'è una buca in via Verdi."),
    Reply(
        program: "a forward from a telephone",
        text: """


            Inviato da iPhone

            Inizio messaggio inoltrato:

            > Da: Rosa Blu <rosa@example.org>
            > Data: 3 marzo 2026 alle ore 10:11:12 CET
            > A: vicina@example.org
            > Oggetto: Buca
            >
            > C'è una buca in via Verdi.
            """,
        fresh: """
            > Da: Rosa Blu <rosa@example.org>
            > Data: 3 marzo 2026 alle ore 10:11:12 CET
            > A: vicina@example.org
            > Oggetto: Buca
            >
            > C'è una buca in via Verdi.
            """, signature: "Inviato da iPhone"),
    Reply(
        program: "a forward of a forward",
        text: """
            -------- Messaggio Inoltrato --------
            Oggetto:    I: Buca
            Data:       Tue, 3 Mar 2026 10:11:12 +0100
            Mittente:   Rosa Blu <rosa@example.org>
            A:  vicina@example.org

            ________________________________
            Da: Ida Viola <ida@example.org>
            Inviato: lunedì 2 marzo 2026 9:00
            A: Rosa Blu
            Oggetto: Buca

            C'è una buca in via Verdi.
            """,
        fresh: "C'è una buca in via Verdi."),
    Reply(
        program: "a forward with a word",
        text: """
            Vi giro la richiesta della mia vicina.

            ---------- Messaggio inoltrato ---------
            Da: Rosa Blu <rosa@example.org>
            Data: mar 3 mar 2026 alle ore 10:11
            Oggetto: Buca
            A: vicina <vicina@example.org>

            C'è una buca in via Verdi.
            """,
        fresh: "Vi giro la richiesta della mia vicina."),
    Reply(
        program: "a letter with a head",
        text: """
            Da: Mario Verdi, via Verdi 12
            A: Comune di Fidenza
            Data: 3 marzo 2026
            Oggetto: richiesta di intervento

            Chiedo la riparazione del marciapiede.
            """,
        fresh: """
            Da: Mario Verdi, via Verdi 12
            A: Comune di Fidenza
            Data: 3 marzo 2026
            Oggetto: richiesta di intervento

            Chiedo la riparazione del marciapiede.
            """),
    Reply(
        program: "a reported word",
        text: """
            Il 3 marzo 2026 alle 10:11 il vigile mi ha scritto:

            "Venga al comando."

            Io ci sono andato e non c'era nessuno.
            """,
        fresh: """
            Il 3 marzo 2026 alle 10:11 il vigile mi ha scritto:

            "Venga al comando."

            Io ci sono andato e non c'era nessuno.
            """),
    Reply(
        program: "a list",
        text: """
            Segnalo:
            - via Verdi: buca
            - via Rossi: lampione

            Cordiali saluti
            Anna Bianchi
            """,
        fresh: "Segnalo:\n- via Verdi: buca\n- via Rossi: lampione\n\nCordiali saluti\nAnna Bianchi"),
    Reply(
        program: "two dashes between paragraphs",
        text: "Prima parte.\n--\n" + (1...18).map { "Riga \($0) della seconda parte." }.joined(separator: "\n"),
        fresh: "Prima parte.\n--\n" + (1...18).map { "Riga \($0) della seconda parte." }.joined(separator: "\n")),
    Reply(
        program: "sent from a place",
        text: "Il cassonetto è rotto.\n\nInviato da chi abita qui da vent'anni, e non ha mai visto uno spazzino.",
        fresh: "Il cassonetto è rotto.\n\nInviato da chi abita qui da vent'anni, e non ha mai visto uno spazzino."),
    Reply(
        program: "a notice of confidentiality",
        text: """
            Si chiede l'accesso agli atti.

            Distinti saluti
            Avv. Piero Grigi

            AVVISO DI RISERVATEZZA
            Le informazioni contenute in questo messaggio sono riservate e destinate esclusivamente al destinatario.

            Prima di stampare questa mail pensa all'ambiente.
            """,
        fresh: "Si chiede l'accesso agli atti.\n\nDistinti saluti\nAvv. Piero Grigi",
        signature: """
            AVVISO DI RISERVATEZZA
            Le informazioni contenute in questo messaggio sono riservate e destinate esclusivamente al destinatario.

            Prima di stampare questa mail pensa all'ambiente.
            """),
    Reply(
        program: "a virus scanner",
        text: """
            Il cassonetto è pieno.

            Mail priva di virus. www.avast.com <https://www.avast.com/>
            """,
        fresh: "Il cassonetto è pieno.",
        signature: "Mail priva di virus. www.avast.com <https://www.avast.com/>"),
    Reply(
        program: "an excuse",
        text: "Il cassonetto è pieno.\n\nInviato dal mio smartphone, scusate la brevità",
        fresh: "Il cassonetto è pieno.", signature: "Inviato dal mio smartphone, scusate la brevità"),
    Reply(program: "only a signature", text: "-- \nMario Verdi", fresh: "-- \nMario Verdi"),
    Reply(program: "only a quotation", text: "> Va bene giovedì?", fresh: "> Va bene giovedì?"),
    Reply(
        program: "English",
        text: "Still broken.\n\nOn Tue, Mar 3, 2026 at 10:11 AM URP <urp@comune.example> wrote:\n\n> Fixed.",
        fresh: "Still broken."),
    Reply(
        program: "French",
        text: "Merci.\n\nLe mar. 3 mars 2026 à 10:11, URP <urp@comune.example> a écrit :\n\n> Fait.", fresh: "Merci."),
    Reply(
        program: "German",
        text: "Danke.\n\nAm 03.03.2026 um 10:11 schrieb URP <urp@comune.example>:\n> Erledigt.", fresh: "Danke."),
    Reply(
        program: "German, Outlook",
        text: "Danke.\n\nVon: URP <urp@comune.example>\nGesendet: Dienstag, 3. März 2026 10:11\nAn: Eva Grau\n"
            + "Betreff: AW: Licht\n\nErledigt.", fresh: "Danke."),
    Reply(
        program: "Spanish",
        text: "Gracias.\n\nEl mar, 3 mar 2026 a las 10:11, URP (<urp@comune.example>) escribió:\n\n> Hecho.",
        fresh: "Gracias."),
    Reply(
        program: "Romanian",
        text: "Mulțumesc.\n\nÎn mar., 3 mar. 2026 la 10:11, URP <urp@comune.example> a scris:\n\n> Gata.",
        fresh: "Mulțumesc."),
    Reply(
        program: "Portuguese",
        text: "Obrigado.\n\nEm ter., 3 de mar. de 2026 às 10:11, URP <urp@comune.example> escreveu:\n\n> Feito.",
        fresh: "Obrigado."),
    Reply(
        program: "Albanian, Outlook",
        text:
            "Faleminderit.\n\nNga: URP <urp@comune.example>\nDërguar: 3 mars 2026 10:11\nPër: Ada\nTema: Rruga\n\nU bë.",
        fresh: "Faleminderit."),
    Reply(
        program: "Polish",
        text: "Dziękuję.\n\nwt., 3 mar 2026 o 10:11 URP <urp@comune.example> napisał(a):\n\n> Gotowe.",
        fresh: "Dziękuję."),
    Reply(
        program: "Danish",
        text: "Tak.\n\nDen tirs. 3. mar. 2026 kl. 10.11 skrev URP <urp@comune.example>:\n\n> Færdig.", fresh: "Tak."),
]
