import Synchronization

/// What the Bot API remembers beside the messages.
final class TelegramDesk: Sendable {
    private struct State {
        var blocked: Set<String> = []
        var webhook = ""
        /// Callback queries that were answered, the newest last.
        var answered: [String] = []
        var messages = 0
    }

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    func block(_ chats: Set<String>) { state.withLock { $0.blocked = chats } }
    func isBlocked(_ chat: String) -> Bool { state.withLock { $0.blocked.contains(chat) } }

    func set(webhook url: String) { state.withLock { $0.webhook = url } }

    func answer(_ query: String) {
        state.withLock { state in
            state.answered.append(query)
            if state.answered.count > 1000 { state.answered.removeFirst() }
        }
    }

    func nextMessage() -> Int {
        state.withLock { state in
            state.messages += 1
            return state.messages
        }
    }

    var json: JSONValue {
        state.withLock { state in
            [
                "blocked": .array(state.blocked.sorted().map { .string($0) }), "webhook": .string(state.webhook),
                "answered": .array(state.answered.map { .string($0) }),
            ]
        }
    }
}
