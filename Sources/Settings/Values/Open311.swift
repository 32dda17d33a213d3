import Civic

/// Open311 GeoReport v2: the city as its server.
public struct Open311Intake: Sendable {
    /// What the answer to a report names.
    public enum Answer: String, Hashable, Sendable, CaseIterable {
        /// The ticket's code.
        case realtime
        /// A token, by which the code can be asked for.
        case batch
        /// Neither.
        case blackbox
    }

    /// What anybody may read of a ticket.
    public enum Publication: String, Hashable, Sendable, CaseIterable {
        /// What it is and where, in the city's words.
        case category
        /// Also the citizen's words, the address and the photos, and the offices' answers.
        case text
    }

    /// Which tickets anybody may read of.
    public enum Tickets: String, Hashable, Sendable, CaseIterable {
        /// Those that came through the channel.
        case own
        /// All whose category the channel offers.
        case all
    }

    /// A system that may report.
    public struct Key: Sendable {
        public var name: String
        public var key: Secret
        /// What it has verified of its users.
        public var attests: Set<IdentityKind> = []
        /// The office whose system it is: its updates are the office's word.
        public var office: String?
    }

    public var jurisdiction: String?
    /// Whom developers ask.
    public var contact: String
    /// How developers get a key.
    public var keyService: String
    public var answer = Answer.realtime
    public var publication = Publication.category
    public var tickets = Tickets.own
    /// A test system says so.
    public var isProduction = true
    /// Codes, or an area of the catalogue and `.*`; empty: all.
    public var services: [String] = []
    public var keys: [Key] = []

    /// Whether reports on the category are taken.
    public func offers(_ category: String) -> Bool {
        services.isEmpty || services.contains { Category.matches(category, $0) }
    }
}
