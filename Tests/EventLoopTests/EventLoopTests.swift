import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// Lives on a loop, as the library's users do.
private actor Resident {
    let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }
    var calls: [Readiness] = []

    init() throws { loop = try EventLoop(label: "test") }

    func perform<T: Sendable>(_ body: @Sendable (isolated Resident) async throws -> T) async rethrows -> T {
        try await body(self)
    }

    /// What the descriptor becomes first; it is no longer watched afterwards.
    func readiness(of descriptor: Int32, for interest: Readiness) async throws -> Readiness {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try loop.watch(descriptor, for: interest) { [self] readiness in
                    assumeIsolated { $0.loop.unwatch(descriptor) }
                    continuation.resume(returning: readiness)
                }
            } catch { continuation.resume(throwing: error) }
        }
    }

    func passed(_ delay: Duration) async {
        await withCheckedContinuation { continuation in loop.after(delay) { continuation.resume() } }
    }
}

private final class Tally: Sendable {
    private let number = Mutex(0)
    var count: Int { number.withLock(\.self) }
    func add() { number.withLock { $0 += 1 } }
}

/// Two connected descriptors.
private func pair() -> (Int32, Int32) {
    var both: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &both)
    return (both[0], both[1])
}

private func send(_ text: String, to descriptor: Int32) { _ = write(descriptor, text, text.utf8.count) }

@Suite("event loop")
struct EventLoopTests {
    @Test("reports what can be read and what can be written")
    func readAndWrite() async throws {
        let resident = try Resident()
        let (mine, theirs) = pair()
        defer { [mine, theirs].forEach { close($0) } }
        #expect(try await resident.readiness(of: mine, for: [.read, .write]) == .write)
        send("x", to: theirs)
        #expect(try await resident.readiness(of: mine, for: .read) == .read)
        #expect(try await resident.readiness(of: mine, for: [.read, .write]) == [.read, .write])
    }

    @Test("a reader added while the writer is armed is heard")
    func readerAfterWriter() async throws {
        let resident = try Resident()
        let (mine, theirs) = pair()
        defer { [mine, theirs].forEach { close($0) } }
        let block = [UInt8](repeating: 0, count: 65_536)
        while write(mine, block, block.count) > 0 {}
        try await resident.perform { try $0.loop.watch(mine, for: .write) { _ in } }
        async let readable = resident.readiness(of: mine, for: [.read, .write])
        send("x", to: theirs)
        #expect(try await readable.contains(.read))
    }

    @Test("a hang-up is reported together with the last bytes")
    func hangUp() async throws {
        let resident = try Resident()
        let (mine, theirs) = pair()
        defer { close(mine) }
        send("last words", to: theirs)
        close(theirs)
        #expect(try await resident.readiness(of: mine, for: .read) == [.read, .closed])
    }

    @Test("level-triggered: what was not read is reported again")
    func level() async throws {
        let resident = try Resident()
        let (mine, theirs) = pair()
        defer { [mine, theirs].forEach { close($0) } }
        send("xy", to: theirs)
        for _ in 0..<3 { #expect(try await resident.readiness(of: mine, for: .read) == .read) }
    }

    @Test("what a handler unwatches is not reported in the same pass")
    func unwatchedInPass() async throws {
        let resident = try Resident()
        let (first, firstPeer) = pair()
        let (second, secondPeer) = pair()
        defer { [first, firstPeer, second, secondPeer].forEach { close($0) } }
        send("x", to: firstPeer)
        send("x", to: secondPeer)
        let calls = Tally()
        try await resident.perform { resident in
            for (one, other) in [(first, second), (second, first)] {
                try resident.loop.watch(one, for: .read) { _ in
                    calls.add()
                    resident.assumeIsolated { resident in
                        resident.loop.unwatch(one)
                        resident.loop.unwatch(other)
                    }
                }
            }
        }
        await resident.passed(.milliseconds(1))
        await resident.passed(.milliseconds(1))
        #expect(calls.count == 1)
    }

    @Test("a number taken again within a pass does not inherit the old descriptor's report")
    func numberTakenAgain() async throws {
        let resident = try Resident()
        let (first, firstPeer) = pair()
        let (second, secondPeer) = pair()
        let (quiet, quietPeer) = pair()
        defer { [first, firstPeer, second, secondPeer, quiet, quietPeer].forEach { close($0) } }
        let stale = Tally()
        try await resident.perform { resident in
            for (one, other) in [(first, second), (second, first)] {
                try resident.loop.watch(one, for: .read) { _ in
                    resident.assumeIsolated { resident in
                        resident.loop.unwatch(one)
                        resident.loop.unwatch(other)
                        // The other's number now means a descriptor with nothing to say.
                        dup2(quiet, other)
                        try? resident.loop.watch(other, for: .read) { _ in stale.add() }
                    }
                }
            }
            // Both become ready before the loop looks: the queue is ours until this returns.
            send("x", to: firstPeer)
            send("x", to: secondPeer)
        }
        await resident.passed(.milliseconds(1))
        await resident.passed(.milliseconds(1))
        #expect(stale.count == 0)
    }

    @Test("timers run in order of time, cancelled ones never, and for ever does not overflow")
    func timers() async throws {
        let resident = try Resident()
        let order = Mutex<[Int]>([])
        await resident.perform { resident in
            resident.loop.after(.milliseconds(20)) { order.withLock { $0.append(2) } }
            resident.loop.after(.milliseconds(1)) { order.withLock { $0.append(1) } }
            resident.loop.after(.milliseconds(5)) { order.withLock { $0.append(9) } }.cancel()
            resident.loop.after(.seconds(-5)) { order.withLock { $0.append(0) } }
            resident.loop.after(.seconds(Int64.max)) { order.withLock { $0.append(9) } }.cancel()
        }
        await resident.passed(.milliseconds(60))
        #expect(order.withLock(\.self) == [0, 1, 2])
    }

    @Test("a descriptor that cannot be watched is an error")
    func refused() async throws {
        let resident = try Resident()
        await #expect(throws: EventLoopError.self) {
            try await resident.perform { try $0.loop.watch(-1, for: .read) { _ in } }
        }
        await resident.perform { $0.loop.unwatch(12345) }
    }

    @Test("many hang-ups on several loops at once", arguments: [1, 4])
    func churn(loops: Int) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<loops {
                group.addTask {
                    let resident = try Resident()
                    for _ in 0..<2000 {
                        let (mine, theirs) = pair()
                        close(theirs)
                        #expect(try await resident.readiness(of: mine, for: .read).contains(.closed))
                        close(mine)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a loop that is let go leaves no descriptor")
    func letGo() async throws {
        weak var gone: EventLoop?
        do {
            let loop = try EventLoop(label: "short")
            gone = loop
        }
        #expect(gone == nil)
    }
}
