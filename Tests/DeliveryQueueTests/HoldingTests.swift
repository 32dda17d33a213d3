import Civic
import Store
import Testing

@testable import Delivery

@Suite("what is held, and what the table knows", .timeLimit(.minutes(30)))
struct HoldingTests {
    @Test("while PostgreSQL is away no attempt begins, and none is repeated when it is back")
    func databaseAway() async throws {
        let world = try await World()
        let (first, second) = (World.owed(), World.owed())
        world.journal.behave(.away)
        await world.queue.enqueue([first])
        await until { world.seen("internal_error") == 1 }
        await world.queue.enqueue([second])
        // The reconciler finds the first one still waiting in the table.
        await world.queue.enqueue([first])
        #expect(world.mail.ids == [first.id])
        let journal = world.journal
        let order = Order()
        world.mail.onAttempt { _ in order.note(journal.isFinal(first)) }
        world.journal.behave(.writes)
        await until { world.journal.isFinal(second) }
        #expect(world.mail.ids == [first.id, second.id])
        #expect(order.notes == [true])
        #expect(world.journal[first]?.status == .delivered)
        #expect(world.seen("internal_error") == 1)
    }

    @Test("what is finished while the table is read is not begun again")
    func reading() async throws {
        let world = try await World()
        let (owed, interrupted, other) = (World.owed(), World.owed(.appIO, fallback: "a@example.org"), World.owed())
        let found = try await world.queue.takeIn(for: World.owner) {
            await world.queue.enqueue([owed, interrupted])
            await until { world.journal.isFinal(owed) && world.journal.isFinal(interrupted) }
            // Until the queue knows that it is written, too.
            await until { await world.queue.isQuiet }
            return ([owed, other], [interrupted])
        }
        #expect(found == 3)
        await until { world.journal.isFinal(other) }
        #expect(world.mail.ids == [owed.id, other.id])
        #expect(world.journal[interrupted]?.status == .delivered)
        #expect(world.journal.followUps.isEmpty)
        // The reading is over: an operator may have it sent again.
        await world.queue.enqueue([owed])
        await until { world.mail.ids == [owed.id, other.id, owed.id] }
    }

    @Test("what is recalled is forgotten, unless it is under way; then it is taken in anew")
    func recalled() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let (sent, waiting, other) = (World.owed(), World.owed(), World.owed())
        await world.queue.enqueue([sent, waiting, other])
        await until { world.mail.waiting.count == 1 }
        let underWay = try #require(world.mail.waiting.first)
        let dropped = try #require([sent, waiting, other].first { $0.id != underWay })
        #expect(await world.queue.recall([underWay, dropped.id]) == [dropped.id])
        #expect(await world.queue.room == 998)

