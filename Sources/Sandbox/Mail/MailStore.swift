import Foundation
import Synchronization

/// What is remembered of a mail after its content was dropped.
struct StoredMail: Sendable {
    let at: Date
    /// Envelope sender; empty for the null path of bounces.
    let from: String
    /// Envelope recipients.
    let to: [String]
    /// The user that authenticated, if any. No password is kept.
    let user: String?
    /// The header as it stands in the mail, not decoded.
    let subject: String
    /// The `From` header as it stands in the mail.
    let sender: String
    let messageID: String
    /// Octets of the mail.
    let size: Int
}

/// The mailbox of everybody: bounded in memory, exact in its counts.
final class MailStore: Sendable {
    struct Counts: Sendable, Equatable {
        var mails = 0
        var distinct = 0
        var refused: [Int: Int] = [:]
    }

    private struct State {
        var archive: Archive<StoredMail, [UInt8]>
        /// Message-IDs ever seen, as hashes: the way to notice a mail that was sent twice.
        var seen: Set<UInt64> = []
        var refused: [Int: Int] = [:]
    }

    private let state: Mutex<State>
    private let empty: Archive<StoredMail, [UInt8]>
    private let now: @Sendable () -> Date

    init(options: SandboxOptions) {
        empty = Archive(capacity: options.capacity, bodies: options.bodies, bytes: 64 << 20)
        state = Mutex(State(archive: empty))
        now = options.now
    }

    var counts: Counts {
        state.withLock { Counts(mails: $0.archive.count, distinct: $0.seen.count, refused: $0.refused) }
    }

    func reset() { state.withLock { $0 = State(archive: empty) } }

    /// An answer of 400 and above by the mail server.
    func countRefusal(_ code: Int) { state.withLock { $0.refused[code, default: 0] += 1 } }

    /// Keeps a mail and answers its number.
    func add(from: String, to: [String], user: String?, raw: [UInt8]) -> Int {
        let headers = MIMEHeaders(raw)
        let messageID = headers["message-id"] ?? ""
        let mail = StoredMail(
            at: now(), from: from, to: to, user: user, subject: String((headers["subject"] ?? "").prefix(998)),
            sender: String((headers["from"] ?? "").prefix(998)), messageID: String(messageID.prefix(998)),
            size: raw.count)
        // A mail without Message-ID is its own identity.
        let identity = messageID.isEmpty ? StableHash.of(raw) : StableHash.of(messageID.utf8)
        return state.withLock { state in
            state.archive.append(mail, body: raw, size: raw.count)
            state.seen.insert(identity)
            return state.archive.count
        }
    }

    /// The mails to `to` (any when nil) after number `since`, oldest first; without `since`, the newest.
    func list(to: String?, since: Int?, limit: Int) -> [(number: Int, mail: StoredMail, raw: [UInt8]?)] {
        let wanted = to?.lowercased()
        return state.withLock { state in
            state.archive
                .search(since: since, limit: limit) { mail in
                    wanted == nil || mail.to.contains { $0.lowercased() == wanted }
                }
                .compactMap { number in
                    state.archive.summary(number).map { (number, $0, state.archive.body(number)) }
                }
        }
    }

    func raw(_ number: Int) -> [UInt8]? { state.withLock { $0.archive.body(number) } }
}
