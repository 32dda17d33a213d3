import Civic
import Store
import Testing

@testable import Delivery

@Suite("a line that is down", .timeLimit(.minutes(30)))
struct OutageTests {
    private let dead = Verdict.tryAgain(reason: "connection refused", after: nil, pause: true)

    @Test("uses up no attempts, expires what expires, and comes back one first, then in order")
    func outage() async throws {
        let world = try await World(concurrency: 1)
        world.mail.answer(dead, dead, dead, dead, dead, dead)
        let priorities: [Priority] = [.low, .normal, .high, .urgent]
        var owed = (0..<40).map {
            World.owed(priority: priorities[$0 % 4], next: World.start + .microseconds($0 - 100))
        }
        // The fourth of the least urgent does not live to see the end.
        let mayfly = World.owed(priority: .low, expires: World.start + .seconds(40))
        await world.queue.enqueue(owed + [mayfly])
        await until { world.mail.ids.count == 5 }
        await until { await world.queue.reports.contains { $0.line == "email" && $0.gate == .paused } }
        for _ in 0..<3 { await world.nudge() }
        #expect(world.mail.ids.count == 5)
        #expect(world.seen("destination_paused") == 1)
        // One attempt finds out that nothing has changed.
        await world.advance(by: .seconds(7))
        await until { world.mail.ids.count == 6 }
        await until { await world.queue.reports.contains { $0.line == "email" && $0.gate == .paused } }
        await world.advance(by: .seconds(35))
        await until { world.journal.isFinal(mayfly) && owed.allSatisfy(world.journal.isFinal) }
        #expect(world.journal[mayfly]?.status == .expired)
        #expect(world.seen("destination_resumed") == 1)
        // Six were attempted in vain, each of them once.
        #expect(owed.count { world.journal[$0]?.attempts == 2 } == 6)
        owed.removeAll { world.journal[$0]?.attempts == 2 }
        let place = Dictionary(world.mail.ids.enumerated().map { ($1, $0) }) { $1 }
        let inOrder = owed.sorted { ($1.priority, $0.nextAttemptAt) < ($0.priority, $1.nextAttemptAt) }
        #expect(inOrder.map { place[$0.id] ?? 0 } == inOrder.map { place[$0.id] ?? 0 }.sorted())
    }

    @Test("expires in time although nothing is attempted, and the next medium is owed")
    func expires() async throws {
        let world = try await World(concurrency: 1)
        world.appIO.answer(.stopped(reason: "401"), .stopped(reason: "401"), .stopped(reason: "401"))
        let first = World.owed(.appIO)
        await world.queue.enqueue([first])
        await until { world.journal[first] != nil }
        let owed = World.owed(.appIO, fallback: "anna@example.org", expires: World.start + .seconds(31))
        await world.queue.enqueue([owed])
        await world.advance(by: .seconds(32))
        await until { world.mail.ids == [owed.id.fallback] }
        #expect(world.journal[owed]?.status == .expired)
        #expect(world.appIO.ids == [first.id])
    }

    @Test("each office's line is its own: one that fails holds up no other")
    func offices() async throws {
        let world = try await World()
        let webhook = FakeCarrier("webhook", concurrency: 1, clock: world.clock)
        await world.queue.reconfigure(carriers: [.webhook: webhook], policy: World.policy())
        func work(_ office: String) -> OwedNotification {
            World.owed(.webhook, template: "office_new", recipient: office)
        }
        webhook.answer(.stopped(reason: "410"))
        let lost = work("ama")
        await world.queue.enqueue([lost])
        await until { world.journal[lost] != nil }
        let found = work("acea")
        await world.queue.enqueue([found])
        await until { world.journal.isFinal(found) }
        let reports = await world.queue.reports
        #expect(reports.map(\.line) == ["webhook:acea", "webhook:ama"])
        #expect(reports.map(\.gate) == [.open, .stopped])
        #expect(reports.map(\.destination) == ["webhook:acea", "webhook:ama"])
    }

    @Test("a full line has room for nothing more, the others have, and an urgent one finds a place")
    func room() async throws {
        let world = try await World(concurrency: 1, capacity: 100, lineCapacity: 20)
        world.mail.ask()
        let mails = (0..<20).map { World.owed(next: World.start + .microseconds($0 - 100)) }
        await world.queue.enqueue(mails)
        let holder = try #require(world.queue.board.holder(World.owner))
        #expect(holder.full == ["email"])
        #expect(await world.queue.room(in: "email") == 0)
        #expect(await world.queue.room(in: "app_io") == 20)
        let (late, urgent, appIO) = (World.owed(), World.owed(priority: .urgent), World.owed(.appIO))
        await world.queue.enqueue([late, urgent, appIO])
        await until { world.journal.released == [late.id] && world.journal.isFinal(appIO) }
        await world.mail.answer(mails[0], .delivered(remoteID: nil))
        await until { world.mail.waiting == [urgent.id] }
        // It counts as full until somebody has looked that the table holds no more of it.
        await world.mail.answer(urgent, .delivered(remoteID: nil))
        for mail in mails.dropFirst() { await world.mail.answer(mail, .delivered(remoteID: nil)) }
        await until { mails.allSatisfy(world.journal.isFinal) }
        #expect(world.queue.board.holder(World.owner)?.full == ["email"])
        await world.queue.waits(inTable: "email", false)
        #expect(world.queue.board.holder(World.owner)?.full == [])
    }

    @Test("a long wait in a well filled line is waited out in the table")
    func longWait() async throws {
        let world = try await World(concurrency: 1, capacity: 100, lineCapacity: 4)
        let owed = (0..<3).map { World.owed(next: World.start + .microseconds($0 - 100), ticket: Int64($0)) }
        let behind = World.owed(next: World.start, ticket: 0)
        world.mail.answer(.tryAgain(reason: "busy", after: .seconds(1000), pause: false))
        await world.queue.enqueue([owed[0], behind] + owed[1...])
        await until { owed[1...].allSatisfy(world.journal.isFinal) && world.journal.released == [behind.id] }
        #expect(world.journal[owed[0]]?.isReleased == true)
        #expect(await world.queue.waiting == ["email": 0])
    }

    @Test("an answer that was lost counts against the other side: App IO is not asked again and again in vain")
    func uncertain() async throws {
        let world = try await World(concurrency: 1, emailWhenUncertain: false)
        let lost = Verdict.uncertain(reason: "no answer")
        world.appIO.answer(lost, lost, lost, lost, lost)
        let owed = (0..<9).map { World.owed(.appIO, next: World.start + .microseconds($0 - 100)) }
        await world.queue.enqueue(owed)
        await until { world.appIO.ids.count == 5 && world.journal.isFinal(owed[4]) }
        await world.nudge()
        #expect(world.appIO.ids == owed.prefix(5).map(\.id))
        #expect(owed.prefix(5).allSatisfy { world.journal[$0]?.status == .uncertain })
        #expect(world.journal.followUps.isEmpty)
        await world.advance(by: .seconds(10))
        await until { owed.suffix(4).allSatisfy(world.journal.isFinal) }
        // None of those was repeated.
        #expect(Set(world.appIO.ids).count == world.appIO.ids.count)
    }
}
