import Civic
import Settings

/// FixMyStreet's updates, inwards: what somebody says on a report that is there.
///
/// A citizen's word does not close the city's ticket: FIXED or CLOSED is told to the office, which decides. REOPEN opens
/// a closed ticket again. From an office's own system the same words are steps in the ticket's life.
struct Open311Update {
    enum Status: String, CaseIterable {
        case unchanged, open, closed, fixed, planned, investigating, duplicate, cancelled, reopen
        case inProgress = "in_progress"
        case actionScheduled = "action_scheduled"
        case notOurs = "not_councils_responsibility"
        case noFurtherAction = "no_further_action"
        case internalReferral = "internal_referral"
        case forTriage = "for_triage"

        /// What it is if the office itself says it.
        var step: TicketEvent.Kind {
            switch self {
            case .unchanged, .open, .forTriage: .note
            case .investigating: .acknowledged
            case .inProgress, .planned, .actionScheduled: .inProgress
            case .internalReferral: .forwarded
            case .closed, .fixed: .resolved
            case .duplicate, .cancelled, .notOurs, .noFurtherAction: .rejected
            case .reopen: .reopened
            }
        }

        /// How a step of ours is told.
        init(telling kind: TicketEvent.Kind) {
            self =
                switch kind {
                case .acknowledged: .investigating
                case .inProgress, .waiting: .inProgress
                case .forwarded: .internalReferral
                case .resolved: .fixed
                case .rejected: .noFurtherAction
                case .opened, .reopened, .moved, .message, .note, .answered, .corrected, .reminded, .escalated: .open
                }
        }
    }

    /// As the sender wrote it.
    let ticket: String
    /// The sender's own.
    let id: String
    let status: Status
    let text: String
    let sentAt: Timestamp
    let sender: Sender
    let media: (files: [Attachment], addresses: [String])

    /// - Throws: 400 with every fault.
    init(_ form: Open311Form, from key: Open311Intake.Key, text longest: Int) throws(Open311Failure) {
        var faults: [String] = []
        // Bromley's word for it (FixMyStreet).
        let id = form["update_id"] ?? form["update_id_ext"]
        for (name, value) in [
            ("service_request_id", form["service_request_id"]), ("update_id", id), ("status", form["status"]),
            ("updated_datetime", form["updated_datetime"]),
        ] where value == nil { faults.append("\(name): it is missing") }
        if let id, id.utf8.count > 200 { faults.append("update_id: it is longer than 200 bytes") }
        let status = form["status"].flatMap { Status(rawValue: $0.lowercased()) }
        if form["status"] != nil, status == nil {
            faults.append(
                "status: expected one of \(Status.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", "))")
        }
        let sentAt = form["updated_datetime"].flatMap(Open311Query.moment)
        if form["updated_datetime"] != nil, sentAt == nil {
            faults.append("updated_datetime: expected a time such as 2026-11-21T09:30:00Z")
        }
        let text = form["description"] ?? ""
        if text.unicodeScalars.count > longest { faults.append("description: it is longer than \(longest) characters") }
        let person = Open311Person(form)
        if person.hasBadEmail { faults.append("email: it is not an e-mail address in ASCII letters") }
        guard faults.isEmpty, let ticket = form["service_request_id"], let id, let status, let sentAt else {
            throw Open311Failure(.badRequest, faults)
        }
        self.ticket = ticket
        self.id = id
        self.status = status
        self.text = text
        self.sentAt = sentAt
        sender = person.sender(attested: key.attests)
        media = form.media
    }

    /// What the ticket's history says.
    var note: String {
        let word = [.unchanged, .open].contains(status) ? [] : [status.rawValue.uppercased()]
        return (word + (text.isEmpty ? [] : [text]) + media.addresses).joined(separator: "\n")
    }
}
