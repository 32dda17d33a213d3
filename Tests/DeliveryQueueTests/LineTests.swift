import Civic
import Store
import Testing

@testable import Delivery

@Suite("who goes when", .timeLimit(.minutes(30)))
struct LineTests {
    @Test("the most urgent first, and of these the one that waits longest")
    func priority() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let first = World.owed(priority: .low)
        await world.queue.enqueue([first])
        await until { world.mail.waiting == [first.id] }
        let low = World.owed(priority: .low)
        let later = World.owed(priority: .high, next: World.start + .milliseconds(2))
        let sooner = World.owed(priority: .high, next: World.start + .milliseconds(1))
        let urgent = World.owed(priority: .urgent, next: World.start + .milliseconds(3))
        world.clock.advance(by: .seconds(1))
        await world.queue.enqueue([low, later, sooner, urgent])
        for owed in [first, urgent, sooner, later, low] {
            await world.mail.answer(owed, .delivered(remoteID: nil))
        }
        await until { world.journal.isFinal(low) }
        #expect(world.mail.ids == [first, urgent, sooner, later, low].map(\.id))
    }

    @Test("no more are under way than the destination takes")
    func concurrency() async throws {
        let world = try await World(concurrency: 2)
        world.mail.ask()
        let owed = (0..<3).map { World.owed(next: World.start + .milliseconds($0)) }
        world.clock.advance(by: .seconds(1))
        await world.queue.enqueue(owed)
        await until { world.mail.waiting.count == 2 }
        await world.nudge()
        #expect(world.mail.waiting == Set(owed.prefix(2).map(\.id)))
        await world.mail.answer(owed[0], .delivered(remoteID: nil))
        await until { world.mail.waiting == Set(owed.suffix(2).map(\.id)) }
        for one in owed.suffix(2) { await world.mail.answer(one, .delivered(remoteID: nil)) }
        await until { owed.allSatisfy(world.journal.isFinal) }
    }

    @Test("a destination that pauses holds nothing else up")
    func paused() async throws {
        let world = try await World(concurrency: 1)
        world.mail.answer(.tryAgain(reason: "421", after: .seconds(30), pause: true))
        let first = World.owed()
        await world.queue.enqueue([first])
        await until { world.journal[first] != nil }
        let mails = (0..<2).map { _ in World.owed() }
        let appIO = World.owed(.appIO)
        await world.queue.enqueue(mails + [appIO])
        await until { world.journal.isFinal(appIO) }
        #expect(await world.queue.waiting["email"] == 3)
        #expect(await world.queue.reports.map(\.reason) == [nil, "421"])
        await world.advance(by: .seconds(29))
        await world.advance(by: .seconds(1))
        await until { (mails + [first]).allSatisfy(world.journal.isFinal) }
        #expect(world.mail.attempts.map { $0.at - World.start } == [.zero] + Array(repeating: .seconds(30), count: 3))
        #expect(await world.queue.reports.map(\.reason) == [nil, nil])
        #expect(world.seen("destination_paused") == 1)
        #expect(world.seen("destination_resumed") == 1)
    }

    @Test("where our side is wrong the notification waits, and a single attempt finds out whether anybody has acted")
    func stopped() async throws {
        let world = try await World(concurrency: 4)
        world.mail.answer(.stopped(reason: "535"))
        let first = World.owed()
        await world.queue.enqueue([first])
        await until { world.journal[first] != nil }
        #expect(world.journal[first]?.status == .waiting)
        #expect(world.journal[first]?.attempts == 0)
        let others = (0..<3).map { _ in World.owed() }
        await world.queue.enqueue(others)
        #expect(await world.queue.reports.map(\.reason) == [nil, "535"])
        world.mail.answer(.stopped(reason: "535"))
        await world.advance(by: .seconds(59))
        await world.advance(by: .seconds(1))
        await until { world.mail.attempts.count == 2 }
        await until { await world.queue.reports.map(\.reason) == [nil, "535"] }
        await world.nudge()
        #expect(world.mail.attempts.map { $0.at - World.start } == [.zero, .seconds(60)])
        await world.advance(by: .seconds(60))
        await until { ([first] + others).allSatisfy(world.journal.isFinal) }
        #expect(world.mail.attempts.count == 6)
        #expect(world.journal[first]?.attempts == 1)
    }

    @Test("what the table says is held, and is not, is taken in; what is held is not begun twice")
    func recover() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let (held, lost) = (World.owed(next: World.start + .microseconds(-2)), World.owed())
        await world.queue.enqueue([held])
        await until { world.mail.waiting == [held.id] }
        let found = Outbox.Claimed(waiting: [held, lost], interrupted: [])
        #expect(try await world.queue.recover(for: World.owner + 1) { found } == nil)
        #expect(try await world.queue.recover(for: World.owner) { found } == 1)
        #expect(try await world.queue.recover(for: World.owner) { found } == 0)
        await world.mail.answer(held, .delivered(remoteID: nil))
        await until { world.mail.waiting == [lost.id] }
        await world.mail.answer(lost, .delivered(remoteID: nil))
        await until { world.journal.isFinal(held) && world.journal.isFinal(lost) }
        #expect(world.mail.ids == [held.id, lost.id])
    }

    @Test("while intake is at its limit each destination gets one at a time, slowly")
    func slowly() async throws {
        let world = try await World()
        world.pressure.raise()
        let mails = (0..<5).map { World.owed(next: World.start + .microseconds($0 - 10)) }
        let appIO = World.owed(.appIO)
        await world.queue.enqueue(mails + [appIO])
        await until { world.journal.isFinal(mails[0]) && world.journal.isFinal(appIO) }
        await world.nudge()
        for index in 1...2 {
            await world.advance(by: .milliseconds(5))
            await world.advance(by: .milliseconds(5))
            await until { world.journal.isFinal(mails[index]) }
        }
        await world.advance(by: .milliseconds(230))
        await until { mails.allSatisfy(world.journal.isFinal) }
        // Just after it the last two go together.
        #expect(world.mail.ids.prefix(3) == mails.prefix(3).map(\.id)[...])
        #expect(world.mail.attempts.map { $0.at - World.start } == [0, 10, 20, 250, 250].map { .milliseconds($0) })
    }

    @Test("while intake has been at its limit for half a minute, and just after, each destination gets a few at a time")
    func few() async throws {
        let world = try await World(concurrency: 10)
        while world.clock.now - World.start < .seconds(30) {
            world.pressure.raise()
            world.clock.advance(by: .milliseconds(200))
        }
        world.pressure.raise()
        world.mail.ask()
        let mails = (0..<9).map { World.owed(next: World.start + .microseconds($0)) }
        func ids(_ range: Range<Int>) -> Set<Identifier> { Set(mails[range].map(\.id)) }
        await world.queue.enqueue(mails)
        await until { world.mail.waiting == ids(0..<4) }
        await world.mail.answer(mails[0], .delivered(remoteID: nil))
        await until { world.mail.waiting == ids(1..<5) }
        await world.advance(by: .seconds(2))
        #expect(world.mail.waiting == ids(1..<5))
        await world.advance(by: .milliseconds(250))
        await until { world.mail.waiting == ids(1..<9) }
        for mail in mails[1...] { await world.mail.answer(mail, .delivered(remoteID: nil)) }
        await until { mails.allSatisfy(world.journal.isFinal) }
    }

    @Test("a new configuration loses nothing that waits, and counts what is under way")
    func reconfigure() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let owed = (0..<3).map { World.owed(next: World.start + .microseconds($0 - 10)) }
        await world.queue.enqueue(owed)
        await until { world.mail.waiting == [owed[0].id] }
        let renewed = FakeCarrier("renewed", concurrency: 1, clock: world.clock)
        await world.queue.reconfigure(carriers: [.email: renewed], policy: World.policy())
        #expect(await world.queue.waiting == ["email": 3])
        #expect(renewed.ids.isEmpty)
        await world.mail.answer(owed[0], .delivered(remoteID: nil))
        await until { owed.allSatisfy(world.journal.isFinal) }
        #expect(renewed.ids == owed.dropFirst().map(\.id))
    }

    @Test("a new configuration opens a stopped destination")
    func reconfigureStopped() async throws {
        let world = try await World(concurrency: 1)
        world.mail.answer(.stopped(reason: "535"))
        let owed = (0..<2).map { World.owed(next: World.start + .microseconds($0 - 10)) }
        await world.queue.enqueue(owed)
        await until { world.journal[owed[0]] != nil }
        #expect(await world.queue.reports.map(\.reason) == [nil, "535"])
        await world.queue.reconfigure(carriers: [.email: world.mail], policy: World.policy())
        await until { world.journal.isFinal(owed[1]) }
        #expect(await world.queue.waiting == ["email": 1])
    }
}
