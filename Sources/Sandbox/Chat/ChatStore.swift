import Foundation
import Synchronization

/// The memory of all messengers: what arrived in the chats, what citizens said last there, and the files they sent.
final class ChatStore: Sendable {
    private struct State {
        var archive: Archive<StoredChat, Void>
        var media: Archive<StoredMedia, [UInt8]>
        var heard: [ChatKey: ChatHearing] = [:]
        /// Those who said STOP by SMS, and not START since.
        var stopped: Set<ChatKey> = []
        /// By messenger and status.
        var refused: [String: Int] = [:]
    }

    private let state: Mutex<State>
    private let empty: State
    private let now: @Sendable () -> Date

    init(options: SandboxOptions) {
        empty = State(
            archive: Archive(capacity: options.capacity, bodies: 0, bytes: 0),
            media: Archive(capacity: options.bodies, bodies: options.bodies, bytes: 64 << 20))
        state = Mutex(empty)
        now = options.now
    }

    var counts: (chats: Int, refused: [String: Int]) { state.withLock { ($0.archive.count, $0.refused) } }

    func reset() { state.withLock { $0 = empty } }

    func countRefusal(_ messenger: String, _ status: Int) {
        state.withLock { $0.refused["\(messenger)_\(status)", default: 0] += 1 }
    }

    func add(_ chat: StoredChat) {
        state.withLock { _ = $0.archive.append(chat, body: (), size: 0) }
    }

    func list(messenger: String?, chat: String?, since: Int?, limit: Int) -> [(number: Int, chat: StoredChat)] {
        state.withLock { state in
            state.archive.search(since: since, limit: limit) {
                (messenger == nil || $0.key.messenger == messenger) && (chat == nil || $0.key.chat == chat)
            }.compactMap { number in state.archive.summary(number).map { (number, $0) } }
        }
    }

    /// The citizen wrote in the chat: with most messengers, only after that may be written to them.
    func hear(_ key: ChatKey, text: String, at: Date? = nil) {
        let word = text.filter(\.isLetter).uppercased()
        state.withLock { state in
            state.heard[key] = ChatHearing(at: at ?? now(), text: text)
            guard key.messenger == "sms" else { return }
            if ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"].contains(word) {
                state.stopped.insert(key)
            } else if ["START", "UNSTOP", "YES"].contains(word) {
                state.stopped.remove(key)
            }
        }
    }

    func heard(_ key: ChatKey) -> ChatHearing? { state.withLock { $0.heard[key] } }

    func hasStopped(_ key: ChatKey) -> Bool { state.withLock { $0.stopped.contains(key) } }

    /// Whether the citizen wrote within the last 24 hours.
    func isOpen(_ key: ChatKey) -> Bool {
        guard let last = heard(key) else { return false }
        return now().timeIntervalSince(last.at) < 24 * 3600
    }

    /// Keeps a file, and answers its number, by which it is fetched.
    func keep(_ content: [UInt8], type: String, name: String) -> StoredMedia {
        state.withLock { state in
            let media = StoredMedia(
                id: String(900_000_000_000_000 + state.media.count + 1), type: type, name: name, size: content.count)
            state.media.append(media, body: content, size: content.count)
            return media
        }
    }

    func media(_ id: String) -> (media: StoredMedia, content: [UInt8])? {
        guard let number = Int(id).map({ $0 - 900_000_000_000_000 }) else { return nil }
        return state.withLock { state in
            guard let media = state.media.summary(number), let content = state.media.body(number) else { return nil }
            return (media, content)
        }
    }
}
