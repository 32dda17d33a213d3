import Civic
import Foundation
import Intake

/// What a post became, for people and programs.
struct MessageRecord {
    private let taken: MessageReader.Taken
    private var message: Message { taken.message }

    init(_ taken: MessageReader.Taken) { self.taken = taken }

    /// The message as the webhook would take it, files without their content.
    func json(verdict: JSON?) -> JSON {
        .object([
            ("message", taken.ignored == nil ? members : .null), ("notes", .strings(taken.notes)),
            ("ignored", .optional(taken.ignored)), ("explain", verdict ?? .null),
        ])
    }

    private var members: JSON {
        let sender = message.sender
        let point = message.location?.point
        return .object([
            ("id", .string(message.externalID)), ("sent_at", .moment(message.sentAt)),
            (
                "from",
                .object([
                    ("name", .optional(sender.name)), ("email", .optional(sender.email)),
                    ("phone", .optional(sender.phone)), ("fiscal_code", .optional(sender.fiscalCode)),
                ])
            ),
            ("subject", .optional(message.subject)), ("text", .string(message.text)),
            ("language", .optional(message.language)),
            (
                "location",
                .object([
                    ("lat", point.map { .double($0.latitude) } ?? .null),
                    ("lon", point.map { .double($0.longitude) } ?? .null),
                    ("address", .optional(message.location?.address)),
                ])
            ),
            (
                "attachments",
                .array(
                    message.attachments.map { file in
                        .object([
                            ("name", .string(file.name)), ("type", .string(file.type)),
                            ("size", .int(Int64(file.content.count))),
                        ])
                    })
            ),
            ("fields", .object(message.fields.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
        ])
    }

    var text: String {
        if let reason = taken.ignored { return "no ticket: \(reason)" }
        var lines: [String] = []
        func show(_ label: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append(
                Terminal.bold(label.padding(toLength: 10, withPad: " ", startingAt: 0)) + " " + Terminal.safe(value))
        }
        let sender = message.sender
        show("id", message.externalID)
        show("sent_at", message.sentAt?.rfc3339)
        show(
            "from",
            [sender.name, sender.email, sender.phone, sender.fiscalCode].compactMap(\.self).joined(separator: ", "))
        show("subject", message.subject)
        show("language", message.language)
        show("at", message.location?.point.map { "\($0.latitude), \($0.longitude)" })
        show("address", message.location?.address)
        for file in message.attachments { show("file", "\(file.name) (\(file.type), \(file.content.count) bytes)") }
        for (name, value) in message.fields.sorted(by: { $0.key < $1.key }) where name != MessageReader.unmapped {
            show("field", "\(name): \(value)")
        }
        for note in taken.notes { lines.append(Terminal.red("not used   " + Terminal.safe(note))) }
        lines.append(Terminal.bold("text"))
        lines += message.text.split(separator: "\n", omittingEmptySubsequences: false).map {
            "    " + Terminal.safe(String($0))
        }
        return (lines + [""]).joined(separator: "\n")
    }
}
