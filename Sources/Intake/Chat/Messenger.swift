import Civic
import HTTPTypes

/// The receiving side of a messenger: who may deliver, and what a delivery says. Adding one is a folder with this, a case
/// in `Messengers`, and its settings; whatever happens to what it reads is `ChatDesk`'s. Pure: nothing here waits.
protocol Messenger: Sendable {
    /// The first part of its accounts' and chats' names, and its medium.
    var medium: Medium { get }
    /// By which it makes sure that the address is ours: what it is answered to a GET. Null if it asks nothing.
    /// - Throws: `Problem` 403 if it is not the messenger who asks.
    func challenge(_ query: FormBody) throws(Problem) -> String?
    /// - Throws: `Problem` 401 if it is not the messenger who speaks. The proof is over the bytes as they came.
    func prove(_ delivery: Delivery) throws(Problem)
    /// What it says, in its order. Whatever is not known is `.ignored`, never refused: the messenger would repeat it.
    /// - Throws: `UnreadableDelivery` if nothing of it can be understood: it is kept, and the messenger is answered 200.
    func read(_ delivery: Delivery) throws(UnreadableDelivery) -> [ChatEvent]
    /// The body and its type that the messenger is answered with 200.
    var answer: (type: String, body: String) { get }
}

extension Messenger {
    func challenge(_ query: FormBody) throws(Problem) -> String? { nil }
    var answer: (type: String, body: String) { ("text/plain; charset=utf-8", "") }
}

/// A request that claims to come from a messenger.
struct Delivery: Sendable {
    /// The address that the messenger called, as far as the configuration tells: the city's base URL, the path and the
    /// query as they came.
    var url: String
    var headers: HTTPFields
    var body: [UInt8]
    var receivedAt: Timestamp
}

/// Authentic, and not to be understood.
struct UnreadableDelivery: Error, Hashable, CustomStringConvertible {
    /// Without anything of the citizen's in it.
    let reason: String
    init(_ reason: String) { self.reason = reason }
    var description: String { reason }
}

/// What a messenger tells, in one form for all of them.
enum ChatEvent: Hashable, Sendable {
    case message(ChatMessage)
    /// The citizen changed what was said before; `id` is the edition's own.
    case edited(ChatMessage)
    /// The citizen asks something of us rather than of the city.
    case command(ChatCommand, ChatMessage)
    /// What became of a message of ours.
    case receipt(ChatReceipt)
    /// Nothing that the city can use. `id` is the event's own, for it is kept once; `kind` is the messenger's word.
    case ignored(id: String, kind: String)
}

enum ChatCommand: Hashable, Sendable {
    /// Greets, and takes back a `stop`.
    case start
    case help
    /// Nothing more is to be sent here.
    case stop
    /// What comes next is another matter.
    case new
    /// How does it stand?
    case status
    /// A button below "it is done": it is not. The ticket's code.
    case reopen(String)
}

struct ChatMessage: Hashable, Sendable {
    /// The messenger's id of it, the same in each repetition, unique within the channel.
    var id: String
    /// Where answers go: a chat, a number, an account. Without spaces and slashes.
    var chat: String
    /// Who speaks, in the messenger's own terms.
    var account: String
    var name: String?
    /// The sender's number, if the messenger knows it; E.164.
    var phone: String?
    /// An ISO 639-1 code, if the messenger tells the citizen's.
    var language: String?
    var sentAt: Timestamp?
    var text = ""
    var location: Location?
    var media: [ChatMedia] = []
    /// Those that belong together as one (an album) have the same.
    var group: String?
    /// Of a button that was pressed: the messenger wants to hear that it was.
    var callback: String?
    /// What it answers or shows beside (the quoted message's id, a link's title …), by name, for rules and people.
    var fields: [String: String] = [:]
}

extension ChatMessage {
    /// The field that holds the messenger's id of the message it answers, which may be one of ours.
    static let answers = "reply_to"

    /// Neither words nor files nor a place.
    var isEmpty: Bool { media.isEmpty && location == nil && text.allSatisfy(\.isWhitespace) }
}

/// A file that stays with the messenger until it is fetched.
struct ChatMedia: Hashable, Sendable {
    /// How it is fetched: an id or an address.
    var reference: String
    var name = ""
    /// As declared.
    var type = "application/octet-stream"
    /// In bytes, if it is told.
    var size: Int?
}

struct ChatReceipt: Hashable, Sendable {
    enum State: String, Hashable, Sendable { case delivered, read, failed }
    /// The messenger's id of our message, as its API gave it.
    var messageID: String
    var state: State
    var at: Timestamp?
    /// Of a failure, in a few words and without the citizen's number.
    var reason: String?
}

extension ChatEvent {
    /// As PostgreSQL can take it, whatever came: without U+0000, and no name longer than names are.
    var storable: ChatEvent {
        switch self {
        case .message(let said): .message(said.storable)
        case .edited(let said): .edited(said.storable)
        case .command(let command, let said): .command(command, said.storable)
        case .receipt, .ignored: self
        }
    }
}

extension ChatMessage {
    fileprivate var storable: ChatMessage {
        var said = self
        said.id = id.storable.bounded(to: 1000)
        said.chat = chat.storable.bounded(to: 200)
        said.account = account.storable.bounded(to: 200)
        said.group = group?.storable.bounded(to: 200)
        said.location?.address = location?.address?.storable.bounded(to: 500)
        return said
    }
}
