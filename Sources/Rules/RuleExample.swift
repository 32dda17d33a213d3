import Civic

/// A message that shows what a rule is for, or what it is not for.
public struct RuleExample: Hashable, Sendable {
    public var text: String
    public var place: SourcePlace
    private let rest: Rest

    /// Stored apart: most examples are a text only, and there are more of them than of anything else.
    private indirect enum Rest: Hashable, Sendable {
        case nothing
        case some(Context?, Expectation)
    }

    public init(_ text: String, at place: SourcePlace) {
        self.text = text
        self.place = place
        rest = .nothing
    }

    public init(_ text: String, at place: SourcePlace, context: Context? = nil, expected: Expectation = Expectation()) {
        self.text = text
        self.place = place
        rest = context == nil && expected.isEmpty ? .nothing : .some(context, expected)
    }

    /// Nil if only a text was written: then everything else is open. Otherwise the example is a whole message, and what
    /// its context does not say, the message does not have.
    public var context: Context? { if case .some(let context, _) = rest { context } else { nil } }
    /// What the whole rule set must decide; empty if only the rule itself is asked.
    public var expected: Expectation { if case .some(_, let expected) = rest { expected } else { Expectation() } }
    /// Nothing but a text was written.
    public var isText: Bool { if case .nothing = rest { true } else { false } }

    /// What a message has besides its text.
    public struct Context: Hashable, Sendable {
        public var subject: String?
        public var channel: Placed<String>?
        /// As the sender declared it; without one it is guessed.
        public var language: Placed<String>?
        public var email: String?
        public var phone: String?
        public var fiscalCode: String?
        public var name: String?
        /// Where it happened: an area as forms may write it, or `outside`, `boundary`, `unknown`.
        public var area: Placed<String>?
        public var has: Set<Condition.Feature>
        /// Whether the channel vouches for the sender; nil: as the channel does.
        public var authenticated: Bool?
        /// When it came; nil: at a fixed moment in office hours.
        public var at: Timestamp?
        public var fields: [String: String]

        public init(
            subject: String? = nil, channel: Placed<String>? = nil, language: Placed<String>? = nil,
            area: Placed<String>? = nil, has: Set<Condition.Feature> = [], authenticated: Bool? = nil,
            at: Timestamp? = nil, fields: [String: String] = [:]
        ) {
            self.subject = subject
            self.channel = channel
            self.language = language
            self.area = area
            self.has = has
            self.authenticated = authenticated
            self.at = at
            self.fields = fields
        }
    }

    /// The fields of a decision that must come out; those that are nil or empty are not looked at.
    public struct Expectation: Hashable, Sendable {
        public var category: Placed<String>?
        /// An office's code, or a role: then whoever plays it at the place.
        public var office: Placed<String>?
        public var priority: Placed<Priority>?
        public var target: Placed<TargetTime>?
        /// All of these, and perhaps others.
        public var tags: [Placed<String>]
        public var reply: Placed<String>?
        /// All of these, and perhaps others.
        public var notify: [Placed<String>]
        public var discard: Reason?
        public var abstain: Reason?
        public var undecided: Bool?

        public init(
            category: Placed<String>? = nil, office: Placed<String>? = nil, priority: Placed<Priority>? = nil,
            target: Placed<TargetTime>? = nil, tags: [Placed<String>] = [], reply: Placed<String>? = nil,
            notify: [Placed<String>] = [], discard: Reason? = nil, abstain: Reason? = nil, undecided: Bool? = nil
        ) {
            self.category = category
            self.office = office
            self.priority = priority
            self.target = target
            self.tags = tags
            self.reply = reply
            self.notify = notify
            self.discard = discard
            self.abstain = abstain
            self.undecided = undecided
        }

        public var isEmpty: Bool { self == Expectation() }

        /// Whether something is discarded or left to a person, and why.
        public enum Reason: Hashable, Sendable {
            case none, any
            case text(String)

            public func fits(_ reason: String?) -> Bool {
                switch self {
                case .none: reason == nil
                case .any: reason != nil
                case .text(let text): reason == text
                }
            }
        }
    }
}
