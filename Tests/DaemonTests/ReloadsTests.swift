import Synchronization
import Testing

@testable import Daemon

@Suite("Reloads") struct ReloadsTests {
    /// Reloads that last until they are let go.
    private actor Gate {
        private(set) var begun = 0
        private(set) var ended = 0
        private(set) var together = 0
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func reload() async {
            begun += 1
            together = max(together, begun - ended)
            await withCheckedContinuation { waiting.append($0) }
            ended += 1
        }

        func open() {
            waiting.forEach { $0.resume() }
            waiting = []
        }
    }

    private func until(_ condition: () async -> Bool) async { while !(await condition()) { await Task.yield() } }

    @Test("One at a time; those asked for meanwhile are one more, which begins after the last was asked for")
    func coalesced() async {
        let reloads = Reloads()
        let gate = Gate()
        reloads.ask { await gate.reload() }
        await until { await gate.begun == 1 }
        for _ in 0..<200 { reloads.ask { await gate.reload() } }
        #expect(await gate.begun == 1)
        await gate.open()
        await until { await gate.begun == 2 }
        await gate.open()
        await until { await gate.ended == 2 }

        reloads.ask { await gate.reload() }
        await until { await gate.begun == 3 }
        await gate.open()
        await until { await gate.ended == 3 }
        #expect(await gate.together == 1)
    }
}
