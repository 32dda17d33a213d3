import Civic

/// Where something stands in a configuration file; line and column count from 1.
public struct SourcePlace: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    public let line: Int
    public let column: Int
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
    public var description: String { "\(file):\(line):\(column)" }
}

/// A value and where it was written.
public struct Placed<Value: Hashable & Sendable>: Hashable, Sendable {
    public let value: Value
    public let place: SourcePlace
    public init(_ value: Value, at place: SourcePlace) {
        self.value = value
        self.place = place
    }
}

/// A routing rule as an operator wrote it.
public struct RuleDefinition: Hashable, Sendable {
    public var name: String
    public var place: SourcePlace
    /// A rule without conditions always holds.
    public var condition: Condition
    public var actions: Actions
    /// The language (ISO 639-1) by whose stems its words are sought: `buca` then finds `buche`. Nil: as they are written.
    public var stem: Placed<String>?
    /// Messages that must, and must not, match this rule's condition.
    public var matchExamples: [RuleExample]
    public var noMatchExamples: [RuleExample]

    public init(
        name: String, place: SourcePlace, condition: Condition, actions: Actions, stem: Placed<String>? = nil,
        matchExamples: [RuleExample] = [], noMatchExamples: [RuleExample] = []
    ) {
        self.name = name
        self.place = place
        self.condition = condition
        self.actions = actions
        self.stem = stem
        self.matchExamples = matchExamples
        self.noMatchExamples = noMatchExamples
    }
}

/// What a rule asks of a message. All are seen against the message and its context, never against a rule's effects.
public indirect enum Condition: Hashable, Sendable {
    case all([Condition])
    case any([Condition])
    /// Holds if the inner one does not.
    case not(Condition)
    /// One of the patterns occurs in `part`.
    case text(TextPart, [Placed<String>])
    case channel([Placed<String>])
    case language([Placed<String>])
    /// An address (`a@b.it`) or a domain (`b.it`, also its subdomains), ignoring case.
    case from([Placed<String>])
    /// One of these areas, certainly; `outside` (of every area), `unknown` (no place at all), `boundary` (near one).
    case area([Placed<String>])
    case has([Placed<Feature>])
    /// The citizen was authenticated by the channel (or was not).
    case authenticated(Bool, SourcePlace)
    case time(TimeCondition, SourcePlace)
    /// A form's field has one of the values (compared folded; none given: it is present and not empty).
    case field(name: String, values: [Placed<String>], SourcePlace)

    public enum TextPart: String, Hashable, Sendable {
        /// Subject or body.
        case text
        case subject, body
    }

    public enum Feature: String, Hashable, Sendable, CaseIterable {
        case photo, location, attachment, fiscalCode = "fiscal_code", phone, email, subject, name
    }

    /// All parts that are given must hold.
    public struct TimeCondition: Hashable, Sendable {
        /// Names a calendar; with `open`, whether it is open then (else: closed).
        public var calendar: String?
        public var open: Bool
        public var weekdays: Set<Weekday>
        /// Minutes from midnight, local; `from > to` wraps over midnight.
        public var hours: WorkCalendar.Hours?
        public init(
            calendar: String? = nil, open: Bool = true, weekdays: Set<Weekday> = [], hours: WorkCalendar.Hours? = nil
        ) {
            self.calendar = calendar
            self.open = open
            self.weekdays = weekdays
            self.hours = hours
        }
    }
}

/// What a rule does. A field with one value is set by the first rule that sets it; lists gather.
public struct Actions: Hashable, Sendable {
    public var category: Placed<String>?
    /// An office's code or a role.
    public var office: Placed<String>?
    public var priority: Placed<Priority>?
    public var target: Placed<TargetTime>?
    public var tags: [Placed<String>]
    /// The template of the first answer to the citizen, instead of the usual one.
    public var reply: Placed<String>?
    /// Offices that are told of the new ticket by e-mail.
    public var notify: [Placed<String>]
    /// Why the message is kept but gets no ticket and no answer.
    public var discard: Placed<String>?
    /// Why no rule after this one may decide: the message is for a person, and what they would have decided are guesses.
    public var abstain: Placed<String>?
    /// Ends the evaluation.
    public var stop: Bool
    /// Sets what no earlier rule has set as the city's precedents have it.
    public var precedents: Placed<PrecedentUse>?

    public init(
        category: Placed<String>? = nil, office: Placed<String>? = nil, priority: Placed<Priority>? = nil,
        target: Placed<TargetTime>? = nil, tags: [Placed<String>] = [], reply: Placed<String>? = nil,
        notify: [Placed<String>] = [], discard: Placed<String>? = nil, abstain: Placed<String>? = nil,
        stop: Bool = false, precedents: Placed<PrecedentUse>? = nil
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
        self.stop = stop
        self.precedents = precedents
    }
}
