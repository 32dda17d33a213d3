import Civic

/// What the city's configuration says of time, as far as the tables need it: when what is owed goes out, and when a ticket
/// is due that has waited.
public struct Timing: Sendable {
    public var plan: @Sendable (_ subject: NotificationPlan.Subject) -> NotificationPlan
    /// A due time after a wait. `target` is what the rules gave the ticket, where they did; else its category's counts.
    public var due:
        @Sendable (_ due: Timestamp, _ wait: Wait, _ target: TargetTime?, _ category: String?, _ office: String) ->
            Timestamp

    public init(
        plan: @escaping @Sendable (_ subject: NotificationPlan.Subject) -> NotificationPlan,
        due:
            @escaping @Sendable (
                _ due: Timestamp, _ wait: Wait, _ target: TargetTime?, _ category: String?, _ office: String
            ) -> Timestamp
    ) {
        self.plan = plan
        self.due = due
    }

    /// At once, each by itself; and each hour counts.
    public static func prompt(lifetime: Duration = .seconds(72 * 3600)) -> Timing {
        Timing(
            plan: { NotificationPlan(nextAttemptAt: $0.owedAt, expiresAt: $0.owedAt + lifetime) },
            due: { due, wait, _, _, _ in due + (wait.to - wait.from) })
    }
}

extension OwedNotification {
    /// - Parameter isAnswer: to what the citizen has just said.
    public func subject(isAnswer: Bool) -> NotificationPlan.Subject {
        NotificationPlan.Subject(
            template: template, category: category, medium: medium, priority: priority, isAnswer: isAnswer,
            standsAlone: payment != nil || template == TicketEvent.Kind.corrected.rawValue, owedAt: createdAt)
    }

    /// Gives it the times of a plan.
    public mutating func adopt(_ plan: NotificationPlan) {
        nextAttemptAt = plan.nextAttemptAt
        expiresAt = plan.expiresAt
    }

    /// Why it is not sent any more, for the record.
    public var expiryReason: String {
        let minutes = (expiresAt - createdAt).components.seconds / 60
        let time = minutes % 60 == 0 ? "\(minutes / 60) hours" : "\(minutes) minutes"
        return "its time was over; it was worth sending for \(time)"
    }
}
