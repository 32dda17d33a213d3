import Civic
import Testing

@testable import Settings

/// Who is told that a ticket is due, and when.
@Suite struct EscalationPlanTests {
    /// 2026-11-23T11:00:00Z, a Monday, noon in Rome.
    private static let noon = Timestamp(seconds: 1_795_431_600)
    private static let hour = Duration.seconds(3600)

    private static func office(_ code: String, above parent: String? = nil, email: Bool = true, calendar: String? = nil)
        -> Office
    {
        Office(
            code: code, names: [:], parent: parent, email: email ? "\(code)@example.org" : nil, calendar: calendar)
    }

    private func plan(
        _ offices: [Office] = [office("comune"), office("area", above: "comune"), office("urp", above: "area")],
        remind: Duration? = .seconds(24 * 3600), levels: [Duration] = [.zero, .seconds(48 * 3600)],
        calendars: [String: WorkCalendar] = [:], work: [String: OfficeWork] = [:]
    ) -> EscalationPlan {
        EscalationPlan(
            Escalation(remind: remind, levels: levels), directory: OfficeDirectory(offices: offices, lastResort: "urp"),
            calendars: calendars, work: work)
    }

    /// - Parameter due: hours from now; less than none: it is overdue.
    private func step(
        _ plan: EscalationPlan, due: Int64, count: Int = 0, opened: Int64 = -1000, office: String = "urp",
        at now: Timestamp = noon
    ) -> EscalationPlan.Step? {
        plan.step(
            office: office, beganAt: now + .seconds(opened * 3600), dueAt: now + .seconds(due * 3600), count: count,
            at: now)
    }

    @Test("The office, then the one above it, then the one above that, each once")
    func stages() {
        let plan = plan()
        #expect(step(plan, due: 25) == nil)
        #expect(step(plan, due: 24) == .init(count: 1, kind: .reminded, office: "urp", note: nil))
        #expect(step(plan, due: 24, count: 1) == nil)
        #expect(step(plan, due: 0, count: 1) == .init(count: 2, kind: .escalated, office: "area", note: nil))
        #expect(step(plan, due: -47, count: 2) == nil)
        #expect(step(plan, due: -48, count: 2) == .init(count: 3, kind: .escalated, office: "comune", note: nil))
        #expect(step(plan, due: -1000, count: 3) == nil)
    }

