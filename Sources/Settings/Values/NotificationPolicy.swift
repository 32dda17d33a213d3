import Civic

/// Which medium, when, how long: what holds for all notifications to citizens, and what for some.
public struct NotificationPolicy: Hashable, Sendable {
    /// How long after it was owed a notification is worth sending.
    public var expire: Duration
    public var attempts: Int
    /// In order of preference, where the citizen has not chosen: the first that has an address is used, the others
    /// follow if it does not reach them. A conversation in a messenger is answered there.
    public var media: [Medium] = [.appIO, .email]
    /// On `quietMedia`, urgent ones and answers to what was just said excepted.
    public var quiet: QuietHours?
    public var quietMedia: Set<Medium> = []
    /// News of one ticket within this time are told together; zero: at once, each by itself.
    public var bundle: Duration = .zero
    /// After which the next medium follows one that was not read, where the medium tells.
    public var unread: Duration?
    /// The first that covers a notification counts, member by member.
    public var kinds: [Kind] = []
    /// Since when the oldest that is due may wait before an operator is told.
    public var alarm: Duration = .seconds(15 * 60)

    public struct Kind: Hashable, Sendable {
        /// Empty: all.
        public var templates: [String]
        /// Codes, or areas of the catalogue followed by `.*`; empty: all.
        public var categories: [String]
        public var expire: Duration?
        public var bundle: Duration?
        /// Whether the quiet hours hold for it.
        public var isQuiet: Bool?

        public init(
            templates: [String] = [], categories: [String] = [], expire: Duration? = nil, bundle: Duration? = nil,
            isQuiet: Bool? = nil
        ) {
            self.templates = templates
            self.categories = categories
            self.expire = expire
            self.bundle = bundle
            self.isQuiet = isQuiet
        }

        func covers(_ template: String, _ category: String?) -> Bool {
            (templates.isEmpty || templates.contains(template))
                && (categories.isEmpty
                    || category.map { code in categories.contains { Category.matches(code, $0) } } ?? false)
        }
    }

    public init(expire: Duration, attempts: Int) {
        self.expire = expire
        self.attempts = attempts
    }

    public func expire(_ template: String, _ category: String?) -> Duration {
        first(template, category, \.expire) ?? expire
    }

    public func bundle(_ template: String, _ category: String?) -> Duration {
        first(template, category, \.bundle) ?? bundle
    }

    /// When the quiet is over that `moment` falls in; nil if nothing speaks against sending then, as to an office.
    /// - Parameter isAnswer: to what the citizen has just said: they are awake.
    public func quietEnd(
        _ template: String, _ category: String?, _ medium: Medium, _ priority: Priority, isAnswer: Bool,
        at moment: Timestamp
    ) -> Timestamp? {
        guard let quiet, quietMedia.contains(medium), priority != .urgent, !isAnswer,
            !template.hasPrefix("office_"), first(template, category, \.isQuiet) ?? true
        else { return nil }
        return quiet.end(at: moment)
    }

    private func first<Value>(_ template: String, _ category: String?, _ member: (Kind) -> Value?) -> Value? {
        kinds.lazy.filter { $0.covers(template, category) }.compactMap(member).first
    }
}

/// When offices are reminded of tickets, and who is told if one passes its date.
public struct Escalation: Hashable, Sendable {
    /// The office is reminded so long before a ticket is due; nil: not.
    public var remind: Duration?
    /// So long after it was due the next level is told, the one above it after the second, and so on.
    public var levels: [Duration]

    public init(remind: Duration? = nil, levels: [Duration] = []) {
        self.remind = remind
        self.levels = levels
    }
}
