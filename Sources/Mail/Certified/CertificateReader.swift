import Civic

/// daticert.xml: what a certified system says of a mail (D.M. 2 November 2005, technical rules, 7.4).
final class CertificateReader: MarkupHandler {
    private var path: [String] = []
    private var value = ""
    private var recipient = false
    private var zone = ""
    private var day = ""
    private var hour = ""
    private var data = CertifiedData(type: "")

    /// Null if it is no certificate.
    static func read(_ bytes: ArraySlice<UInt8>) -> CertifiedData? {
        guard bytes.count <= 1 << 20, let start = bytes.firstIndex(of: 0x3C) else { return nil }
        let reader = CertificateReader()
        // One that breaks off still says what stood before.
        _ = Markup.readXML(TagLimit.xml(Array(bytes[start...])), into: reader)
        return reader.data.type.isEmpty ? nil : reader.data
    }

    func start(_ name: String, _ attributes: [String: String]) {
        path.append(name)
        value = ""
        switch name {
        case "postacert" where path.count == 1:
            data.type = attributes["tipo"]?.lowercased() ?? "?"
            data.error = attributes["errore"].flatMap { $0 == "nessuno" || $0.isEmpty ? nil : $0 }
        case "destinatari": recipient = attributes["tipo"] == "certificato"
        case "data": zone = attributes["zona"] ?? ""
        default: break
        }
    }

    func text(_ text: String) {
        if value.utf8.count < 10_000 { value += text }
    }

    func end(_ name: String) {
        if path.last == name { path.removeLast() }
        let value = value.trimmingSpaces
        self.value = ""
        guard !value.isEmpty || name == "data" else { return }
        switch name {
        case "mittente": data.sender = data.sender ?? value
        case "destinatari" where data.recipients.count < Limits.addresses:
            data.recipients.append(CertifiedData.Recipient(address: value, isCertified: recipient))
        case "oggetto": data.subject = value
        case "gestore-emittente": data.provider = value
        case "giorno": day = value
        case "ora": hour = value
        case "data": data.at = moment
        case "identificativo": data.identifier = Self.bare(value)
        case "msgid": data.messageID = Self.bare(value)
        case "consegna", "ricezione": data.delivery = data.delivery ?? value
        case "errore-esteso": data.detail = value
        default: break
        }
    }

    private static func bare(_ id: String) -> String { MessageIDs.read(id).first ?? id }

    /// `dd/MM/yyyy`, `HH:mm:ss`, `+0100`.
    private var moment: Timestamp? {
        let day = day.split(separator: "/")
        guard day.count == 3, zone.count == 5 else { return nil }
        return Timestamp(rfc3339: "\(day[2])-\(day[1])-\(day[0])T\(hour)\(zone.prefix(3)):\(zone.suffix(2))")
    }
}
