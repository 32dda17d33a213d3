import Civic
import Mail

/// All that is read of one mail, for people.
struct MailText {
    private let mail: MailMessage

    init(_ mail: MailMessage) { self.mail = mail }

    var text: String {
        var lines: [String] = []
        func add(_ label: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            // What strangers write must not command the terminal.
            let shown = value.replacing(/[\u{00}-\u{09}\u{0B}-\u{1F}\u{7F}]/, with: "\u{FFFD}")
            lines.append(Terminal.bold(label) + String(repeating: " ", count: max(1, 12 - label.count)) + shown)
        }
        let header = mail.header
        add("from", addresses(header.from))
        add("reply to", addresses(header.replyTo))
        add("to", addresses(header.to))
        add("cc", addresses(header.cc))
        add("for", header.deliveredTo.joined(separator: ", "))
        add("returns to", header.returnPath.map { $0.isEmpty ? "<>" : $0 })
        add("subject", header.subject)
        add("date", header.date?.rfc3339)
        add("id", header.messageID)
        add("answers", header.inReplyTo.joined(separator: " "))
        add("kind", kind)
        add("envelope", mail.envelope.map(envelope))
        section("new", mail.reading.fresh, &lines)
        section("quoted", mail.reading.quoted, &lines)
        section("signature", mail.reading.signature, &lines)
        for attachment in mail.attachments {
            add(
                attachment.isInline ? "inline" : "attachment",
                "\(attachment.name ?? "-"), \(attachment.type), \(attachment.content.count) bytes, "
                    + "SHA-256 \(attachment.digest)")
        }
        for defect in mail.defects { add("fault", defect) }
        return lines.joined(separator: "\n")
    }

    private func section(_ label: String, _ text: String, _ lines: inout [String]) {
        guard !text.isEmpty else { return }
        lines.append(Terminal.bold(label))
        lines += text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
    }

    private func addresses(_ all: [MailAddress]) -> String {
        all.map { address in address.name.map { "\($0) <\(address.address)>" } ?? address.address }
            .joined(separator: ", ")
    }

    private var kind: String {
        switch mail.kind {
        case .personal: return "personal"
        case .unanswerable(let reason): return "unanswerable: \(reason)"
        case .automatic(let reason): return "automatic: \(reason)"
        case .disposition(let original): return "disposition" + (original.map { " of \($0)" } ?? "")
        case .delivery(let report):
            let recipients = report.recipients.map { recipient in
                [recipient.address ?? "-", recipient.action.rawValue, recipient.status, recipient.diagnostic]
                    .compactMap(\.self).joined(separator: " ")
            }
            return "delivery" + (report.original.map { " of \($0)" } ?? "")
                + recipients.map { "\n            " + $0 }.joined()
        case .receipt(let receipt):
            return "receipt: \(receipt.kind.rawValue)" + (receipt.original.map { " of \($0)" } ?? "")
        }
    }

    private func envelope(_ envelope: CertifiedEnvelope) -> String {
        let data = envelope.certificate
        return [
            envelope.kind == .transport ? "certified mail" : "anomaly",
            data?.sender.map { "sender \($0)" }, data?.provider.map { "provider \($0)" },
            data?.identifier.map { "identifier \($0)" }, data?.error.map { "error \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
    }
}
