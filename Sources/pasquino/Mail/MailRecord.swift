import Civic
import Crypto
import Mail

/// All that is read of one mail, as JSON.
struct MailRecord {
    private let mail: MailMessage

    init(_ mail: MailMessage) { self.mail = mail }

    var json: JSON {
        .object([
            ("header", header),
            ("kind", .string(mail.kind.name)),
            ("about", about),
            ("envelope", mail.envelope.map(envelope) ?? .null),
            ("text", .string(mail.text)),
            ("fresh", .string(mail.reading.fresh)),
            ("quoted", .string(mail.reading.quoted)),
            ("signature", .string(mail.reading.signature)),
            ("attachments", .array(mail.attachments.map(attachment))),
            ("structure", structure(mail.structure)),
            ("defects", .strings(mail.defects)),
        ])
    }

    private var header: JSON {
        let header = mail.header
        return .object([
            ("message_id", .optional(header.messageID)),
            ("in_reply_to", .strings(header.inReplyTo)),
            ("references", .strings(header.references)),
            ("from", addresses(header.from)),
            ("reply_to", addresses(header.replyTo)),
            ("to", addresses(header.to)),
            ("cc", addresses(header.cc)),
            ("delivered_to", .strings(header.deliveredTo)),
            ("return_path", .optional(header.returnPath)),
            ("subject", .optional(header.subject)),
            ("date", .moment(header.date)),
        ])
    }

    private func addresses(_ all: [MailAddress]) -> JSON {
        .array(all.map { .object([("name", .optional($0.name)), ("address", .string($0.address))]) })
    }

    /// What the kind knows beside its name.
    private var about: JSON {
        switch mail.kind {
        case .personal: .null
        case .unanswerable(let reason), .automatic(let reason): .object([("reason", .string(reason))])
        case .disposition(let original): .object([("original", .optional(original))])
        case .delivery(let report):
            .object([
                ("original", .optional(report.original)), ("recipients", .array(report.recipients.map(recipient))),
            ])
        case .receipt(let receipt):
            .object([
                ("receipt", .string(receipt.kind.rawValue)), ("original", .optional(receipt.original)),
                ("certificate", receipt.certificate.map(certificate) ?? .null),
            ])
        }
    }

    private func recipient(_ recipient: DeliveryReport.Recipient) -> JSON {
        .object([
            ("address", .optional(recipient.address)), ("action", .string(recipient.action.rawValue)),
            ("status", .optional(recipient.status)), ("diagnostic", .optional(recipient.diagnostic)),
        ])
    }

    private func envelope(_ envelope: CertifiedEnvelope) -> JSON {
        .object([
            ("kind", .string(envelope.kind == .transport ? "transport" : "anomaly")),
            ("certified", .bool(envelope.isCertified)),
            ("certificate", envelope.certificate.map(certificate) ?? .null),
        ])
    }

    private func certificate(_ data: CertifiedData) -> JSON {
        .object([
            ("type", .string(data.type)), ("error", .optional(data.error)), ("sender", .optional(data.sender)),
            (
                "recipients",
                .array(
                    data.recipients.map {
                        .object([("address", .string($0.address)), ("certified", .bool($0.isCertified))])
                    })
            ),
            ("subject", .optional(data.subject)), ("provider", .optional(data.provider)),
            ("identifier", .optional(data.identifier)), ("message_id", .optional(data.messageID)),
            ("at", .moment(data.at)), ("delivery", .optional(data.delivery)), ("detail", .optional(data.detail)),
        ])
    }

    private func attachment(_ attachment: MailAttachment) -> JSON {
        .object([
            ("name", .optional(attachment.name)), ("type", .string(attachment.type)),
            ("size", .int(Int64(attachment.content.count))), ("sha256", .string(attachment.digest)),
            ("inline", .bool(attachment.isInline)), ("content_id", .optional(attachment.contentID)),
        ])
    }

    private func structure(_ part: MailPart) -> JSON {
        .object([
            ("type", .string(part.type)), ("charset", .optional(part.charset)), ("name", .optional(part.name)),
            ("size", .int(Int64(part.size))), ("children", .array(part.children.map(structure))),
        ])
    }
}

extension MailAttachment {
    /// SHA-256 of the content, in hexadecimal.
    var digest: String {
        SHA256.hash(data: content).map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}

extension MailKind {
    var name: String {
        switch self {
        case .personal: "personal"
        case .unanswerable: "unanswerable"
        case .automatic: "automatic"
        case .delivery: "delivery"
        case .disposition: "disposition"
        case .receipt: "receipt"
        }
    }
}
