import Civic
import Foundation
import Store

/// The body of `POST /v1/tickets/{code}/events`.
struct EventBody: Decodable {
    var id: String
    var status: String
    var note: String?
    var destination: String?
    var attachments: [WebhookBody.File]?
    var payment: PaymentBody?

    private enum CodingKeys: String, CodingKey {
        case id, status, note, attachments, payment
        case destination = "to_office"
    }

    static func read(_ body: [UInt8]) throws(Problem) -> EventBody {
        let event = try JSONBody.decode(body, as: EventBody.self)
        if event.payment != nil { try PaymentBody.checkWriting(of: body) }
        return event
    }

    /// - Parameters:
    ///   - directory: the offices that exist. A forwarded ticket without `to_office` goes to the second hop.
    func step(
        code: String, by office: String, directory: OfficeDirectory, at now: Timestamp, timing: Timing
    ) throws(Problem) -> Tickets.Step {
        guard !id.isEmpty, id.utf8.count <= 500, !id.utf8.contains(0) else {
            throw .invalid("/id", "expected 1 to 500 bytes without U+0000")
        }
        guard let kind = TicketEvent.Kind(rawValue: status), EventBody.reportable.contains(kind) else {
            throw .invalid(
                "/status", "expected one of \(EventBody.reportable.map(\.rawValue).joined(separator: ", "))")
        }
        let payment = try payment?.notice()
        guard payment == nil || kind == .answered else {
            throw .invalid("/payment", "only an answer asks for a payment")
        }
        if note?.allSatisfy(\.isWhitespace) != false, payment == nil {
            if kind == .answered { throw .invalid("/note", "an answer needs its words") }
            if kind == .corrected { throw .invalid("/note", "a correction says what is right") }
        }
        if kind == .waiting, note?.allSatisfy(\.isWhitespace) != false {
            throw .invalid("/note", "say what the citizen is asked for")
        }
        if let note, note.unicodeScalars.count > 10_000 {
            throw .invalid("/note", "the note is longer than 10000 characters")
        }
        if let destination {
            guard kind == .forwarded else { throw .invalid("/to_office", "only a forwarded ticket goes to an office") }
            guard directory.offices[destination] != nil else { throw .invalid("/to_office", "there is no such office") }
        }
        var step = Tickets.Step(
            code: code, at: now, kind: kind, by: office, externalID: id,
            note: note.flatMap { $0.isEmpty ? nil : $0.storable }, office: destination, timing: timing)
        step.payment = payment
        step.secondHop = { category, office in directory.forward(of: category, at: office) }
        return step
    }

    /// Its files, decoded.
    func files(most: Int) throws(Problem) -> [Attachment] {
        try WebhookBody.decoded(attachments ?? [], most: most)
    }

    private static let reportable: [TicketEvent.Kind] = [
        .acknowledged, .inProgress, .waiting, .forwarded, .resolved, .rejected, .reopened, .answered, .corrected,
    ]
}
