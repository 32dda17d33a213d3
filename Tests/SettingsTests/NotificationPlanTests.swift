import Civic
import Testing

@testable import Settings

/// When notifications go out, and until when, by the policy.
@Suite struct NotificationPlanTests {
    /// 2026-11-23, in Rome's winter time.
    private func at(_ hour: Int, _ minute: Int = 0, day: Int = 0) -> Timestamp {
        Timestamp(seconds: 1_795_388_400 + Int64(day) * 86_400 + Int64(hour * 3600 + minute * 60))
    }

    private func policy(_ change: (inout NotificationPolicy) -> Void = { _ in }) throws -> NotificationPolicy {
        var policy = NotificationPolicy(expire: .seconds(72 * 3600), attempts: 100)
        policy.quiet = QuietHours(from: 22 * 60, to: 7 * 60 + 30, zone: try #require(Zone(named: "Europe/Rome")))
        policy.quietMedia = [.appIO, .telegram]
        policy.bundle = .seconds(120)
        policy.kinds = [
            .init(templates: ["resolved"], bundle: .zero),
            .init(categories: ["mobilita.*"], expire: .seconds(2 * 3600)),
            .init(templates: ["acknowledged"], categories: ["sicurezza.*"], isQuiet: false),
        ]
        change(&policy)
        return policy
    }

    private func subject(
        _ template: String, at owedAt: Timestamp, _ medium: Medium = .appIO, category: String? = "strade.buche",
        _ change: (inout NotificationPlan.Subject) -> Void = { _ in }
    ) -> NotificationPlan.Subject {
        var subject = NotificationPlan.Subject(
            template: template, category: category, medium: medium, priority: .normal, owedAt: owedAt)
        change(&subject)
        return subject
    }

    @Test("By day: news waits for what may follow; what ends a matter, answers, urgent and lone ones do not")
    func byDay() throws {
        let policy = try policy()
        let noon = at(12)
        let news = policy.plan(subject("acknowledged", at: noon))
        #expect(news.nextAttemptAt == noon + .seconds(120) && news.gathers)
        #expect(news.expiresAt == noon + .seconds(72 * 3600))
        for prompt in [
            subject("resolved", at: noon), subject("opened", at: noon) { $0.isAnswer = true },
            subject("acknowledged", at: noon) { $0.priority = .urgent },
            subject("answered", at: noon) { $0.standsAlone = true }, subject("office_new", at: noon, .email),
        ] {
            let plan = policy.plan(prompt)
            #expect(plan.nextAttemptAt == noon && !plan.gathers, "\(prompt)")
        }
    }

    @Test("By night: what rings waits for the morning; mail, answers and urgent ones do not, nor what a kind excepts")
    func byNight() throws {
        let policy = try policy()
        let night = at(23, 15)
        let morning = at(7, 30, day: 1)
        for held in [
            subject("resolved", at: night), subject("acknowledged", at: night),
            subject("acknowledged", at: night, .telegram),
            // Owed before the quiet begins, due to go in it.
            subject("acknowledged", at: at(21, 59)), subject("corrected", at: night) { $0.standsAlone = true },
        ] { #expect(policy.plan(held).nextAttemptAt == morning, "\(held)") }
        #expect(policy.plan(subject("resolved", at: at(21, 59))).nextAttemptAt == at(21, 59))
        #expect(policy.plan(subject("resolved", at: night, .email)).nextAttemptAt == night)
        #expect(policy.plan(subject("resolved", at: night) { $0.priority = .urgent }).nextAttemptAt == night)
        #expect(policy.plan(subject("opened", at: night) { $0.isAnswer = true }).nextAttemptAt == night)
        let excepted = policy.plan(subject("acknowledged", at: night, category: "sicurezza.gas"))
        #expect(excepted.nextAttemptAt == night + .seconds(120))
        let toOffice = policy.plan(subject("office_new", at: night, .telegram))
        #expect(toOffice.nextAttemptAt == night && toOffice.expiresAt == night + .seconds(72 * 3600))
    }

    @Test("It expires by its kind from when it was owed, but not before it had a fair time to arrive")
    func expiry() throws {
        let policy = try policy()
        let closure = policy.plan(subject("resolved", at: at(12), category: "mobilita.chiusure"))
        #expect(closure.expiresAt == at(14))
        let held = policy.plan(subject("resolved", at: at(23), category: "mobilita.chiusure"))
        #expect(held.nextAttemptAt == at(7, 30, day: 1) && held.expiresAt == at(8, 30, day: 1))
        let late = policy.plan(subject("resolved", at: at(7, day: 1), category: "mobilita.chiusure"))
        #expect(late.expiresAt == at(9, day: 1))
        // Worth less than an hour: that time, once it may go.
        let brief = try self.policy { $0.kinds = [.init(expire: .seconds(600))] }
        #expect(brief.plan(subject("resolved", at: at(23))).expiresAt == at(7, 40, day: 1))
        let waiting = try self.policy { $0.kinds = [.init(expire: .seconds(60))] }
        #expect(waiting.plan(subject("acknowledged", at: at(12))).expiresAt == at(12, 3))
    }

    @Test("Every 97 minutes of a year: never before it is owed, never in the quiet, never expired when it may go")
    func always() throws {
        let policy = try policy()
        let quiet = try #require(policy.quiet)
        for step in 0..<5400 {
            let owed = at(0) + .seconds(Int64(step) * 5820)
            let plan = policy.plan(subject("acknowledged", at: owed))
            #expect(plan.nextAttemptAt >= owed && plan.expiresAt > plan.nextAttemptAt)
            #expect(quiet.end(at: plan.nextAttemptAt) == nil)
            #expect(plan.nextAttemptAt < owed + .seconds(11 * 3600))
        }
    }
}
