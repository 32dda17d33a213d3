import Civic
import HTTPTypes
import Settings

@testable import Intake

/// Bacheca, a messenger that does not exist. It posts one event at a time as JSON, with the secret that was agreed upon
/// in a header field.
struct BachecaMessenger: Messenger {
    let medium: Medium
    private let secret: [UInt8]

    init(secret: Secret, medium: Medium) {
        self.secret = Authentication.digest(secret.value)
        self.medium = medium
    }

    func prove(_ delivery: Delivery) throws(Problem) {
        let given = delivery.headers[.bachecaSecret] ?? ""
        guard Authentication.equal(Authentication.digest(given), secret) else { throw .unauthorized }
    }

    func read(_ delivery: Delivery) throws(UnreadableDelivery) -> [ChatEvent] {
        let event: Event
        do throws(Problem) {
            event = try JSONBody.decode(delivery.body)
        } catch {
            // Its words say what is wrong and where, and never repeat what the citizen wrote.
            throw UnreadableDelivery("\(error.detail) \(error.pointer ?? "")")
        }
        switch (event.type, event.note) {
        case ("note", let note?): return [read(note, of: event)]
        case ("note.changed", let note?): return [.edited(message(note, of: event))]
        case ("seen", let note?):
            return [.receipt(ChatReceipt(messageID: note.id, state: .read, at: Timestamp(seconds: event.at)))]
        // What Bacheca will learn to say next year is no mistake.
        default: return [.ignored(id: event.id, kind: event.type)]
        }
    }

    private func read(_ note: Note, of event: Event) -> ChatEvent {
        switch note.text?.lowercased() {
        case "/start": .command(.start, message(note, of: event))
        case "/stop": .command(.stop, message(note, of: event))
        default: .message(message(note, of: event))
        }
    }

    private func message(_ note: Note, of event: Event) -> ChatMessage {
        var message = ChatMessage(id: event.id, chat: note.wall, account: note.author.id)
        message.name = note.author.name
        message.text = note.text ?? ""
        message.sentAt = Timestamp(seconds: event.at)
        message.media = (note.pictures ?? []).map { ChatMedia(reference: $0, type: "image/jpeg") }
        return message
    }

    /// As it stands on the wire; members that we do not use are not named.
    private struct Event: Decodable {
        var id: String
        var type: String
        var at: Int64
        var note: Note?
    }
    private struct Note: Decodable {
        struct Author: Decodable {
            var id: String
            var name: String?
        }
        var id: String
        var wall: String
        var author: Author
        var text: String?
        var pictures: [String]?
    }
}

extension HTTPField.Name {
    fileprivate static let bachecaSecret = HTTPField.Name("X-Bacheca-Secret")!
}
