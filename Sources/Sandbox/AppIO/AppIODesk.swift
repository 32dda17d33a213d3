import Foundation
import Synchronization

/// What is remembered of an accepted message.
struct StoredMessage: Sendable {
    let id: String
    let fiscalCode: String
    let subject: String
    let at: Date
    let timeToLive: Int?
    /// The service that sent it.
    let service: String
    /// STANDARD or ADVANCED.
    let featureLevel: String
    let isPayment: Bool
    /// Where its way ends.
    var end: End
    /// READ, UNREAD, or UNAVAILABLE of who does not let senders know.
    var readStatus = "UNREAD"
    var isPaid = false
    /// How often its status was asked for.
    var looks = 0

    enum End: String, Sendable, CaseIterable {
        case processed = "PROCESSED"
        case rejected = "REJECTED"
        /// Delayed until somebody says otherwise.
        case throttled = "THROTTLED"
        case failed = "FAILED"
    }
    var delivers: Bool { end == .processed }
}

/// The memory of the App IO service: profiles looked up, messages accepted, answers refused.
final class AppIODesk: Sendable {
    struct Counts: Sendable, Equatable {
        var profiles = 0
        var messages = 0
        var discouraged = 0
        var unchecked = 0
        /// Questions what became of a message.
        var looks = 0
        var refused: [Int: Int] = [:]
    }

    private struct State {
        var archive: Archive<StoredMessage, JSONValue>
        var numbers: [String: Int] = [:]
        var checked: Set<UInt64> = []
        var counts = Counts()
    }

    /// Seconds after which a message has reached its end even if nobody looked.
    static let settlesAfter = 2.0

    private let state: Mutex<State>
    private let empty: Archive<StoredMessage, JSONValue>
    private let now: @Sendable () -> Date

    init(options: SandboxOptions) {
        empty = Archive(capacity: options.capacity, bodies: options.bodies, bytes: 64 << 20)
        state = Mutex(State(archive: empty))
        now = options.now
    }

    var counts: Counts { state.withLock { $0.counts } }

    func reset() { state.withLock { $0 = State(archive: empty) } }

    func countRefusal(_ status: Int) { state.withLock { $0.counts.refused[status, default: 0] += 1 } }

    /// A call in one of the forms the guide advises against, because the fiscal code stands in the URL.
    func countDiscouraged() { state.withLock { $0.counts.discouraged += 1 } }

    /// Looks up a profile.
    func profile(_ code: String, withoutApp: Set<String>) throws(AppIORefusal) -> Profile {
        guard AppIOPatterns.isFiscalCode(code) else { throw .badFiscalCode }
        state.withLock { state in
            state.counts.profiles += 1
            state.checked.insert(StableHash.of(code.utf8))
        }
        guard let profile = Profile(code, withoutApp: withoutApp) else { throw .noProfile }
        return profile
    }

    /// Accepts a message and answers its identifier. Every call makes a new one: the service knows no idempotency key.
    /// - Parameter service: whose message it is.
    func accept(_ message: AppIOMessage, by service: String, withoutApp: Set<String>) -> String {
        let stored = StoredMessage(
            id: ULID.make(at: now()), fiscalCode: message.fiscalCode, subject: message.subject, at: now(),
            timeToLive: message.timeToLive, service: service, featureLevel: message.featureLevel,
            isPayment: message.content["payment_data"] != nil,
            end: Profile.end(message.fiscalCode, withoutApp: withoutApp))
        state.withLock { state in
            let gone = state.archive.append(stored, body: message.content, size: message.markdown.utf8.count + 512)
            if let gone { state.numbers[gone.id] = nil }
            state.numbers[stored.id] = state.archive.count
            state.counts.messages += 1
            if !state.checked.contains(StableHash.of(message.fiscalCode.utf8)) { state.counts.unchecked += 1 }
        }
        return stored.id
    }

    /// The message and its status, ACCEPTED at the first look.
    /// - Parameter service: who asks.
    func look(
        _ id: String, of code: String, for service: String
    ) throws(AppIORefusal) -> (StoredMessage, status: String, JSONValue?) {
        let found: (StoredMessage, JSONValue?)? = state.withLock { state in
            guard let number = state.numbers[id], let message = state.archive.summary(number),
                message.fiscalCode == code
            else { return nil }
            state.counts.looks += 1
            if message.service == service { state.archive.update(number) { $0.looks += 1 } }
            return (message, state.archive.body(number))
        }
        guard let (message, content) = found else { throw .noMessage }
        guard message.service == service else { throw .anotherServices }
        return (message, status(of: message), content)
    }

    /// What the citizen or App IO does with a message after it was accepted.
    /// - Returns: whether the message is known.
    func change(_ id: String, _ change: (inout StoredMessage) -> Void) -> Bool {
        state.withLock { state in
            guard let number = state.numbers[id] else { return false }
            state.archive.update(number, change)
            return true
        }
    }

    /// The messages for the page and for tests; looking here does not move a status.
    func list(
        fiscalCode: String?, since: Int?, limit: Int
    ) -> [(number: Int, message: StoredMessage, status: String, content: JSONValue?)] {
        let found = state.withLock { state in
            state.archive.search(since: since, limit: limit) { fiscalCode == nil || $0.fiscalCode == fiscalCode }
                .compactMap { number in
                    state.archive.summary(number).map { (number, $0, state.archive.body(number)) }
                }
        }
        return found.map { ($0.0, $0.1, status(of: $0.1), $0.2) }
    }

    private func status(of message: StoredMessage) -> String {
        let settled = message.looks > 0 || now().timeIntervalSince(message.at) >= Self.settlesAfter
        guard settled else { return "ACCEPTED" }
        return message.end.rawValue
    }
}
