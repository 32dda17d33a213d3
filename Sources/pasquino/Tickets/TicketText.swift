import Civic
import Store

/// A ticket as text for people.
struct TicketText {
    let ticket: TicketRecord
    init(_ ticket: TicketRecord) { self.ticket = ticket }

    var text: String {
        get throws {
            var lines = [
                "\(Terminal.bold(ticket.code))  \(ticket.status.rawValue)  \(ticket.priority)",
                "category   \(ticket.category ?? "none")",
                "office     \(ticket.office)",
                "area       \(ticket.area ?? "-")",
                "channel    \(ticket.channel), \(ticket.language)",
                "opened     \(ticket.openedAt.rfc3339)",
                "due        \(ticket.dueAt?.rfc3339 ?? "-")",
                "citizen    \(ticket.citizen?.description ?? "anonymous")",
            ]
            if let contact = ticket.contact {
                lines.append("told by    \(contact.medium.rawValue) \(masked(contact.address))")
            }
            if let subject = ticket.subject { lines.append("subject    \(Terminal.safe(subject))") }
            if let text = ticket.text { lines.append("text       \(Terminal.safe(text))") }
            for link in ticket.links { lines.append("see also   \(link.code) (\(link.words))") }
            for (index, file) in ticket.attachments.enumerated() {
                let shown = file.isShown ? "" : ", not shown to others"
                lines.append(
                    "file \(index + 1)     \(Terminal.safe(file.name)), \(file.type), \(file.size) bytes\(shown)")
            }
            if ticket.messages.count > 1 {
                lines.append(Terminal.bold("messages"))
                for (index, said) in ticket.messages.enumerated() {
                    lines.append(
                        "  \(index + 1)  \(said.receivedAt.rfc3339)  \(said.kind.rawValue) on \(said.channel)  "
                            + Terminal.safe(String(said.text.prefix(200))))
                }
            }
            lines.append(Terminal.bold("history"))
            for event in ticket.events {
                let office = event.office.map { " → " + $0 } ?? ""
                let note = event.note.map { "  " + Terminal.safe($0) } ?? ""
                lines.append("  \(event.at.rfc3339)  \(event.kind.rawValue)\(office)  by \(event.by)\(note)")
            }
            lines.append(Terminal.bold("notifications"))
            for sent in ticket.notifications {
                let reason = sent.reason.map { "  " + Terminal.safe($0) } ?? ""
                lines.append(
                    "  \((sent.doneAt ?? sent.createdAt).rfc3339)  \(sent.template) by \(sent.medium) to "
                        + "\(masked(sent.recipient))  \(sent.status), attempts \(sent.attempts)\(reason)"
                        + (sent.receipt.map { "  receipt \($0)" } ?? "")
                        + (sent.insteadOf == nil ? "" : "  in the place of the one before"))
                // The last one is what the line above says.
                for one in sent.tries where sent.tries.count > 1 || one.outcome != sent.status {
                    let reason = one.reason.map { "  " + Terminal.safe($0) } ?? ""
                    lines.append("    \(one.at.rfc3339)  \(one.outcome)\(reason)")
                }
            }
            if ticket.notifications.isEmpty { lines.append("  none") }
            lines.append(Terminal.bold("decision"))
            lines.append(try DecisionText(ticket.decision).text)
            return lines.joined(separator: "\n")
        }
    }
}

extension TicketRecord.Link {
    fileprivate var words: String {
        switch (kind, isBackward) {
        case (.follows, false): "which this one follows"
        case (.follows, true): "which follows this one"
        case (.possibly, _): "possibly related"
        case (.split, false): "of which this one was a part"
        case (.split, true): "which was a part of this one"
        }
    }
}
