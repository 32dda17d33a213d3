import Crypto
import Foundation
import Synchronization

/// A post that an office's system got.
struct OfficePost: Sendable {
    let office: String
    /// `webhook-id`.
    let id: String
    let type: String
    /// Signed with the secret, and lately.
    let isVerified: Bool
    /// With which it was answered.
    let status: Int
    let at: Date
}

/// The memory of the offices' systems.
final class OfficeStore: Sendable {
    private struct State {
        var archive: Archive<OfficePost, JSONValue>
        var ids: Set<String> = []
    }

    private let state: Mutex<State>
    private let empty: State

    init(options: SandboxOptions) {
        empty = State(archive: Archive(capacity: options.capacity, bodies: options.bodies, bytes: 64 << 20))
        state = Mutex(empty)
    }

    func reset() { state.withLock { $0 = empty } }

    /// Of posts that were taken: all, and those with an id of their own.
    var counts: (posts: Int, distinct: Int) { state.withLock { ($0.archive.count, $0.ids.count) } }

    func add(_ post: OfficePost, body: JSONValue, size: Int) {
        state.withLock { state in
            state.archive.append(post, body: body, size: size)
            state.ids.insert("\(post.office) \(post.id)")
        }
    }

    func list(office: String?, since: Int?, limit: Int) -> [(number: Int, post: OfficePost, body: JSONValue?)] {
        state.withLock { state in
            state.archive.search(since: since, limit: limit) { office == nil || $0.office == office }
                .compactMap { number in
                    state.archive.summary(number).map { (number, $0, state.archive.body(number)) }
                }
        }
    }
}

/// Whether a post is signed as Standard Webhooks 1.0 says; written here once more, so that it is not our own word that
/// the daemon's signatures are right.
enum OfficeSignature {
    static func isValid(
        id: String?, timestamp: String?, signatures: String?, body: [UInt8], secret: String, now: Date
    ) -> Bool {
        guard let id, let timestamp, let signatures, let time = Double(timestamp),
            abs(now.timeIntervalSince1970 - time) <= 300,
            let key = Data(base64Encoded: String(secret.dropFirst("whsec_".count)))
        else { return false }
        let expected = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(timestamp).".utf8) + body, using: SymmetricKey(data: key))
        return signatures.split(separator: " ").contains("v1,\(Data(expected).base64EncodedString())")
    }
}
