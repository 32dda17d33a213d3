import Civic
import Store
import Testing

@testable import Delivery

@Suite("order within a ticket", .timeLimit(.minutes(30)))
struct OrderTests {
    @Test("the next begins when the earlier one has its outcome, however they come in; other tickets do not wait")
    func oneAfterTheOther() async throws {
        let world = try await World()
        world.mail.ask()
        let told = (0..<3).map { _ in World.owed(ticket: 1) }
        let other = World.owed(ticket: 2)
        await world.queue.enqueue([told[2], told[0], other, told[1]])
        for (index, owed) in told.enumerated() {
            await until { world.mail.waiting.contains(owed.id) }
            await world.nudge()
            #expect(world.mail.waiting.intersection(told.map(\.id)) == [owed.id])
            if index == 0 { #expect(world.mail.waiting.contains(other.id)) }
            await world.mail.answer(owed, index == 1 ? .givenUp(reason: "550") : .delivered(remoteID: nil))
        }
        await until { told.allSatisfy(world.journal.isFinal) }
        #expect(world.journal[told[1]]?.status == .refused)
    }

    @Test("the next does not begin before the earlier one's outcome is on disk: a crash leaves one of them under way")
    func outcomeOnDisk() async throws {
        let world = try await World()
        world.appIO.ask()
        world.mail.ask()
        let (first, second) = (World.owed(.appIO, ticket: 1), World.owed(.appIO, ticket: 1))
        let other = World.owed(ticket: 2)
        await world.queue.enqueue([first, second])
        await until { world.appIO.waiting == [first.id] }
        world.journal.behave(.losesAnswers)
        let calls = world.journal.calls
        await world.appIO.answer(first, .delivered(remoteID: "1"))
        await until { world.journal.calls > calls }
        await world.queue.enqueue([other])
        #expect(world.appIO.ids == [first.id])
        world.journal.behave(.writes)
        await until { world.appIO.waiting == [second.id] }
        await until { world.mail.waiting == [other.id] }
    }

    @Test("offices have a chain each, and the citizen their own")
    func readers() async throws {
        let world = try await World()
        world.mail.ask()
        let citizen = World.owed(ticket: 1)
        let offices = ["a@example.org", "b@example.org"].map {
            World.owed(ticket: 1, template: "office_new", recipient: $0)
        }
        let again = World.owed(ticket: 1, template: "office_reply", recipient: "a@example.org")
        await world.queue.enqueue([citizen, again] + offices)
        await until { world.mail.waiting == Set([citizen.id] + offices.map(\.id)) }
        await world.mail.answer(offices[0], .delivered(remoteID: nil))
        await until { world.mail.waiting.contains(again.id) }
    }

    @Test("one that waits for a retry holds those behind it; one whose time is over frees them")
    func retried() async throws {
        let world = try await World()
        world.mail.answer(.tryAgain(reason: "busy", after: nil, pause: false))
        let first = World.owed(expires: World.start + .seconds(15), ticket: 1)
        let second = World.owed(ticket: 1)
        await world.queue.enqueue([first, second])
        await until { world.journal[first]?.attempts == 1 }
        await world.advance(by: .seconds(9))
        #expect(world.mail.ids == [first.id])
        world.mail.answer(.tryAgain(reason: "busy", after: nil, pause: false))
        await world.advance(by: .seconds(1))
        await until { world.journal.isFinal(second) }
        #expect(world.journal[first]?.status == .expired)
        #expect(world.mail.ids == [first.id, first.id, second.id])
    }

    @Test("what takes its place goes before what comes later, also on another medium")
    func fallback() async throws {
        let world = try await World()
        world.appIO.ask()
        world.mail.ask()
        let first = World.owed(.appIO, fallback: "anna@example.org", ticket: 1)
        let second = World.owed(.appIO, fallback: "anna@example.org", ticket: 1)
        await world.queue.enqueue([first, second])
        await world.appIO.answer(first, .unreachable(reason: "no app"))
        await until { world.mail.waiting == [first.id.fallback] }
        await world.nudge()
        #expect(world.appIO.ids == [first.id])
        var email = first
        email.id = first.id.fallback
        await world.mail.answer(email, .delivered(remoteID: nil))
        await until { world.appIO.waiting == [second.id] }
    }

    @Test("what takes the place of one that a dead daemon had under way goes before what comes later, too")
    func interrupted() async throws {
        let world = try await World()
        world.mail.ask()
        let first = World.owed(.appIO, fallback: "anna@example.org", attempts: 1, ticket: 1)
        let second = World.owed(.appIO, fallback: "anna@example.org", ticket: 1)
        #expect(try await world.queue.takeIn(for: World.owner) { ([second], [first]) } == 2)
        await until { world.mail.waiting == [first.id.fallback] }
        await world.nudge()
        #expect(world.appIO.ids == [])
        var email = first
        email.id = first.id.fallback
        await world.mail.answer(email, .delivered(remoteID: nil))
        await until { world.journal.isFinal(second) }
        #expect(world.appIO.ids == [second.id])
        // One without anything in its place holds up nobody.
        let (third, fourth) = (World.owed(.appIO, attempts: 1, ticket: 1), World.owed(ticket: 1))
        #expect(try await world.queue.takeIn(for: World.owner) { ([fourth], [third]) } == 2)
        await until { world.mail.waiting == [fourth.id] }
    }

    @Test("what takes its place is left to others if they hold it, and so are those behind it")
    func fallbackElsewhere() async throws {
        let world = try await World()
        let first = World.owed(.appIO, fallback: "anna@example.org", ticket: 1)
        let second = World.owed(.appIO, ticket: 1)
        world.journal.leaveToOthers(first.id.fallback)
        world.appIO.answer(.unreachable(reason: "no app"))
        await world.queue.enqueue([first, second])
        await until { world.journal.released == [second.id] }
        #expect(world.mail.ids.isEmpty)
        #expect(world.appIO.ids == [first.id])
        #expect(await world.queue.waiting.values.allSatisfy { $0 == 0 })
        // Once the table gives it, it is taken in.
        await world.queue.enqueue([second])
        await until { world.journal.isFinal(second) }
    }

    @Test("when one is recalled the next goes")
    func recalled() async throws {
        let world = try await World()
        let later = World.start + .seconds(60)
        let first = World.owed(next: later, ticket: 1)
        let second = World.owed(ticket: 1)
        await world.queue.enqueue([first, second])
        await world.nudge()
        #expect(world.mail.ids.isEmpty)
        #expect(await world.queue.recall([first.id]) == [first.id])
        await until { world.journal.isFinal(second) }
        #expect(await world.queue.waiting == ["email": 0])
    }

    @Test("what this daemon does not hold is not taken in")
    func notHeld() async throws {
        let world = try await World()
        var (left, held) = (World.owed(), World.owed())
        left.heldBy = nil
        held.heldBy = World.owner
        world.queue.hand([left, held])
        await until { world.journal.isFinal(held) }
        #expect(world.mail.ids == [held.id])
    }
}

@Suite("quiet hours at the attempt, and the record of attempts", .timeLimit(.minutes(30)))
struct QuietTests {
    private static let end = World.start + .seconds(3600)

