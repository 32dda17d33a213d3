import Civic
import Store
import Testing

@testable import Delivery

@Suite("what becomes of a notification", .timeLimit(.minutes(30)))
struct OutcomeTests {
    @Test("delivered once, however often it is handed over")
    func once() async throws {
        let world = try await World()
        let owed = World.owed()
        world.mail.ask()
        await world.queue.enqueue([owed, owed])
        await world.queue.enqueue([owed])
        #expect(await world.queue.waiting == ["email": 1])
        await world.mail.answer(owed, .delivered(remoteID: "x1"))
        await until { world.journal.isFinal(owed) }
        let outcome = try #require(world.journal[owed])
        #expect(outcome.status == .delivered)
        #expect(outcome.attempts == 1)
        #expect(outcome.remoteID == "x1")
        #expect(outcome.at == World.start)
        #expect(world.mail.ids == [owed.id])
        #expect(await world.queue.waiting == ["email": 0])
        #expect(await world.queue.room == 1000)
    }

    @Test("a failure is tried again after a growing pause, until it succeeds")
    func backOff() async throws {
        let world = try await World()
        let owed = World.owed()
        let busy = Verdict.tryAgain(reason: "busy", after: nil, pause: false)
        world.mail.answer(busy, busy)
        await world.queue.enqueue([owed])
        await until { world.journal[owed]?.attempts == 1 }
        let first = try #require(world.journal[owed])
        #expect(first.status == .waiting)
        #expect(first.reason == "busy")
        #expect(first.nextAttemptAt == World.start + .seconds(10))
        await world.advance(by: .seconds(9))
        await world.advance(by: .seconds(1))
        await until { world.journal[owed]?.attempts == 2 }
        #expect(world.journal[owed]?.nextAttemptAt == World.start + .seconds(30))
        await world.advance(by: .seconds(19))
        await world.advance(by: .seconds(1))
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.status == .delivered)
        #expect(world.journal[owed]?.attempts == 3)
        #expect(world.mail.attempts.map { $0.at - World.start } == [.zero, .seconds(10), .seconds(30)])
        #expect(world.seen("notification_retried") == 2)
    }

    @Test("the other side's own pause is kept")
    func asked() async throws {
        let world = try await World()
        let owed = World.owed()
        world.mail.answer(.tryAgain(reason: "busy", after: .seconds(300), pause: false))
        await world.queue.enqueue([owed])
        await until { world.journal[owed] != nil }
        #expect(world.journal[owed]?.nextAttemptAt == World.start + .seconds(300))
    }

    @Test(
        "after the last attempt it is given up with the reason, and the e-mail is owed once", arguments: [false, true])
    func givesUp(answersAreLost: Bool) async throws {
        let world = try await World(attempts: 2)
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        let busy = Verdict.tryAgain(reason: "busy", after: nil, pause: false)
        world.appIO.answer(busy, busy)
        await world.queue.enqueue([owed])
        await until { world.journal[owed]?.attempts == 1 }
        if answersAreLost { world.journal.behave(.losesAnswers) }
        await world.advance(by: .seconds(10))
        await until { world.journal.isFinal(owed) }
        if answersAreLost {
            await until { world.seen("internal_error") > 0 }
            world.journal.behave(.writes)
        }
        let outcome = try #require(world.journal[owed])
        #expect(outcome.status == .expired)
        #expect(outcome.attempts == 2)
        #expect(outcome.reason == "2 attempts failed; last: busy")
        let email = try #require(world.journal.followUps.first)
        #expect(email.id == owed.id.fallback)
        #expect(email.id != owed.id && email.insteadOf == owed.id)
        #expect(email.medium == .email)
        #expect(email.recipient == "anna@example.org")
        #expect(email.fallback == nil)
        await until { world.journal.isFinal(email) }
        #expect(world.mail.ids == [email.id])
        #expect(world.journal.followUps.count == 1)
        #expect(world.journal.owners == [World.owner])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let verdict: Verdict
        let status: Outbox.Outcome.Status
        let emails: Bool
        var whenUncertain = true
        var testDescription: String { "\(verdict), e-mail when uncertain: \(whenUncertain)" }
    }

    @Test(
        "what follows a verdict",
        arguments: [
            Case(verdict: .delivered(remoteID: nil), status: .delivered, emails: false),
            Case(verdict: .givenUp(reason: "r"), status: .refused, emails: false),
            Case(verdict: .unreachable(reason: "r"), status: .refused, emails: true),
            Case(verdict: .absent(reason: "r", for: .seconds(60)), status: .refused, emails: true),
            Case(verdict: .uncertain(reason: "r"), status: .uncertain, emails: true),
            Case(verdict: .uncertain(reason: "r"), status: .uncertain, emails: false, whenUncertain: false),
        ])
    func verdicts(_ given: Case) async throws {
        let world = try await World(emailWhenUncertain: given.whenUncertain)
        let reachable = World.owed(.appIO, fallback: "anna@example.org")
        let unreachable = World.owed(.appIO)
        world.appIO.answer(given.verdict, given.verdict)
        await world.queue.enqueue([reachable, unreachable])
        await until { world.journal.isFinal(reachable) && world.journal.isFinal(unreachable) }
        for owed in [reachable, unreachable] {
            #expect(world.journal[owed]?.status == given.status)
            #expect(world.journal[owed]?.attempts == 1)
            #expect(world.journal[owed]?.reason == (given.status == .delivered ? nil : "r"))
            // Only of who is not there it is remembered, and only what took another's place says that it reached.
            let isAbsent = if case .absent = given.verdict { true } else { false }
            #expect((world.journal[owed]?.unreachedUntil != nil) == isAbsent)
            #expect(world.journal[owed]?.isReached == false)
        }
        #expect(world.journal.followUps.map(\.id) == (given.emails ? [reachable.id.fallback] : []))
    }

    @Test("an e-mail has nothing to fall back to")
    func emailFails() async throws {
        let world = try await World()
        let owed = World.owed(.email, fallback: "altra@example.org")
        world.mail.answer(.unreachable(reason: "r"))
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(owed) }
        #expect(world.journal.followUps.isEmpty)
    }

    @Test("whose time is over is not attempted any more; the e-mail still is")
    func expiry() async throws {
        let world = try await World()
        let old = World.owed(expires: World.start, attempts: 4)
        var oldAppIO = World.owed(.appIO, fallback: "anna@example.org", expires: World.start)
        oldAppIO.createdAt = World.start + .seconds(-4 * 3600)
        let later = World.owed(next: World.start + .seconds(60), expires: World.start + .seconds(60))
        await world.queue.enqueue([old, oldAppIO, later])
        await until { world.journal.isFinal(old) && world.journal.isFinal(oldAppIO) }
        #expect(world.journal[old]?.status == .expired)
        #expect(world.journal[old]?.reason?.hasPrefix("its time was over; it was worth sending for") == true)
        #expect(world.journal[old]?.attempts == 4)
        #expect(world.journal[later] == nil)
        let email = try #require(world.journal.followUps.first)
        // What was worth four hours is worth no day now.
        #expect(email.expiresAt == World.start + .seconds(4 * 3600))
        await world.advance(by: .seconds(60))
        await until { world.journal.isFinal(later) && world.journal.isFinal(email) }
        #expect(world.journal[later]?.status == .expired)
        #expect(world.mail.ids == [email.id])
        #expect(world.appIO.ids.isEmpty)
    }

    @Test("what a dead daemon had under way is uncertain, and told once")
    func interrupted() async throws {
        let world = try await World()
        let owed = World.owed(.appIO, fallback: "anna@example.org", attempts: 1)
        await world.queue.settle(interrupted: [owed])
        await world.queue.settle(interrupted: [owed])
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.status == .uncertain)
        // The one that was interrupted was counted when it began.
        #expect(world.journal[owed]?.attempts == 1)
        #expect(world.journal.followUps.map(\.id) == [owed.id.fallback])
        #expect(world.appIO.ids.isEmpty)
    }

    @Test("a medium that is not configured does not reach the citizen")
    func notConfigured() async throws {
        let world = try await World()
        let owed = World.owed(.appIO, fallback: "anna@example.org")
        await world.queue.reconfigure(carriers: [.email: world.mail], policy: World.policy())
        await world.queue.enqueue([owed])
        await until { world.journal.isFinal(owed) }
        #expect(world.journal[owed]?.status == .refused)
        #expect(world.journal[owed]?.reason == "app_io is not configured")
        #expect(world.journal[owed]?.attempts == 0)
        await until { world.mail.ids == [owed.id.fallback] }
    }
}
