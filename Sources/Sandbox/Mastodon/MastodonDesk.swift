import Foundation
import Synchronization

/// A post of a citizen's, as a test or a curious person has it made.
struct MastodonMention: Sendable {
    var acct = "anna@example.social"
    var html = ""
    var visibility = "public"
    var language: String?
    var media: [StoredMedia] = []
    var inReplyTo: String?
    var isBot = false
    var kind = "mention"
    var at = Date()
}

/// The memory of the account: what it was told, and what it posted.
final class MastodonDesk: Sendable {
    private struct State {
        var notifications: [(id: Int, mention: MastodonMention, status: Int)] = []
        var statuses: Set<Int> = []
        /// By key: what was posted.
        var posted: [String: JSONValue] = [:]
        var last = 1000
    }

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    /// - Returns: the notification's id and the post's.
    func mention(_ mention: MastodonMention) -> (notification: Int, status: Int) {
        state.withLock { state in
            state.last += 2
            state.notifications.append((state.last - 1, mention, state.last))
            state.statuses.insert(state.last)
            return (state.last - 1, state.last)
        }
    }

    /// The citizen takes the post back.
    func forget(_ status: Int) { state.withLock { _ = $0.statuses.remove(status) } }

    func has(_ status: Int) -> Bool { state.withLock { $0.statuses.contains(status) } }

    /// Newest first: right after `after` (`min_id`), before `before` (`max_id`), else the newest that come after `since`.
    func page(
        after: Int?, before: Int?, since: Int?, types: Set<String>, isWhole: Bool, limit: Int
    ) -> [(id: Int, mention: MastodonMention, status: Int)] {
        state.withLock { state in
            // What strangers write to the account alone is filtered, as on a server that nobody has told otherwise.
            let found = state.notifications.filter {
                (types.isEmpty || types.contains($0.mention.kind)) && (isWhole || $0.mention.visibility != "direct")
                    && $0.id > max(after ?? 0, since ?? 0) && $0.id < before ?? .max
            }
            return (after == nil ? Array(found.suffix(limit)) : Array(found.prefix(limit))).reversed()
        }
    }

    /// - Parameter key: what was posted with the same one is answered, and nothing is posted.
    /// - Returns: the post, and whether it is new.
    func post(key: String?, _ make: (_ id: Int) -> JSONValue) -> (JSONValue, isNew: Bool) {
        state.withLock { state in
            if let key, let known = state.posted[key] { return (known, false) }
            state.last += 1
            state.statuses.insert(state.last)
            let status = make(state.last)
            if let key { state.posted[key] = status }
            return (status, true)
        }
    }
}
