/// What became of a mail of ours, from a report's fields (RFC 3464) or from its words.
struct DeliveryReader {
    private let mail: ParsedMail
    private let signs: Signs
    private let text: String

    init(_ mail: ParsedMail, signs: Signs, text: String) {
        self.mail = mail
        self.signs = signs
        self.text = text
    }

    var report: DeliveryReport {
        var recipients: [DeliveryReport.Recipient] = []
        var original: String?
        for status in mail.own where mail.parts[status].type.hasSuffix("delivery-status") {
            for group in ReportFields.groups(mail.text(status)) {
                original =
                    original
                    ?? (group["original-message-id"] ?? group["x-original-message-id"])
                    .flatMap { MessageIDs.read($0).first }
                if let recipient = recipient(group) { recipients.append(recipient) }
            }
        }
        let words = BounceWords(text, signs: signs)
        if recipients.isEmpty { recipients = words.recipients }
        return DeliveryReport(
            recipients: recipients,
            original: returned ?? original ?? words.messageID ?? inParts ?? signs.header.inReplyTo.first
                ?? signs.header.references.last)
    }

    /// One recipient's group (RFC 3464, 2.3).
    private func recipient(_ group: [String: String]) -> DeliveryReport.Recipient? {
        let named = ["final-recipient", "original-recipient", "x-actual-recipient", "recipient"]
            .lazy.compactMap { group[$0] }.first
        guard named != nil || group["action"] != nil && group["status"] != nil else { return nil }
        let status = (group["status"] ?? group["diagnostic-code"]).flatMap(EnhancedStatus.find)
        let action = group["action"].map { $0.lowercased().prefix { $0.isLetter || $0 == "-" } } ?? ""
        return DeliveryReport.Recipient(
            address: named.flatMap(address),
            action: DeliveryReport.Recipient.Action(rawValue: String(action)) ?? Self.action(of: status),
            status: status,
            diagnostic: group["diagnostic-code"].map { value in
                let text = value.hasPrefix("smtp;") || value.hasPrefix("SMTP;") ? String(value.dropFirst(5)) : value
                return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            })
    }

    static func action(of status: String?) -> DeliveryReport.Recipient.Action {
        switch status?.first {
        case "2": .delivered
        case "4": .delayed
        default: .failed
        }
    }

    /// `rfc822; a@b`, `<a@b>`, or what some write.
    private func address(_ value: String) -> String? {
        let value = value.split(separator: ";", maxSplits: 1).last.map(String.init) ?? value
        let bare = value.trimmingCharacters { $0 == "<" || $0 == ">" || $0 == " " || $0 == "\"" }
        return bare.isEmpty ? nil : bare
    }

    /// The Message-ID in the copy of our mail, or of its header, that came back.
    private var returned: String? {
        for index in mail.parts.indices.dropFirst() {
            let part = mail.parts[index]
            switch part.type {
            case "message/rfc822", "message/global", "message/partial", "message/news":
                if let inner = part.children.first, let id = id(mail.parts[inner].header) { return id }
                if part.children.isEmpty, let id = id(ParsedMail(mail.content(index)).parts[0].header) { return id }
            case "text/rfc822-headers", "message/rfc822-headers", "text/rfc822", "message/global-headers":
                if let id = id(ParsedMail(mail.content(index).prefix(Limits.field)).parts[0].header) { return id }
            default: continue
            }
        }
        return nil
    }

    /// Where a copy of our mail stands in a part that says it is something else.
    private var inParts: String? {
        mail.own.dropFirst().lazy
            .filter {
                mail.parts[$0].kind == .leaf && ["text", "message"].contains(mail.parts[$0].type.prefix { $0 != "/" })
            }
            .compactMap { BounceWords(mail.text($0), signs: signs).messageID }.first
    }

    private func id(_ header: [RawField]) -> String? {
        header.first("Message-ID").flatMap { MessageIDs.read($0).first }
    }
}

/// RFC 3463: `5.1.1`.
enum EnhancedStatus {
    /// The first one in a text.
    static func find(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        for start in bytes.indices where [0x32, 0x34, 0x35].contains(bytes[start]) {
            if start > 0, isDigit(bytes[start - 1]) || bytes[start - 1] == 0x2E { continue }
            var at = start + 1
            var groups = 0
            while groups < 2, at < bytes.count, bytes[at] == 0x2E {
                let digits = bytes[(at + 1)...].prefix(while: isDigit)
                guard (1...3).contains(digits.count) else { break }
                at = digits.endIndex
                groups += 1
            }
            guard groups == 2,
                at == bytes.count || bytes[at] != 0x2E || at + 1 == bytes.count || !isDigit(bytes[at + 1])
            else { continue }
            return String(decoding: bytes[start..<at], as: UTF8.self)
        }
        return nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