    @Test("After an outage the highest stage that was reached, and which were not told")
    func outage() {
        let plan = plan()
        #expect(
            step(plan, due: -50, count: 0)
                == .init(count: 3, kind: .escalated, office: "comune", note: "not told in time: the reminder, area"))
        #expect(
            step(plan, due: -50, count: 1)
                == .init(count: 3, kind: .escalated, office: "comune", note: "not told in time: area"))
        #expect(
            step(plan, due: -1, count: 0)
                == .init(count: 2, kind: .escalated, office: "area", note: "not told in time: the reminder"))
        #expect(step(self.plan(remind: nil), due: -1)?.note == nil)
    }

    @Test("What is to be done within hours is not reminded of as soon as it comes in")
    func half() {
        let plan = plan()
        #expect(step(plan, due: 4, opened: 0) == nil)
        #expect(step(plan, due: 3, opened: -2) == nil)
        #expect(step(plan, due: 2, opened: -2)?.kind == .reminded)
    }

    @Test("An office without an address: the next that has one; nobody: it is noted, once")
    func unreachable() {
        let bare = plan([
            Self.office("comune"), Self.office("area", above: "comune", email: false),
            Self.office("urp", above: "area", email: false),
        ])
        #expect(step(bare, due: 1)?.office == "comune")
        #expect(step(bare, due: -1, count: 1)?.office == "comune")
        let over = step(bare, due: -50, count: 2)
        #expect(over?.kind == .escalated && over?.office == nil && over?.count == 3)
        #expect(over?.note == "nobody can be told: no office above comune has an e-mail address")

        let silent = plan([Self.office("urp", email: false)], levels: [.zero, .seconds(3600), .seconds(7200)])
        #expect(step(silent, due: 1)?.note?.hasPrefix("nobody can be reminded: neither urp nor") == true)
        let first = step(silent, due: 0, count: 1)
        #expect(first?.kind == .escalated && first?.office == nil && first?.note?.contains("above urp") == true)
        #expect(
            step(silent, due: -1, count: 2)
                == .init(
                    count: 3, kind: nil, office: nil,
                    note: "nobody can be told: no office above urp has an e-mail address"))
        // Nobody was told so far, and the one there is has not been skipped for ever.
        let short = plan([Self.office("comune"), Self.office("urp", above: "comune")], levels: [.zero, Self.hour])
        #expect(step(short, due: -2, count: 0)?.office == "comune")
        #expect(step(short, due: -2, count: 2)?.kind == .escalated)
        #expect(step(short, due: -2, count: 2)?.office == nil)
        #expect(step(short, due: -2, count: 3) == nil)
    }

    @Test("A system of the office's own is an address")
    func webhook() {
        let plan = plan(
            [Self.office("urp", email: false)],
            work: ["urp": OfficeWork(webhook: OfficeWebhook(url: "https://urp.example.org", secrets: []))])
        #expect(step(plan, due: 1)?.office == "urp")
    }

    @Test("Parents that form a ring, and an office that is gone, end somewhere")
    func rings() {
        let ring = plan([Self.office("a", above: "b", email: false), Self.office("b", above: "a", email: false)])
        #expect(step(ring, due: -100, office: "a")?.office == nil)
        #expect(step(plan(), due: 1, office: "gone")?.kind == .reminded)
        #expect(step(plan(), due: 1, office: "gone")?.office == nil)
    }

    @Test("Reminders wait for the office's hours; what is overdue does not")
    func hours() throws {
        let calendar = WorkCalendar(
            name: "uffici", zone: try #require(Zone(named: "Europe/Rome")),
            week: [.monday: [.init(from: 480, to: 840)]],
            holidays: [])
        let plan = plan(
            [Self.office("comune"), Self.office("urp", above: "comune", calendar: "uffici")],
            calendars: ["uffici": calendar, "never": WorkCalendar(name: "never", zone: .utc, week: [:], holidays: [])])
        let evening = Self.noon + .seconds(6 * 3600)
        #expect(plan.closedOffices(at: Self.noon).isEmpty && plan.closedOffices(at: evening) == ["urp"])
        #expect(step(plan, due: 1)?.kind == .reminded)
        #expect(step(plan, due: 1, at: evening) == nil)
        #expect(step(plan, due: -1, at: evening)?.office == "comune")
        let never = self.plan(
            [Self.office("urp", calendar: "never")],
            calendars: ["never": WorkCalendar(name: "never", zone: .utc, week: [:], holidays: [])])
        #expect(never.closedOffices(at: Self.noon).isEmpty)
    }

    @Test("The ranges hold exactly the tickets of which something is due")
    func ranges() {
        for (remind, levels) in [
            (Duration.seconds(24 * 3600) as Duration?, [Duration.zero, .seconds(48 * 3600)]),
            (nil, [Duration.seconds(3600)]), (.seconds(7200), []), (.seconds(0), [.zero]), (nil, []),
        ] {
            let plan = plan(remind: remind, levels: levels)
            #expect(plan.isEmpty == (remind == nil && levels.isEmpty))
            let stages = plan.stages(at: Self.noon)
            for count in 0...4 {
                for minutes in stride(from: Int64(-6000), through: 3000, by: 30) {
                    let dueAt = Self.noon + .seconds(minutes * 60)
                    let isIn = stages.filter {
                        $0.count == count && $0.dueAfter < dueAt && dueAt <= $0.dueBefore
                    }
                    let step = plan.step(
                        office: "urp", beganAt: Timestamp(seconds: 0), dueAt: dueAt, count: count, at: Self.noon)
                    #expect(isIn.count == (step == nil ? 0 : 1), "\(count), \(minutes) minutes, \(levels)")
                    #expect(isIn.first.map { $0.isReminder == (step?.kind == .reminded) } ?? true)
                }
            }
        }
    }

    @Test("What has been overdue for weeks is left alone")
    func past() throws {
        let oldest = try #require(plan().stages(at: Self.noon).last?.dueAfter)
        #expect(oldest == Self.noon + .seconds(-16 * 86_400))
    }
}
