/// A topic of the service catalogue; codes are dotted, the area first (`strade.buche`).
public struct Category: Hashable, Sendable {
    public var code: String
    /// By ISO 639-1 code.
    public var names: [String: String]
    /// Who answers if no rule names an office: an office's code or a role.
    public var office: String?
    /// By area: who answers there instead.
    public var elsewhere: [String: String] = [:]
    public var priority: Priority
    public var target: TargetTime?
    /// The city's own numbers for its legacy systems (`area`, `topic`).
    public var external: [String: String]
    /// The name of the area that it belongs to, by ISO 639-1 code.
    public var areaNames: [String: String] = [:]
    /// What it is for, by ISO 639-1 code.
    public var meanings: [String: String] = [:]
    public var keywords: [String] = []
    /// What a form asks of whoever reports on it, in order.
    public var attributes: [Attribute] = []

    public init(
        code: String, names: [String: String], office: String? = nil, priority: Priority = .normal,
        target: TargetTime? = nil, external: [String: String] = [:]
    ) {
        self.code = code
        self.names = names
        self.office = office
        self.priority = priority
        self.target = target
        self.external = external
    }

    /// Who answers for it, as far as the catalogue says: an office's code or a role.
    ///
    /// - Parameter area: the area's code, if the place is known and certain.
    public func office(in area: String?) -> String? { area.flatMap { elsewhere[$0] } ?? office }

    /// - Parameter pattern: a category's code, an area of the catalogue followed by `.*`, or `*`.
    public static func matches(_ code: String, _ pattern: String) -> Bool {
        pattern == "*" || pattern.hasSuffix(".*") ? code.hasPrefix(pattern.dropLast()) : code == pattern
    }

    /// A question of a form.
    public struct Attribute: Hashable, Sendable {
        /// Open311's words.
        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case string, number, datetime, text, singlevaluelist, multivaluelist
            public var isList: Bool { self == .singlevaluelist || self == .multivaluelist }
        }
        public struct Value: Hashable, Sendable {
            public var key: String
            /// By ISO 639-1 code.
            public var names: [String: String]
            public init(key: String, names: [String: String]) {
                self.key = key
                self.names = names
            }
        }
        public var code: String
        public var kind: Kind
        public var isRequired: Bool
        /// The question, by ISO 639-1 code.
        public var names: [String: String]
        /// How to answer, by ISO 639-1 code.
        public var hints: [String: String]
        /// What may be answered, of the two kinds of lists.
        public var values: [Value]

        public init(
            code: String, kind: Kind, isRequired: Bool = false, names: [String: String], hints: [String: String] = [:],
            values: [Value] = []
        ) {
            self.code = code
            self.kind = kind
            self.isRequired = isRequired
            self.names = names
            self.hints = hints
            self.values = values
        }
    }

    /// The name in `language`, else in any of `fallbacks`, else the code.
    public func name(in language: String, fallback: String) -> String { names[language] ?? names[fallback] ?? code }
}

/// Who answers.
public struct Office: Hashable, Sendable {
    /// Another name of the office, while it holds.
    public struct Alias: Hashable, Sendable {
        public var name: String
        public var from: CivilDate?
        /// The last day on which it holds.
        public var until: CivilDate?
        public init(name: String, from: CivilDate? = nil, until: CivilDate? = nil) {
            self.name = name
            self.from = from
            self.until = until
        }
        public func holds(on date: CivilDate) -> Bool {
            (from.map { $0 <= date } ?? true) && (until.map { date <= $0 } ?? true)
        }
    }

    public var code: String
    /// The name as it stands today, by ISO 639-1 code.
    public var names: [String: String]
    public var aliases: [Alias]
    public var parent: String?
    /// The family of offices that outside statistics count together.
    public var family: String?
    /// The role that this office plays, and the areas in which it plays it (all areas if empty).
    public var roles: [Role]
    public var email: String?
    /// The only media on which its citizens are told, in order of preference; empty: as the city's policy has it.
    public var media: [Medium] = []
    public var calendar: String?
    /// The second hop: the body to which this office hands on the tickets of these categories (code or prefix).
    public var forwards: [Forward]
    /// SHA-256 of the bearer token with which this office's systems call the API.
    public var tokenDigest: [UInt8]?
    public var validFrom: CivilDate?
    public var validUntil: CivilDate?

