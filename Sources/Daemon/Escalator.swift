import Boundaries
import Civic
import Intake
import Observability
import Settings
import Store
import Synchronization

/// Once a minute tells offices of tickets that are due, and the offices above them of those that are overdue, as
/// `EscalationPlan` decides.
///
/// Several daemons do it at the same time: each ticket's stage is told by the one that locks its row. After an outage a
/// minute's share is told in each minute (`share`), so that neither the mail server nor an office is flooded.
final class Escalator: Sendable {
    private let tickets: Tickets
    private let configuration: @Sendable () -> Configuration
    private let owner: @Sendable () -> Holder?
    private let deliver: @Sendable ([OwedNotification]) -> Void
    private let observe: Observer
    private let now: @Sendable () -> Timestamp
    private let last = Mutex<Timestamp?>(nil)

    private static let pause = Duration.seconds(60)
    /// Tickets of one stage in one minute, and in one transaction.
    private static let share = 500
    private static let batch = 100

    init(
        tickets: Tickets, configuration: @escaping @Sendable () -> Configuration,
        owner: @escaping @Sendable () -> Holder?, deliver: @escaping @Sendable ([OwedNotification]) -> Void,
        observe: Observer, now: @escaping @Sendable () -> Timestamp
    ) {
        self.tickets = tickets
        self.configuration = configuration
        self.owner = owner
        self.deliver = deliver
        self.observe = observe
        self.now = now
    }

    /// With each beat; does something once a minute.
    /// - Throws: what PostgreSQL said; the next pass tries again.
    func pass() async throws {
        let now = now()
        let isDue = last.withLock { last in
            // A clock that was set back must not silence it.
            if let last, now < last + Escalator.pause, last <= now { return false }
            last = now
            return true
        }
        guard isDue else { return }
        let configuration = configuration()
        let plan = configuration.escalationPlan
        guard !plan.isEmpty else { return }
        let closed = plan.closedOffices(at: now)
        for stage in plan.stages(at: now) {
            let range = Tickets.DueRange(
                escalation: stage.count, dueAfter: stage.dueAfter, dueBefore: stage.dueBefore,
                halfOver: stage.isReminder, without: stage.isReminder ? closed : [])
            for _ in 0..<(Escalator.share / Escalator.batch) {
                // Asked once for each: what is written for nobody must not be delivered from memory.
                let owner = owner()
                let done = try await tickets.escalate(
                    range, at: now, limit: Escalator.batch, owner: owner, timing: configuration.timing
                ) { ticket in
                    plan.step(
                        office: ticket.office, beganAt: ticket.beganAt, dueAt: ticket.dueAt, count: ticket.escalation,
                        at: now
                    ).map { configuration.alert($0) }
                }
                if done.reminded + done.escalated > 0 { Boundary.escalationCommitted.pass() }
                if owner != nil, !done.owed.isEmpty { deliver(done.owed) }
                if done.reminded + done.escalated > 0 {
                    observe(.ticketsDue(reminded: done.reminded, escalated: done.escalated))
                }
                if done.tickets < Escalator.batch { break }
            }
        }
    }
}

extension Configuration {
    var escalationPlan: EscalationPlan {
        EscalationPlan(escalation, directory: directory, calendars: calendars, work: work)
    }

    /// Told by e-mail, and where the office's own system hears of its tickets; Open311 has no word for it.
    fileprivate func alert(_ step: EscalationPlan.Step) -> Tickets.Alert {
        let template = step.kind == .reminded ? "office_reminder" : "office_overdue"
        var contacts: [OfficeNotices.Address] = []
        if let office = step.office {
            if let email = directory.offices[office]?.email {
                contacts.append(
                    .init(
                        contact: Contact(medium: .email, address: email),
                        lifetime: notifications.expire(template, nil)))
            }
            if let webhook = work[office]?.webhook {
                contacts.append(
                    .init(contact: Contact(medium: .webhook, address: office), lifetime: webhook.expire))
            }
        }
        return Tickets.Alert(
            escalation: step.count, kind: step.kind, office: step.office, note: step.note, contacts: contacts,
            template: template, language: city.language)
    }
}
