import Civic
import Testing

@testable import Mail

@Suite struct CertifiedMailTests {
    private static let certificate = """
        <?xml version="1.0" encoding="UTF-8"?>
        <postacert tipo="TYPE" errore="nessuno"><intestazione><mittente>studio@pec.example</mittente>
        <destinatari tipo="certificato">protocollo@pec.comune.example</destinatari>
        <destinatari tipo="esterno">urp@comune.example</destinatari>
        <risposte>studio@pec.example</risposte><oggetto>Accesso agli atti &amp; copie</oggetto></intestazione>
        <dati><gestore-emittente>Gestore S.p.A.</gestore-emittente><data zona="+0100"><giorno>03/03/2026</giorno>
        <ora>10:11:12</ora></data><identificativo>opec1@gestore.example</identificativo>
        <msgid>&lt;proprio@pec.example&gt;</msgid></dati></postacert>
        """

    /// As providers build it; parts may be left out.
    private func mail(
        _ header: String, type: String = "posta-certificata", inner: String? = CertifiedMailTests.inner,
        hasCertificate: Bool = true
    ) -> MailMessage {
        var parts = ["Content-Type: text/plain; charset=iso-8859-1\n\nMessaggio di posta certificata"]
        if hasCertificate {
            parts.append(
                "Content-Type: application/xml; name=\"daticert.xml\"\nContent-Disposition: inline; filename=\"daticert.xml\"\n\n"
                    + Self.certificate.replacing("TYPE", with: type))
        }
        if let inner { parts.append("Content-Type: message/rfc822; name=\"postacert.eml\"\n\n" + inner) }
        let body = parts.map { "--b\n" + $0 + "\n" }.joined() + "--b--\n"
        return MailReader().read(
            Array((header + "\nContent-Type: multipart/mixed; boundary=b\n\n" + body).utf8))
    }

    private static let inner = """
        From: Studio Grigi <studio@pec.example>
        To: protocollo@pec.comune.example
        Subject: Accesso agli atti & copie
        Message-ID: <opec1@gestore.example>

        Si chiede copia degli atti.
        """
    private static let perConto =
        "From: \"Per conto di: studio@pec.example\" <posta-certificata@gestore.example>\n"
        + "Delivered-To: protocollo@pec.comune.example\nSubject: POSTA CERTIFICATA: Accesso agli atti & copie"

    @Test func theMailInTheEnvelopeIsTheMail() throws {
        let mail = mail(Self.perConto + "\nX-Trasporto: posta-certificata")
        #expect(mail.header.from == [MailAddress(name: "Studio Grigi", address: "studio@pec.example")])
        #expect(mail.text == "Si chiede copia degli atti.")
        #expect(mail.header.deliveredTo == ["protocollo@pec.comune.example"])
        #expect(mail.attachments.isEmpty)
        let envelope = try #require(mail.envelope)
        #expect(envelope.isCertified)
        let data = try #require(envelope.certificate)
        #expect(data.sender == "studio@pec.example")
        #expect(data.recipients.map(\.isCertified) == [true, false])
        #expect(data.subject == "Accesso agli atti & copie")
        #expect(data.identifier == "opec1@gestore.example")
        #expect(data.messageID == "proprio@pec.example")
        #expect(data.at == Timestamp(rfc3339: "2026-03-03T09:11:12Z"))
        guard case .personal = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
    }

    @Test func anEnvelopeMayLackItsCertificateOrItsField() {
        let bare = mail(Self.perConto + "\nX-Trasporto: posta-certificata", hasCertificate: false)
        #expect(bare.text == "Si chiede copia degli atti.")
        #expect(bare.envelope?.isCertified == false)
        #expect(mail(Self.perConto).envelope?.isCertified == true)
        let empty = mail(Self.perConto + "\nX-Trasporto: posta-certificata", inner: nil)
        #expect(empty.envelope != nil)
        #expect(!empty.defects.isEmpty)
    }

    @Test func anAnomalyIsNotCertified() {
        let mail = mail(
            Self.perConto.replacing("POSTA CERTIFICATA:", with: "ANOMALIA MESSAGGIO:") + "\nX-Trasporto: errore",
            hasCertificate: false)
        #expect(mail.text == "Si chiede copia degli atti.")
        #expect(mail.envelope?.kind == .anomaly)
        #expect(mail.envelope?.isCertified == false)
    }

    @Test("receipts of every kind", arguments: CertifiedReceipt.Kind.allCases)
    func receipt(_ kind: CertifiedReceipt.Kind) {
        let header =
            "From: posta-certificata@gestore.example\nSubject: ESITO: x\nX-Ricevuta: \(kind.rawValue)\n"
            + "X-Riferimento-Message-ID: <nostro@comune.example>"
        let mail = mail(header, type: kind.rawValue)
        guard case .receipt(let receipt) = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
        #expect(receipt.kind == kind)
        #expect(receipt.original == "nostro@comune.example")
        #expect(mail.envelope == nil)
        #expect(!mail.text.contains("Si chiede copia"))
    }

    @Test(
        "receipts that lost their field",
        arguments: [
            ("ACCETTAZIONE: x", CertifiedReceipt.Kind.accepted), ("CONSEGNA: x", .delivered),
            ("AVVISO DI NON ACCETTAZIONE: x", .notAccepted), ("AVVISO DI MANCATA CONSEGNA: x", .notDelivered),
        ])
    func receiptByTitle(_ subject: String, _ kind: CertifiedReceipt.Kind) {
        let mail = mail("From: posta-certificata@gestore.example\nSubject: \(subject)", hasCertificate: false)
        guard case .receipt(let receipt) = mail.kind else {
            Issue.record("\(mail.kind)")
            return
        }
        #expect(receipt.kind == kind)
    }
}