        for _ in 0..<2 {
            await until { !world.mail.waiting.isEmpty }
            let next = try #require([sent, waiting, other].first { world.mail.waiting.contains($0.id) })
            #expect(next.id != dropped.id)
            await world.mail.answer(next, .delivered(remoteID: nil))
            await until { world.journal.isFinal(next) }
        }
        await until { await world.queue.isQuiet }
        await world.queue.enqueue([dropped])
        await world.mail.answer(dropped, .delivered(remoteID: nil))
        await until { world.journal.isFinal(dropped) }
        #expect(world.mail.ids.count == 3)
    }

    @Test("a reading that fails changes nothing")
    func readingFails() async throws {
        let world = try await World()
        await #expect(throws: FakeJournal.Away.self) {
            try await world.queue.takeIn(for: World.owner) { throw FakeJournal.Away() }
        }
        let owed = World.owed()
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(owed) }
    }

    @Test("without an owner everything is forgotten, and nothing is taken in")
    func forgets() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let (underWay, waiting, late) = (World.owed(priority: .high), World.owed(), World.owed())
        await world.queue.enqueue([underWay, waiting])
        await until { world.mail.waiting == [underWay.id] }
        await world.queue.adopt(owner: nil)
        #expect(await world.queue.room == 1000)
        await world.queue.enqueue([late])
        await world.queue.settle(interrupted: [World.owed(.appIO)])
        // Its outcome is recorded all the same; it is for others to try again.
        await world.mail.answer(underWay, .tryAgain(reason: "busy", after: nil, pause: false))
        await until { world.journal[underWay]?.status == .waiting }
        world.clock.advance(by: .seconds(3600))
        await world.queue.adopt(owner: 8)
        #expect(await world.queue.waiting == ["email": 0])
        #expect(world.mail.ids == [underWay.id])
        #expect(world.journal[waiting] == nil)
    }

    @Test(
        "what was under way when it was forgotten is not begun a second time",
        arguments: [Verdict.delivered(remoteID: nil), .tryAgain(reason: "busy", after: nil, pause: false)])
    func takenBack(verdict: Verdict) async throws {
        let world = try await World()
        world.mail.ask()
        let owed = World.owed()
        await world.queue.enqueue([owed])
        await until { world.mail.waiting == [owed.id] }
        await world.queue.adopt(owner: nil)
        await world.queue.adopt(owner: World.owner)
        await world.queue.enqueue([owed])
        #expect(await world.queue.waiting == ["email": 1])
        await world.mail.answer(owed, verdict)
        await until { world.journal[owed] != nil }
        guard case .tryAgain = verdict else {
            #expect(await world.queue.waiting == ["email": 0])
            #expect(world.mail.ids == [owed.id])
            return
        }
        await world.advance(by: .seconds(10))
        await world.mail.answer(owed, .delivered(remoteID: nil))
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.attempts == 2)
    }

    @Test("a follow-up that was written while there was no owner is left to whoever comes to own it")
    func followUpWithoutOwner() async throws {
        let world = try await World()
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        world.appIO.answer(.unreachable(reason: "r"))
        world.journal.behave(.losesAnswers)
        await world.queue.enqueue([owed])
        await until { world.seen("internal_error") == 1 }
        await world.queue.adopt(owner: nil)
        world.journal.behave(.writes)
        let calls = world.journal.calls
        await until { world.journal.calls > calls }
        await until { await world.queue.isQuiet }
        #expect(world.journal.followUps.count == 1)
        #expect(world.journal.owners == [World.owner])
        #expect(await world.queue.waiting.values.allSatisfy { $0 == 0 })
        #expect(world.mail.ids.isEmpty)
    }

    @Test("what there is no room for is released in the table", arguments: [false, true])
    func capacity(databaseIsAway: Bool) async throws {
        let world = try await World(concurrency: 1, capacity: 3)
        world.mail.ask()
        let owed = (0..<5).map { World.owed(next: World.start + .microseconds($0 - 10)) }
        if databaseIsAway { world.journal.behave(.away) }
        await world.queue.enqueue(owed)
        #expect(await world.queue.waiting == ["email": 3])
        #expect(await world.queue.room == 0)
        if databaseIsAway {
            await until { world.seen("internal_error") == 1 }
            #expect(world.journal.released.isEmpty)
            world.journal.behave(.writes)
        }
        await until { world.journal.released == owed.suffix(2).map(\.id) }
        #expect(world.journal.owners == [World.owner])
        // Those that are held stay held.
        await world.queue.enqueue(Array(owed.prefix(3)))
        for one in owed.prefix(3) { await world.mail.answer(one, .delivered(remoteID: nil)) }
        await until { owed.prefix(3).allSatisfy(world.journal.isFinal) }
        #expect(world.journal.released.count == 2)
        #expect(await world.queue.room == 3)
    }

    @Test("what is later than one for which there was no room is left with it, until that is claimed")
    func behindTheLeft() async throws {
        let world = try await World(concurrency: 1, lineCapacity: 1)
        world.mail.ask()
        let (held, earlier, beside) = (World.owed(), World.owed(ticket: 4711), World.owed(.appIO, ticket: 4711))
        world.queue.hand([held, earlier, beside])
        await until { world.journal.released == [earlier.id, beside.id] }
        let (later, other) = (World.owed(.appIO, ticket: 4711), World.owed(.appIO))
        world.queue.hand([later, other])
        await until { world.journal.released == [earlier, beside, later].map(\.id) && world.journal.isFinal(other) }
        #expect(world.appIO.ids == [other.id])
        // Claimed again, it is in its place.
        await world.mail.answer(held, .delivered(remoteID: nil))
        await until { world.journal.isFinal(held) }
        _ = try await world.queue.takeIn(for: World.owner) { ([later, earlier], []) }
        await until { world.mail.waiting == [earlier.id] }
        #expect(world.appIO.ids == [other.id])
        await world.mail.answer(earlier, .delivered(remoteID: nil))
        await until { world.journal.isFinal(later) }
    }

    @Test("what was left is remembered until twenty seconds after the table knows of it, however long that takes")
    func memoryOfTheLeft() {
        var left = LeftBehind()
        let (earlier, later) = (World.owed(ticket: 4711), World.owed(.appIO, ticket: 4711))
        left.note(earlier)
        #expect(left.isBefore(later) && !left.isBefore(earlier) && !left.isBefore(World.owed()))
        // A batch that was under way, and after an outage its own.
        left.recorded(at: World.start)
        left.recorded(at: World.start + .seconds(3600))
        left.recorded(at: World.start + .seconds(3600) + LeftBehind.memory + .milliseconds(-1))
        #expect(left.isBefore(later))
        left.recorded(at: World.start + .seconds(3600) + LeftBehind.memory)
        #expect(!left.isBefore(later))
    }

    @Test("draining begins nothing new, and waits for what is under way and its record")
    func drain() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let (first, second) = (World.owed(), World.owed())
        await world.queue.enqueue([first])
        await until { world.mail.waiting == [first.id] }
        #expect(await world.queue.drain(within: .zero) == 1)
        await world.queue.enqueue([second])
        async let left = world.queue.drain(within: .seconds(30))
        await world.mail.answer(first, .delivered(remoteID: nil))
        #expect(await left == 0)
        #expect(world.journal.isFinal(first))
        #expect(world.mail.ids == [first.id])
        #expect(world.journal[second] == nil)
        #expect(await world.queue.waiting == ["email": 1])
    }

    @Test("a request that must not be repeated is marked before it is made, or not made")
    func marking() async throws {
        let world = try await World()
        world.appIO.mark()
        let (owed, unmarked) = (World.owed(.appIO), World.owed(.appIO))
        let journal = world.journal
        let order = Order()
        world.appIO.onAttempt { order.note(journal[$0]?.status == .sending && journal[$0]?.attempts == 1) }
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(owed) }
        #expect(order.notes == [true])
        #expect(world.journal[owed]?.attempts == 1)
        world.journal.behave(.away)
        await world.queue.enqueue([unmarked])
        await until { world.seen("internal_error") == 1 }
        world.journal.behave(.writes)
        await until { world.journal[unmarked]?.status == .waiting }
        #expect(world.appIO.ids == [owed.id])
    }
}
