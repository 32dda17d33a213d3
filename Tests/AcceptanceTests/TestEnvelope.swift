import Foundation

/// What a provider of certified mail (PEC) sends: a transport envelope, an anomaly's or a receipt, in its full structure
/// (D.M. 2 November 2005, technical rules).
struct TestEnvelope: Sendable {
    enum Kind: Sendable {
        case transport, anomaly
        /// A value of `X-Ricevuta`.
        case receipt(String)
    }

    var kind: Kind
    var sender: String
    /// The id that the provider gave the mail (`identificativo`).
    var identifier: String
    /// The id that the mail's own sender gave it.
    var reference: String?
    /// The provider's word for what is wrong.
    var error = "nessuno"
    /// The mail inside.
    var inner: TestMail?
    /// In place of the certificate that belongs to it.
    var certificate: String?
    var to = "protocollo@pec.fidenza.example.org"

    private var type: String {
        switch kind {
        case .transport: "posta-certificata"
        case .anomaly: "errore"
        case .receipt(let kind): kind
        }
    }

    private var daticert: String {
        certificate ?? """
            <?xml version="1.0" encoding="UTF-8"?>
            <postacert tipo="\(type)" errore="\(error)"><intestazione><mittente>\(sender)</mittente>
            <destinatari tipo="certificato">\(to)</destinatari><risposte>\(sender)</risposte>
            <oggetto>Oggetto</oggetto></intestazione><dati><gestore-emittente>Gestore S.p.A.</gestore-emittente>
            <data zona="+0100"><giorno>21/11/2026</giorno><ora>10:00:00</ora></data>
            <identificativo>\(identifier)</identificativo>\(reference.map { "<msgid>&lt;\($0)&gt;</msgid>" } ?? "")
            <ricevuta tipo="completa"/></dati></postacert>
            """
    }

    var text: String {
        var lines: [String] = []
        switch kind {
        case .transport:
            lines += [
                "X-Trasporto: posta-certificata", "Subject: POSTA CERTIFICATA: \(inner?.subject ?? "")",
                "From: \"Per conto di: \(sender)\" <posta-certificata@pec.example.net>", "Reply-To: \(sender)",
                "Message-ID: <\(identifier)>", "X-TipoRicevuta: completa",
            ]
        case .anomaly:
            lines += [
                "X-Trasporto: errore", "Subject: ANOMALIA MESSAGGIO: \(inner?.subject ?? "")",
                "From: \"Per conto di: \(sender)\" <posta-certificata@pec.example.net>", "Reply-To: \(sender)",
                "Message-ID: \(inner?.id ?? "<anomaly@pec.example.net>")",
            ]
        case .receipt(let kind):
            lines += [
                "X-Ricevuta: \(kind)", "Subject: \(kind.uppercased()): Oggetto",
                "From: posta-certificata@pec.example.net", "Message-ID: <\(kind).\(identifier)>",
            ]
        }
        if let reference { lines.append("X-Riferimento-Message-ID: <\(reference)>") }
        lines += [
            "Return-Path: <posta-certificata@pec.example.net>", "To: \(to)", "Date: Sat, 21 Nov 2026 10:00:00 +0100",
            "MIME-Version: 1.0",
            "Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; micalg=sha256; boundary=\"signed\"",
            "", "This is an S/MIME signed message", "", "--signed", "Content-Type: multipart/mixed; boundary=\"mixed\"",
            "", "--mixed", "Content-Type: multipart/alternative; boundary=\"words\"", "", "--words",
            "Content-Type: text/plain; charset=\"iso-8859-1\"", "Content-Transfer-Encoding: quoted-printable", "",
            "Il messaggio =E8 stato inviato da \"\(sender)\".", "L'allegato daticert.xml contiene informazioni.",
            "--words", "Content-Type: text/html; charset=\"iso-8859-1\"", "",
            "<html><body>Il messaggio</body></html>", "--words--",
        ]
        if case .anomaly = kind {
        } else {
            lines += [
                "--mixed", "Content-Type: application/xml; name=\"daticert.xml\"",
                "Content-Disposition: inline; filename=\"daticert.xml\"", "Content-Transfer-Encoding: base64", "",
                Data(daticert.utf8).base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]),
            ]
        }
        if let inner {
            let name = if case .anomaly = kind { "original.eml" } else { "postacert.eml" }
            lines += [
                "--mixed", "Content-Type: message/rfc822; name=\"\(name)\"", "Content-Transfer-Encoding: 7bit", "",
                inner.text,
            ]
        }
        lines += [
            "--mixed--", "", "--signed", "Content-Type: application/x-pkcs7-signature; name=\"smime.p7s\"",
            "Content-Transfer-Encoding: base64", "Content-Disposition: attachment; filename=\"smime.p7s\"", "",
            "MIIFAwYJKoZIhvcNAQcCoIIE9DCCBPACAQExDzANBglghkgBZQMEAgEFADALBgkqhkiG9w0BBwE=", "--signed--", "",
        ]
        return lines.joined(separator: "\n").replacingOccurrences(of: "\r\n", with: "\n")
            .replacingOccurrences(of: "\n", with: "\r\n")
    }
}

extension TestEnvelope {
    /// A mail that somebody sends from a certified box; its provider gives it an id of its own, in the mail too.
    static func mail(from sender: String, number: Int, _ change: (inout TestMail) -> Void = { _ in }) -> TestEnvelope {
        let identifier = "opec\(number).20261121@pec.example.net"
        let own = "\(number).\(sender)"
        var mail = TestMail(
            from: "Anna Verdi <\(sender)>", to: "protocollo@pec.fidenza.example.org", id: "<\(identifier)>",
            fields: ["X-Riferimento-Message-ID: <\(own)>"])
        change(&mail)
        return TestEnvelope(kind: .transport, sender: sender, identifier: identifier, reference: own, inner: mail)
    }

    /// What the provider says of a mail of the city.
    static func receipt(_ kind: String, of sent: SentMail, number: Int, error: String = "nessuno") -> TestEnvelope {
        let id = (sent.field("Message-ID") ?? "").filter { $0 != "<" && $0 != ">" }
        var inner = TestMail(from: "protocollo@pec.fidenza.example.org", id: "<\(id)>", body: "Abbiamo ricevuto.")
        inner.to = "anna@pec.example.net"
        return TestEnvelope(
            kind: .receipt(kind), sender: "protocollo@pec.fidenza.example.org",
            identifier: "city\(number).20261121@pec.fidenza.example.org", reference: id, error: error,
            inner: kind == "avvenuta-consegna" ? inner : nil)
    }
}

extension MailCity {
    func post(_ envelope: TestEnvelope, to channel: String = "pec") async throws -> HTTP.Answer {
        try await post(Data(envelope.text.utf8), to: channel)
    }

    /// The notification by which a ticket was answered.
    func answer(on code: String) async throws -> [String: Any] {
        let all = try await ticket(code)["notifications"] as? [[String: Any]] ?? []
        return all.first { $0["template"] as? String == "opened" } ?? [:]
    }
}
