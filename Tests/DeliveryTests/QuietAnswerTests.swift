import Civic
import Store
import Testing

@testable import Delivery
@testable import Settings

/// The last look before an attempt: what the plan let through within quiet hours, and what it could not know.
@Suite struct QuietAnswerTests {
    /// 23 November 2026, 21:30 in Rome.
    private static let evening = Timestamp(seconds: 1_795_465_800)
    private static let night = evening + .seconds(3600)

    private func isHeld(
        owed created: Timestamp, tried moment: Timestamp, opens: Bool = false, insteadOf: Identifier? = nil,
        medium: Medium = .appIO
    ) throws -> Bool {
        var policy = NotificationPolicy(expire: .seconds(72 * 3600), attempts: 20)
        policy.quiet = QuietHours(from: 22 * 60, to: 7 * 60 + 30, zone: try #require(Zone(named: "Europe/Rome")))
        policy.quietMedia = [.appIO]
        let id = Identifier(high: 1, low: 1)
        var owed = OwedNotification(
            id: id, ticket: 1, event: id, code: "RM-7Q4K2MXD", medium: medium, recipient: "RSSMRA68A01H501Y",
            fallback: nil, template: opens ? "opened" : "reopened", language: "it", createdAt: created,
            nextAttemptAt: created, expiresAt: created + .seconds(86_400), priority: .normal, category: nil,
            office: "urp", openedAt: opens ? created : created + .seconds(-86_400), dueAt: nil, eventAt: created)
        owed.insteadOf = insteadOf
        return Couriers.quietEnd(of: owed, at: moment, policy) != nil
    }

    @Test("What was owed by day and comes too late waits")
    func late() throws {
        #expect(try isHeld(owed: Self.evening, tried: Self.night))
        #expect(try !isHeld(owed: Self.evening, tried: Self.evening))
        #expect(try !isHeld(owed: Self.evening, tried: Self.night, medium: .email))
    }

    @Test("Who has just written hears at once, at night too, but not much later")
    func answers() throws {
        let soon = Self.night + .seconds(60)
        #expect(try !isHeld(owed: Self.night, tried: soon))
        #expect(try !isHeld(owed: Self.evening + .seconds(1790), tried: Self.evening + .seconds(1810), opens: true))
        #expect(try isHeld(owed: Self.night, tried: Self.night + .seconds(3600)))
        #expect(try isHeld(owed: Self.night, tried: Self.night + .seconds(3600), opens: true))
    }

    @Test("What takes another medium's place was not planned for this one")
    func successor() throws {
        #expect(try isHeld(owed: Self.night, tried: Self.night + .seconds(60), insteadOf: Identifier(high: 1, low: 2)))
    }
}
