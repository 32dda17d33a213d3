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
                "due        \(ticket.dueAt?.rfc3339 ?? "-")"
                    + (ticket.waitingSince.map { ", standing still since \($0.rfc3339)" } ?? ""),
                "citizen    \(ticket.citizen?.description ?? "anonymous")",
            ]
            if let contact = ticket.contact {
                lines.append(
                    "told by    \(contact.medium.rawValue) \(masked(contact.address))"
                        + (ticket.contactWhy.map { ": " + Terminal.safe($0) } ?? ""))
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
                if let payment = event.payment {
                    let due = payment.due.map { " by \($0)" } ?? ""
                    lines.append(
                        "    to pay \(payment.amountText(decimalPoint: ".")) € with notice \(payment.noticeNumber)\(due)"
                            + (payment.invalidAfterDue ? ", not later" : ""))
                }
            }
            lines.append(Terminal.bold("notifications"))
            for chain in NotificationChain.all(in: ticket.notifications) {
                let outcome = chain.outcome
                guard chain.links.count > 1 else {
                    lines += self.lines(of: outcome, indent: "")
                    continue
                }
                lines.append(
                    "  \((outcome.doneAt ?? outcome.createdAt).rfc3339)  \(outcome.template): \(outcome.status) by "
                        + "\(outcome.medium), \(chain.links.count) media")
                for sent in chain.links { lines += self.lines(of: sent, indent: "  ") }
            }
            if ticket.notifications.isEmpty { lines.append("  none") }
            lines.append(Terminal.bold("decision"))
            lines.append(try DecisionText(ticket.decision).text)
            return lines.joined(separator: "\n")
        }
    }

    /// One line, and one for each attempt if there were several.
    private func lines(of sent: TicketRecord.Notification, indent: String) -> [String] {
        let reason = sent.reason.map { "  " + Terminal.safe($0) } ?? ""
        let line =
            "  \((sent.doneAt ?? sent.createdAt).rfc3339)  \(sent.template) by \(sent.medium) to "
            + "\(sent.shownRecipient)  \(sent.status), attempts \(sent.attempts)\(reason)"
            + (sent.receipt.map { "  receipt \($0)" } ?? "")
            + (sent.together.isEmpty
                ? "" : "  together with \(sent.together.map(\.kind.rawValue).joined(separator: ", "))")
        // The last one is what the line says.
        let tries = sent.tries.filter { sent.tries.count > 1 || $0.outcome != sent.status }.map { one in
            "    \(one.at.rfc3339)  \(one.outcome)" + (one.reason.map { "  " + Terminal.safe($0) } ?? "")
        }
        return ([line] + tries).map { indent + $0 }
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