    /// Quiet for an hour, but for urgent ones.
    private func quiet() async throws -> World {
        try await World(quietEnd: { owed, at in
            at < QuietTests.end && owed.priority != .urgent ? QuietTests.end : nil
        })
    }

    @Test("put back to the end of the quiet, not counted, and no alarm; urgent ones go")
    func putBack() async throws {
        let world = try await quiet()
        let (owed, urgent) = (World.owed(), World.owed(priority: .urgent))
        await world.queue.enqueue([owed, urgent])
        await until { world.journal[owed] != nil && world.journal.isFinal(urgent) }
        let outcome = try #require(world.journal[owed])
        #expect(outcome.status == .waiting && outcome.attempts == 0)
        #expect(outcome.nextAttemptAt == QuietTests.end)
        #expect(outcome.reason == "quiet hours")
        #expect(world.mail.ids == [urgent.id])
        #expect(await world.queue.reports.first { $0.line == "email" }?.due == nil)
        await world.advance(by: .seconds(3600))
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.attempts == 1)
        #expect(world.journal.tries.isEmpty)
    }

    @Test("a retry that would fall into the quiet waits for its end")
    func retry() async throws {
        let start = World.start
        let world = try await World(quietEnd: { _, at in at > start && at < QuietTests.end ? QuietTests.end : nil })
        world.mail.answer(.tryAgain(reason: "busy", after: nil, pause: false))
        let owed = World.owed()
        await world.queue.enqueue([owed])
        await until { world.journal[owed] != nil }
        #expect(world.journal[owed]?.nextAttemptAt == QuietTests.end)
        #expect(world.journal[owed]?.attempts == 1)
        #expect(world.journal[owed]?.reason == "busy; quiet hours")
    }

    @Test("each attempt but a delivery at the first is on record")
    func tries() async throws {
        let world = try await World()
        let (owed, refused, smooth) = (World.owed(), World.owed(.appIO), World.owed(.appIO))
        world.mail.answer(.tryAgain(reason: "busy", after: nil, pause: false))
        world.appIO.answer(.givenUp(reason: "400"))
        await world.queue.enqueue([owed])
        await world.queue.enqueue([refused])
        await until { world.journal.isFinal(refused) }
        await world.queue.enqueue([smooth])
        await until { world.journal.isFinal(smooth) && world.journal[owed] != nil }
        await world.advance(by: .seconds(10))
        await until { world.journal.isFinal(owed) }
        let tries = world.journal.tries.map { [$0.outcome.rawValue, "\($0.number)", $0.reason ?? ""] }
        #expect(
            Set(tries) == [["waiting", "1", "busy"], ["delivered", "2", ""], ["refused", "1", "400"]])
        #expect(world.journal.tries.allSatisfy { $0.id != smooth.id })
    }
}
