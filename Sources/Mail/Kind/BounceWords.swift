/// What a report says in words: whom it could not reach, and why. As good as words are.
struct BounceWords {
    private(set) var recipients: [DeliveryReport.Recipient] = []
    /// Of the copy of our mail, where it follows in the text.
    private(set) var messageID: String?

    init(_ text: String, signs: Signs) {
        var found: [String] = []
        var system: String?
        var status: String?
        var diagnostic: String?
        var isCopy = false
        let lines = String(decoding: text.utf8.prefix(200_000), as: UTF8.self).lineSlices.filter { !$0.isEmpty }.prefix(
            2_000)
        let own = Set((signs.header.to + signs.header.from).map { $0.address.lowercased() })
        for (number, line) in lines.enumerated() {
            let trimmed = line.drop { $0 == ">" || $0.isWhitespace || $0 == "|" }
            let lower = trimmed.prefix(200).lowercased()
            if messageID == nil, lower.hasPrefix("message-id:") || lower.hasPrefix("original message-id:") {
                let value = String(trimmed[trimmed.firstIndex(of: ":")!...].dropFirst()).trimmingSpaces
                let next = number + 1 < lines.count ? String(lines[number + 1]) : ""
                // Folded, or broken by a quoted-printable that nobody undid.
                let whole = value.isEmpty ? next : value.hasSuffix("=") ? value.dropLast() + next : value
                messageID = MessageIDs.read(whole).first
            }
            // Behind this the addresses are those of our own header.
            isCopy =
                isCopy || lower.hasPrefix("received: ") || lower.hasPrefix("return-path:")
                || lower.hasPrefix("message-id:")
                || lower.hasPrefix("--- below this line") || lower.contains("copy of the message")
                || lower.hasPrefix("mime-version:")
            guard !isCopy else { continue }
            if found.count < 50, !lower.hasPrefix("reporting-mta"), !lower.hasPrefix("from:") {
                for address in Self.addresses(trimmed.prefix(2_000)) where !found.contains(address) {
                    let local = address.lowercased().prefix { $0 != "@" }
                    if own.contains(address.lowercased()) || local.hasPrefix("mailer-daemon") { continue }
                    // A system's own box, unless it is the only one named.
                    if local.hasPrefix("postmaster") {
                        system = system ?? address
                        continue
                    }
                    found.append(address)
                }
            }
            if diagnostic == nil, Self.saysWhy(lower) { diagnostic = String(trimmed.prefix(500)).trimmingSpaces }
            status = status ?? EnhancedStatus.find(String(trimmed.prefix(500)))
        }
        if let failed = signs["x-failed-recipients"] {
            let named = failed.split { $0 == "," || $0.isWhitespace }.map(String.init).filter { $0.contains("@") }
            if !named.isEmpty { found = named }
        }
        if found.isEmpty { found = system.map { [$0] } ?? [] }
        let isLate = ["delay", "warning", "ritardo", "not yet", "verzöger", "retard"].contains {
            signs.subject.contains($0)
        }
        let action: DeliveryReport.Recipient.Action =
            isLate
            ? .delayed : signs.subject.contains("success") ? .delivered : status?.first == "4" ? .delayed : .failed
        recipients = found.prefix(50).map {
            DeliveryReport.Recipient(address: $0, action: action, status: status, diagnostic: diagnostic)
        }
        if recipients.isEmpty {
            recipients = [
                DeliveryReport.Recipient(address: nil, action: action, status: status, diagnostic: diagnostic)
            ]
        }
    }

    /// An answer of a mail server: `550 5.1.1 …`, or the words around it.
    private static func saysWhy(_ line: String) -> Bool {
        let words = [
            "user unknown", "no such user", "mailbox full", "quota", "does not exist", "host unknown", "timed out",
        ]
        if words.contains(where: { line.contains($0) }) { return true }
        let code = line.prefix(40).split { !$0.isNumber }.first {
            $0.count == 3 && ($0.hasPrefix("5") || $0.hasPrefix("4"))
        }
        return code != nil
    }

    /// What looks like an address in a line.
    static func addresses(_ line: Substring) -> [String] {
        guard line.contains("@") else { return [] }
        return line.split { $0.isWhitespace || "<>()[]\",;:'".contains($0) }.compactMap { word in
            let word = word.trimmingCharacters { $0 == "." || $0 == "*" }
            let parts = word.split(separator: "@", omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), word.utf8.count < 255,
                parts[1].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" })
            else { return nil }
            return word
        }
    }
}
