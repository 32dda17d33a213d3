import Civic

extension NotificationPolicy {
    /// When a notification goes out for the first time, and when it is no news any more. Pure: the same policy, notification
    /// and moment give the same plan.
    ///
    /// - News of a ticket wait `bundle` for what may follow. Answers, urgent ones, and what asks for money or mends an
    ///   earlier word do not.
    /// - What would then fall into quiet hours waits for their end, with the same exceptions but the last.
    /// - It expires `expire` after it was owed, but not sooner than `fairTime` after it may go out first: what was held
    ///   back by rules of ours has a chance to arrive.
    /// - An office has neither quiet hours nor bundles.
    public func plan(_ subject: NotificationPlan.Subject) -> NotificationPlan {
        let worth = expire(subject.template, subject.category)
        guard !subject.template.hasPrefix("office_") else {
            return NotificationPlan(nextAttemptAt: subject.owedAt, expiresAt: subject.owedAt + worth)
        }
        let isPrompt = subject.isAnswer || subject.standsAlone || subject.priority == .urgent
        let wait = isPrompt ? .zero : bundle(subject.template, subject.category)
        var next = subject.owedAt + wait
        if let end = quietEnd(
            subject.template, subject.category, subject.medium, subject.priority, isAnswer: subject.isAnswer, at: next)
        {
            next = end
        }
        return NotificationPlan(
            nextAttemptAt: next,
            expiresAt: max(subject.owedAt + worth, next + min(worth, NotificationPolicy.fairTime)),
            gathers: wait > .zero)
    }

    /// In which attempts are made even if quiet hours, or the wait for later news, have used up the time to expiry; the
    /// whole of that time if it is shorter.
    public static let fairTime = Duration.seconds(3600)
}
