import Mail
import Store

/// What machines say: kept, applied to what it speaks of, never answered.
extension MailEntry {
    /// Kept with its ticket, if it has one; nobody is told.
    func file(_ letter: Letter, as kind: MessageKind, note: String) async throws -> MailDesk.Outcome {
        if let thread = try await thread(of: letter) {
            return try await append(letter, as: kind, to: thread) { $0.note = note }
        }
        return try await keep(letter, as: kind, reason: note)
    }

    func apply(_ report: DeliveryReport, _ letter: Letter) async throws -> MailDesk.Outcome {
        let failed = report.recipients.filter { $0.action == .failed }
        let words = report.recipients.map { recipient in
            [
                recipient.address.map(masked), recipient.action.rawValue, recipient.status,
                recipient.diagnostic.map(withoutAddresses),
            ]
            .compactMap(\.self).joined(separator: " ")
        }
        let reason = (["delivery report"] + words.prefix(3)).joined(separator: ": ").storable.bounded(to: 500)
        var said = Correspondence.Report(outcome: failed.isEmpty ? .noted : .failed, reason: reason)
        // No such mailbox (RFC 3463, 3.2; 5.2.1 is one that is closed): the next ones would not arrive either.
        if failed.contains(where: { $0.status?.hasPrefix("5.1.") == true || $0.status == "5.2.1" }) {
            said.unreachedFor = .seconds(30 * 86_400)
        }
        return try await apply(
            said, original: report.original,
            recipients: report.recipients.compactMap(\.address), letter, as: .delivery)
    }

    func apply(_ receipt: CertifiedReceipt, _ letter: Letter) async throws -> MailDesk.Outcome {
        // Anybody can write such a header: it is believed of what the provider itself put into a certified box.
        guard letter.isReceipt else {
            return try await file(letter, as: .receipt, note: "a receipt of certified mail that anybody may have made")
        }
        let outcome: Correspondence.Report.Outcome =
            switch receipt.kind {
            case .notAccepted, .notDelivered, .virus: .failed
            case .delivered: .delivered
            case .accepted, .takenInCharge, .warning: .noted
            }
        let detail = [receipt.certificate?.error, receipt.certificate?.detail].compactMap(\.self)
        let reason = (["certified mail: \(receipt.kind.rawValue)"] + detail).joined(separator: ": ").storable.bounded(
            to: 500)
        return try await apply(
            Correspondence.Report(outcome: outcome, reason: reason, receipt: receipt.kind.rawValue),
            original: receipt.original,
            recipients: [receipt.certificate?.delivery].compactMap(\.self), letter, as: .receipt)
    }

    /// Sets the outcome of the notification that a report speaks of, and keeps the report with its ticket.
    private func apply(
        _ report: Correspondence.Report, original: String?, recipients: [String], _ letter: Letter, as kind: MessageKind
    ) async throws -> MailDesk.Outcome {
        let instance = desk.instance
        let own = original.flatMap { instance.ownMail(messageID: $0) } ?? letter.notifications.first
        let code = own?.code ?? letter.proven.first
        guard let code, let thread = try await correspondence.threads(codes: [code], sender: nil).first else {
            return try await keep(letter, as: kind, reason: report.reason)
        }
        if let notification = try await correspondence.notification(
            own?.notification, ticket: thread.number, recipients: recipients)
        {
            let owner = desk.owner()
            let owed = try await correspondence.record(report, of: notification, at: desk.now(), owner: owner)
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
        }
        return try await append(letter, as: kind, to: thread) { $0.note = report.reason }
    }
}

/// Other people's addresses are nobody's business.
private func withoutAddresses(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false)
        .map { $0.utf8.contains(0x40) ? masked(String($0)) : String($0) }.joined(separator: " ")
}
