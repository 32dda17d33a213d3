/// When a notification goes out, and until when it is worth sending.
public struct NotificationPlan: Hashable, Sendable {
    public var nextAttemptAt: Timestamp
    public var expiresAt: Timestamp
    /// It waits for later news of the same ticket, to be told in one word with them.
    public var gathers: Bool

    public init(nextAttemptAt: Timestamp, expiresAt: Timestamp, gathers: Bool = false) {
        self.nextAttemptAt = nextAttemptAt
        self.expiresAt = expiresAt
        self.gathers = gathers
    }

    /// What is owed, as far as its time goes.
    public struct Subject: Hashable, Sendable {
        public var template: String
        public var category: String?
        public var medium: Medium
        public var priority: Priority
        /// To what the citizen has just said: they are awake, and wait for it.
        public var isAnswer: Bool
        /// It asks for money, or mends what was said: neither waits for news, nor is told as a line among them.
        public var standsAlone: Bool
        public var owedAt: Timestamp

        public init(
            template: String, category: String?, medium: Medium, priority: Priority, isAnswer: Bool = false,
            standsAlone: Bool = false, owedAt: Timestamp
        ) {
            self.template = template
            self.category = category
            self.medium = medium
            self.priority = priority
            self.isAnswer = isAnswer
            self.standsAlone = standsAlone
            self.owedAt = owedAt
        }
    }
}
