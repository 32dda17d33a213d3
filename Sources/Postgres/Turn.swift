/// First come, first served: one holder at a time. A value that lives inside an actor, which does the awaiting.
struct Turn {
    private(set) var taken = false
    private(set) var waiting: [CheckedContinuation<Void, Never>] = []
    private var head = 0

    /// Whether the caller holds it now; if not, it must `takeOrWait`.
    mutating func take() -> Bool {
        if taken { return false }
        taken = true
        return true
    }

    /// Resumed when it is the caller's. A task that prefers another executor may lose the actor between asking for the
    /// turn and waiting for it: who held it then may have passed it by now.
    mutating func takeOrWait(_ continuation: CheckedContinuation<Void, Never>) {
        if take() { continuation.resume() } else { waiting.append(continuation) }
    }

    /// Hands over to the next in line, if there is one.
    mutating func pass() {
        guard head < waiting.count else {
            taken = false
            return
        }
        let next = waiting[head]
        head += 1
        if head == waiting.count || head > 1024 {
            waiting.removeFirst(head)
            head = 0
        }
        next.resume()
    }
}
