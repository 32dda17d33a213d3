import Civic
import Store
import Testing

@testable import Delivery

/// Whose a notification is when beats are late and PostgreSQL stalls.
@Suite("ownership", .timeLimit(.minutes(10))) struct OwnershipTests {
    @Test("what comes back as interrupted while it is still under way here has its outcome to come")
    func interruptedAndUnderWay() async throws {
        let world = try await World()
        world.appIO.ask()
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        await world.queue.enqueue([owed])
        await until { world.appIO.waiting == [owed.id] }
        await world.queue.adopt(owner: nil)
        await world.queue.adopt(owner: World.owner)
        #expect(try await world.queue.takeIn(for: World.owner) { ([], [owed]) } == 1)
        #expect(world.journal[owed] == nil)
        await world.appIO.answer(owed, .delivered(remoteID: "1"))
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.status == .delivered)
        #expect(world.journal.followUps.isEmpty)
    }

    @Test("the same for one whose time is over")
    func expiredAndUnderWay() async throws {
        let world = try await World()
        world.mail.ask()
        let owed = World.owed(expires: World.start + .seconds(60))
        await world.queue.enqueue([owed])
        await until { world.mail.waiting == [owed.id] }
        await world.queue.adopt(owner: nil)
        await world.queue.adopt(owner: World.owner)
        await world.advance(by: .seconds(61))
        _ = try await world.queue.takeInExpired(for: World.owner) { ([owed], []) }
        await world.mail.answer(owed, .delivered(remoteID: nil))
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.status == .delivered)
    }

    @Test("after a lost answer what is handed over waits for what the table knows, and goes behind it, once")
    func doubt() async throws {
        let world = try await World()
        let unknown = World.owed(ticket: 1)
        let (next, other, recalled) = (World.owed(ticket: 1), World.owed(), World.owed())
        world.queue.board.raiseDoubt(at: .now)
        let doubt = try #require(world.queue.board.doubt)
        world.queue.hand([next, other, recalled])
        await until { await world.queue.aside.count == 3 }
        #expect(world.mail.ids.isEmpty)
        _ = await world.queue.recall([recalled.id])
        // What is read is not laid aside any more.
        try await world.resolve(doubt, isLast: false) { ([unknown, other], []) }
        await until { [unknown, other].allSatisfy(world.journal.isFinal) }
        #expect(await Set(world.queue.aside.keys) == [next.id])
        try await world.resolve(doubt)
        await until { world.journal.isFinal(next) }
        #expect(world.mail.ids.filter { $0 != other.id } == [unknown.id, next.id])
        #expect(world.mail.ids.count == 3)
        // Without doubt nothing waits.
        let later = World.owed(ticket: 1)
        world.queue.hand([later])
        await until { world.journal.isFinal(later) }
    }

    @Test("while doubt goes on, what is older than what is known is not held up")
    func longDoubt() async throws {
        let world = try await World()
        world.queue.board.raiseDoubt(at: .now)
        let first = World.owed()
        var second = World.owed()
        second.createdAt = second.createdAt + .seconds(1)
        world.queue.hand([first, second])
        await until { await world.queue.aside.count == 2 }
        let doubt = try #require(world.queue.board.doubt)
        #expect(world.queue.board.claimable(at: World.start) == nil)
        try await world.resolve(doubt, known: second.createdAt, isLast: false)
        #expect(world.queue.board.claimable(at: World.start) == second.createdAt)
        await until { world.journal.isFinal(first) }
        #expect(await Set(world.queue.aside.keys) == [second.id])
        #expect(world.mail.ids == [first.id])
        #expect(world.queue.board.doubt != nil)
    }

    @Test("a doubt that came later is not ended by what was read for the one before; what there is no room for is left")
    func laterDoubt() async throws {
        let world = try await World(capacity: 2)
        world.queue.board.raiseDoubt(at: .now)
        let first = try #require(world.queue.board.doubt)
        world.queue.board.raiseDoubt(at: .now + .seconds(1))
        let second = try #require(world.queue.board.doubt)
        let owed = (0..<3).map { _ in World.owed() }
        world.queue.hand(owed)
        await until { world.journal.released == [owed[2].id] }
        try await world.resolve(first)
        #expect(world.queue.board.doubt == second)
        #expect(world.mail.ids.isEmpty)
        // Somebody else holds it by now.
        await world.queue.adopt(owner: 8)
        try await world.resolve(second)
        #expect(world.queue.board.doubt == second)
        try await world.resolve(second, for: 8)
        #expect(world.queue.board.doubt == nil)
        #expect(world.mail.ids.isEmpty)
    }

    @Test("what is handed over while the queue bears no name is not forgotten: the table is to be read for it")
    func handedMeanwhile() async throws {
        let world = try await World()
        await world.queue.adopt(owner: nil)
        #expect(world.queue.board.doubt == nil)
        world.queue.hand([World.owed()])
        await until { world.queue.board.doubt != nil }
    }

    @Test("nor what was owed instead by a write that the queue's name did not outlast")
    func owedMeanwhile() async throws {
        let world = try await World()
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        world.appIO.answer(.unreachable(reason: "r"))
        world.journal.meanwhile { [queue = world.queue] in await queue.adopt(owner: nil) }
        await world.queue.enqueue([owed])
        await until { world.queue.board.doubt != nil }
        #expect(world.journal.followUps.count == 1)
        #expect(world.journal.owners == [World.owner])
        #expect(world.mail.ids.isEmpty)
    }

    @Test("what was written in another name, and what was told since it was written, is not taken over")
    func handedLate() async throws {
        let world = try await World()
        let told = World.owed()
        await world.queue.enqueue([told])
        await until { world.journal.isFinal(told) }
        await until { await world.queue.isQuiet }
        world.queue.hand([told])
        var foreign = World.owed()
        foreign.heldBy = World.owner + 1
        #expect(world.queue.board.doubt == nil)
        world.queue.hand([foreign])
        await until { world.queue.board.doubt != nil }
        world.queue.hand([told])
        await world.nudge()
        #expect(await world.queue.aside.isEmpty)
        #expect(world.mail.ids == [told.id])
    }

    @Test("what another daemon has by now is not sent, nor is anything recorded of it")
    func gone() async throws {
        let world = try await World(concurrency: 1)
        let (owed, next, other) = (World.owed(.appIO, ticket: 1), World.owed(.appIO, ticket: 1), World.owed(.appIO))
        world.journal.take(owed.id, for: 8)
        world.appIO.mark()
        await world.queue.enqueue([owed, next, other])
        await until { world.journal.isFinal(next) && world.journal.isFinal(other) }
        #expect(world.journal[owed] == nil)
        #expect(Set(world.appIO.ids) == [next.id, other.id])
        #expect(await world.queue.waiting == ["app_io": 0])
    }

    @Test("that it waits is for its daemon to say")
    func waitsForItsOwner() async throws {
        let world = try await World()
        let owed = World.owed()
        world.mail.answer(.tryAgain(reason: "busy", after: nil, pause: false))
        await world.queue.enqueue([owed])
        await until { world.journal[owed]?.status == .waiting }
        #expect(world.journal[owed]?.owner == World.owner)
    }

    @Test("what is being given up is not taken in again where the table is read in doubt")
    func givenUp() async throws {
        let world = try await World(concurrency: 1, capacity: 1)
        world.mail.ask()
        let (held, left) = (World.owed(), World.owed())
        world.journal.behave(.away)
        await world.queue.enqueue([held, left])
        await until { world.seen("internal_error") == 1 }
        world.queue.board.raiseDoubt(at: .now)
        let doubt = try #require(world.queue.board.doubt)
        await world.mail.answer(held, .delivered(remoteID: nil))
        try await world.resolve(doubt) { ([left], []) }
        #expect(await world.queue.waiting == ["email": 0])
        world.journal.behave(.writes)
        await until { world.journal.released == [left.id] }
        // Claimed anew it is told.
        _ = try await world.queue.takeIn(for: World.owner) { ([left], []) }
        await world.mail.answer(left, .delivered(remoteID: nil))
        await until { world.journal.isFinal(left) }
        #expect(world.mail.ids == [held.id, left.id])
    }

    @Test("what was claimed before everything was forgotten is left, also under the same name")
    func claimedBefore() async throws {
        let world = try await World()
        let owed = World.owed()
        let found = try await world.queue.takeIn(for: World.owner) {
            _ = await world.queue.forsake { false }
            await world.queue.adopt(owner: World.owner)
            try await world.resolve(#require(world.queue.board.doubt))
            #expect(world.queue.board.doubt == nil)
            return ([owed], [])
        }
        #expect(found == 0)
        #expect(world.queue.board.doubt != nil)
        #expect(world.mail.ids.isEmpty)
    }

    @Test(
        "over a late beat, what is owed instead goes before what is later, whenever it was found out",
        arguments: [false, true])
    func orderOverALateBeat(isUnderWay: Bool) async throws {
        let world = try await World()
        let (owed, next) = (World.owed(.appIO, fallback: "anna@example.org", ticket: 1), World.owed(ticket: 1))
        world.appIO.ask()
        await world.queue.enqueue([owed, next])
        await until { world.appIO.waiting == [owed.id] }
        if isUnderWay { _ = await world.queue.forsake { false } }
        world.journal.meanwhile {
            if !isUnderWay { _ = await world.queue.forsake { false } }
            await world.queue.adopt(owner: World.owner)
            let doubt = world.queue.board.doubt
            try? await world.resolve(#require(doubt)) { ([owed, next], []) }
            await world.nudge()
        }
        await world.appIO.answer(owed, .unreachable(reason: "r"))
        await until { world.journal.isFinal(next) }
        #expect(world.mail.ids.count == 2 && world.mail.ids.last == next.id)
        #expect(world.journal.followUps.map(\.insteadOf) == [owed.id])
    }

    @Test("what is owed instead and was read before its write was known goes first, and is not left")
    func readBeforeKnown() async throws {
        let world = try await World()
        let (owed, next) = (World.owed(.appIO, fallback: "anna@example.org", ticket: 1), World.owed(ticket: 1))
        world.appIO.answer(.unreachable(reason: "r"))
        world.journal.meanwhile {
            world.queue.board.raiseDoubt(at: .now)
            let (doubt, instead) = (world.queue.board.doubt, world.journal.followUps.first)
            try? await world.resolve(#require(doubt)) { try ([#require(instead), next], []) }
            await world.nudge()
        }
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(next) }
        #expect(world.mail.ids == world.journal.followUps.map(\.id) + [next.id])
        #expect(world.journal.released.isEmpty)
    }

    @Test("an office's letter in place of a call is in another chain: what is later goes on")
    func letterInstead() async throws {
        let world = try await World()
        let owed = World.owed(
            .appIO, fallback: "ama@example.org", ticket: 1, template: "office_work", recipient: "ama")
        let next = World.owed(.appIO, ticket: 1, template: "office_work", recipient: "ama")
        world.appIO.answer(.unreachable(reason: "r"))
        await world.queue.enqueue([owed, next])
        await until { world.journal.isFinal(next) }
        #expect(world.appIO.ids == [owed.id, next.id])
    }

    @Test("one that this daemon took anew under another name, while its request waited, begins anew")
    func renamed() async throws {
        let world = try await World()
        let owed = World.owed(.appIO)
        world.appIO.mark()
        world.journal.meanwhile {
            await world.queue.adopt(owner: 8)
            world.journal.take(owed.id, for: 8)
            _ = try? await world.queue.takeIn(for: 8) { ([owed], []) }
        }
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(owed) }
        #expect(world.appIO.ids == [owed.id])
        #expect(world.journal[owed]?.attempts == 1)
    }

    @Test("what failed under an earlier name waits in that one's name")
    func formerName() async throws {
        let world = try await World()
        world.mail.ask()
        let owed = World.owed()
        await world.queue.enqueue([owed])
        await until { world.mail.waiting == [owed.id] }
        await world.queue.adopt(owner: 8)
        await world.mail.answer(owed, .tryAgain(reason: "busy", after: nil, pause: false))
        await until { world.journal[owed]?.status == .waiting }
        #expect(world.journal[owed]?.owner == World.owner)
    }

    @Test("what is to wait again is not settled as interrupted while that is still being written, nor overtaken")
    func waitsNotInterrupted() async throws {
        let world = try await World()
        world.appIO.ask()
        let (owed, next) = (World.owed(.appIO, ticket: 1), World.owed(ticket: 1))
        await world.queue.enqueue([owed])
        await until { world.appIO.waiting == [owed.id] }
        _ = await world.queue.forsake { false }
        world.journal.behave(.away)
        await world.appIO.answer(owed, .tryAgain(reason: "busy", after: nil, pause: false))
        await until { world.seen("internal_error") == 1 }
        await world.queue.adopt(owner: World.owner)
        let doubt = try #require(world.queue.board.doubt)
        world.journal.behave(.writes)
        world.journal.meanwhile {
            try? await world.resolve(doubt) { ([next], [owed]) }
            await world.nudge()
        }
        await until { world.journal[owed]?.status == .waiting }
        await until { await world.queue.isQuiet }
        #expect(world.queue.board.doubt == doubt)
        #expect(world.mail.ids.isEmpty)
        try await world.resolve(doubt) { ([owed, next], []) }
        #expect(world.queue.board.doubt == nil)
        await world.appIO.answer(owed, .delivered(remoteID: "1"))
        await until { world.journal.isFinal(next) }
        #expect(world.appIO.ids == [owed.id, owed.id])
    }

    @Test("what is owed instead, and was written while nothing was held, holds up nobody")
    func writtenMeanwhile() async throws {
        let world = try await World()
        let (owed, next) = (World.owed(.appIO, fallback: "anna@example.org", ticket: 1), World.owed(ticket: 1))
        world.appIO.ask()
        await world.queue.enqueue([owed, next])
        await until { world.appIO.waiting == [owed.id] }
        _ = await world.queue.forsake { false }
        await world.appIO.answer(owed, .unreachable(reason: "r"))
        await until { world.journal.followUps.count == 1 }
        await until { await world.queue.isQuiet }
        await world.queue.adopt(owner: World.owner)
        let doubt = try #require(world.queue.board.doubt)
        let instead = try #require(world.journal.followUps.first)
        try await world.resolve(doubt) { ([instead, next], []) }
        await until { world.journal.isFinal(next) }
        #expect(world.mail.ids == [instead.id, next.id])
    }

    @Test("what is owed instead is written in the queue's name also while it holds nothing")
    func successorWithoutBeat() async throws {
        let world = try await World()
        world.appIO.ask()
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        await world.queue.enqueue([owed])
        await until { world.appIO.waiting == [owed.id] }
        _ = await world.queue.forsake { false }
        await world.appIO.answer(owed, .unreachable(reason: "r"))
        await until { world.journal.followUps.count == 1 }
        #expect(world.journal.owners == [World.owner])
        #expect(world.mail.ids.isEmpty)
    }

    @Test("what is held is forsaken only without a beat, and then the table is to be read again")
    func forsaken() async throws {
        let world = try await World(concurrency: 1)
        world.mail.ask()
        let (underWay, waiting) = (World.owed(), World.owed())
        await world.queue.enqueue([underWay, waiting])
        await until { world.mail.waiting == [underWay.id] }
        #expect(await !world.queue.forsake(unless: { true }))
        #expect(await world.queue.waiting == ["email": 2])
        #expect(world.queue.board.doubt == nil)
        #expect(await world.queue.forsake(unless: { false }))
        #expect(await world.queue.waiting == ["email": 0])
        #expect(world.queue.board.doubt != nil)
        await world.mail.answer(underWay, .delivered(remoteID: nil))
        await until { world.journal.isFinal(underWay) }
    }

    @Test("what was read for an owner that this queue is no more is left")
    func readForAnother() async throws {
        let world = try await World()
        let owed = World.owed()
        let found = try await world.queue.takeIn(for: World.owner) {
            await world.queue.adopt(owner: 8)
            return ([owed], [])
        }
        #expect(found == 0)
        #expect(await world.queue.waiting.values.allSatisfy { $0 == 0 })
        #expect(world.mail.ids.isEmpty)
    }

    @Test("what failed after it was forgotten stays in the daemon's name: the table is to be read for it")
    func forgottenAndFailed() async throws {
        let world = try await World()
        world.mail.ask()
        let owed = World.owed()
        await world.queue.enqueue([owed])
        await until { world.mail.waiting == [owed.id] }
        await world.queue.adopt(owner: nil)
        await world.queue.adopt(owner: World.owner)
        await world.mail.answer(owed, .tryAgain(reason: "busy", after: nil, pause: false))
        await until { world.journal[owed]?.status == .waiting }
        #expect(world.journal.released.isEmpty)
        let doubt = try #require(world.queue.board.doubt)
        try await world.resolve(doubt) { ([owed], []) }
        await world.mail.answer(owed, .delivered(remoteID: nil))
        await until { world.journal.isFinal(owed) }
    }

    @Test("what a closed part of the other side holds back costs no attempt, and holds up nobody else")
    func held() async throws {
        let world = try await World(concurrency: 1)
        for _ in 0..<50 { world.appIO.answer(.held(reason: "App IO refused the key", for: .seconds(60))) }
        let stopped = (0..<50).map { _ in World.owed(.appIO) }
        await world.queue.enqueue(stopped)
        await until { world.appIO.ids.count == 50 }
        let other = World.owed(.appIO)
        await world.queue.enqueue([other])
        await until { world.journal.isFinal(other) }
        #expect(world.journal[other]?.status == .delivered)
        #expect(world.seen("destination_paused") == 0)
        #expect(world.journal.tries.isEmpty)
        await world.advance(by: .seconds(60))
        await until { stopped.allSatisfy { world.journal.isFinal($0) } }
        #expect(stopped.allSatisfy { world.journal[$0]?.attempts == 1 })
    }

    @Test("an outage that ends when nothing is left to write ends for the queue, too")
    func outageWithoutRest() async throws {
        let world = try await World(lineCapacity: 1)
        world.mail.ask()
        let (owed, beyond) = (World.owed(), World.owed())
        world.journal.behave(.away)
        // For the second there is no room: it is left to the table, which cannot be told.
        await world.queue.enqueue([owed, beyond])
        await until { world.seen("internal_error") == 1 }
        await world.queue.adopt(owner: 8)
        world.journal.behave(.writes)
        let next = World.owed()
        await world.mail.answer(owed, .delivered(remoteID: nil))
        await world.queue.enqueue([next])
        await world.mail.answer(next, .delivered(remoteID: nil))
        await until { world.journal.isFinal(next) }
    }

    @Test("an id that the other side made up does not stop the table from learning anything")
    func ids() async throws {
        let world = try await World()
        let long = String(repeating: "x", count: 5000)
        world.mail.answer(.delivered(remoteID: "a\u{0}b"), .delivered(remoteID: long))
        let (first, second) = (World.owed(), World.owed())
        await world.queue.enqueue([first])
        await until { world.journal.isFinal(first) }
        await world.queue.enqueue([second])
        await until { world.journal.isFinal(second) }
        #expect(world.journal[first]?.remoteID?.contains("\u{0}") == false)
        #expect(world.journal[second]?.remoteID == nil)
    }
}