    public struct Role: Hashable, Sendable {
        public var name: String
        public var areas: [String]
        public init(name: String, areas: [String]) {
            self.name = name
            self.areas = areas
        }
    }

    public struct Forward: Hashable, Sendable {
        /// A category's code, or an area of the catalogue followed by `.*`.
        public var category: String
        public var to: String
        public init(category: String, to: String) {
            self.category = category
            self.to = to
        }
        public func covers(_ code: String) -> Bool { Category.matches(code, category) }
    }

    public init(
        code: String, names: [String: String], aliases: [Alias] = [], parent: String? = nil, family: String? = nil,
        roles: [Role] = [], email: String? = nil, calendar: String? = nil, forwards: [Forward] = [],
        tokenDigest: [UInt8]? = nil, validFrom: CivilDate? = nil, validUntil: CivilDate? = nil
    ) {
        self.code = code
        self.names = names
        self.aliases = aliases
        self.parent = parent
        self.family = family
        self.roles = roles
        self.email = email
        self.calendar = calendar
        self.forwards = forwards
        self.tokenDigest = tokenDigest
        self.validFrom = validFrom
        self.validUntil = validUntil
    }

    public func isValid(on date: CivilDate) -> Bool {
        (validFrom.map { $0 <= date } ?? true) && (validUntil.map { date <= $0 } ?? true)
    }

    /// The name that held on `date`: an alias with dates of validity that covers it, else the present one.
    public func name(on date: CivilDate, in language: String, fallback: String) -> String {
        if let alias = aliases.first(where: { ($0.from != nil || $0.until != nil) && $0.holds(on: date) }) {
            return alias.name
        }
        return names[language] ?? names[fallback] ?? code
    }
}

/// All offices, and how a code or a role becomes one of them.
public struct OfficeDirectory: Hashable, Sendable {
    public let offices: [String: Office]
    private let byRole: [String: [Office]]
    /// Receives what no rule decided.
    public let lastResort: String

    public init(offices: [Office], lastResort: String) {
        self.offices = Dictionary(offices.map { ($0.code, $0) }, uniquingKeysWith: { first, _ in first })
        var byRole: [String: [Office]] = [:]
        for office in offices { for role in office.roles { byRole[role.name, default: []].append(office) } }
        self.byRole = byRole
        self.lastResort = lastResort
    }

    public var roles: Set<String> { Set(byRole.keys) }

    /// How a name in a rule or a category became an office.
    public enum Resolution: Hashable, Sendable {
        case office(String)
        /// The role needs a place and there is none, or nobody plays it there, or the office is not valid on that day.
        case unresolved(reason: String)
    }

    /// - Parameter area: the area's code, if the place is known and certain.
    public func resolve(_ name: String, area: String?, on date: CivilDate) -> Resolution {
        if let office = offices[name] {
            return office.isValid(on: date)
                ? .office(name) : .unresolved(reason: "office \(name) is not valid on \(date)")
        }
        guard let candidates = byRole[name] else { return .unresolved(reason: "no office or role named \(name)") }
        let valid = candidates.filter { $0.isValid(on: date) }
        func plays(_ office: Office, _ test: ([String]) -> Bool) -> Bool {
            office.roles.contains { $0.name == name && test($0.areas) }
        }
        if let area, let office = valid.first(where: { plays($0) { $0.contains(area) } }) {
            return .office(office.code)
        }
        if let office = valid.first(where: { plays($0, \.isEmpty) }) { return .office(office.code) }
        return .unresolved(reason: area.map { "nobody is \(name) in area \($0)" } ?? "\(name) needs a place")
    }

    /// The second hop of a category at an office, if it has one.
    public func forward(of category: String, at office: String) -> String? {
        offices[office]?.forwards.first { $0.covers(category) }?.to
    }
}
