import Civic
import Rules

/// A city's whole configuration, validated: every reference in it leads somewhere.
public struct Configuration: Sendable {
    public var city: City
    public var listen: ListenAddress
    public var database: Database
    public var mail: Mail?
    /// The account that answers those who wrote by certified mail.
    public var certifiedMail: Mail?
    public var appIO: AppIO?
    public var notifications: NotificationPolicy
    public var escalation: Escalation
    /// How work reaches offices, by their code; an office that is not here reads its tickets in its own system.
    public var work: [String: OfficeWork]
    public var limits: Limits
    public var logging: Logging
    public var retention: Retention
    /// Where the daemon keeps what it must not lose between two starts.
    public var stateDirectory: String
    public var channels: [String: Channel]
    public var directory: OfficeDirectory
    public var categories: [String: Category]
    public var calendars: [String: WorkCalendar]
    public var areas: [Area]
    /// The file that holds the areas, if it is one.
    public var areaFile: String?
    /// In file-name order, then in the order of each file.
    public var rules: [RuleDefinition]
    public var ruleSet: RuleSet
    /// The texts by language, then by file name.
    public var templates: [String: [String: String]]
    public var places: Places
    /// The first twelve hexadecimal digits of the SHA-256 of all files' names and contents; the shadow's rules are not
    /// among them.
    public var hash: String
    /// Rules that see the live messages without effect.
    public var shadowRules: ShadowRules?

    /// Where things stand in the files, by their code.
    public struct Places: Sendable {
        public var categories: [String: SourcePlace]
        public var offices: [String: SourcePlace]
        /// The beginning of the area's file.
        public var areas: [String: SourcePlace]
    }

    public struct Database: Hashable, Sendable {
        public enum Connection: Hashable, Sendable {
            /// A private server below the state directory.
            case embedded
            /// A libpq connection string.
            case string(String)
        }
        public enum Migrate: String, Hashable, Sendable, CaseIterable {
            case auto, manual
        }
        public var connection: Connection
        public var migrate: Migrate
    }
}

public struct City: Sendable {
    public var name: String
    /// Two to four capital letters before every ticket's code.
    public var prefix: String
    public var language: String
    /// All languages that citizens are answered in, the city's own first.
    public var languages: [String]
    public var zone: Zone
    /// Without a slash at its end.
    public var baseURL: String
    public var calendar: String?
    /// Where no category says otherwise.
    public var target: TargetTime
    public var phone: String?
}

public struct ListenAddress: Hashable, Sendable {
    public var host: String
    /// 0 takes any free one.
    public var port: Int
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

public struct Mail: Sendable {
    public enum TLS: String, Hashable, Sendable, CaseIterable {
        case never, opportunistic, required
    }
    public struct From: Hashable, Sendable {
        public var name: String
        public var address: String
    }
    /// `smtp://HOST:PORT` or `smtps://HOST:PORT`.
    public var server: String
    public var tls: TLS
    public var user: String?
    public var password: Secret?
    public var from: From
    public var connections: Int
    /// Where replies are read: an address whose part before the @ may be followed by `+` and a token (RFC 5233).
    public var replies: String? = nil
    /// Bytes that the files of one mail may have together, before they are encoded.
    public var attachments = 10 << 20
}

public struct AppIO: Sendable {
    public enum Uncertain: String, Hashable, Sendable, CaseIterable {
        /// An e-mail follows, where there is an address.
        case email
        /// It is left to the operator.
        case hold
    }
    public struct Service: Sendable {
        public var name: String
        public var primaryKey: Secret
        public var secondaryKey: Secret?
        /// What it speaks of: codes, or areas of the catalogue followed by `.*`.
        public var categories: [String] = []
        /// The contract allows premium messages (`ADVANCED`): App IO tells whether they were read and paid.
        public var isPremium = false
        /// Nothing of the content shows outside the app; nil leaves it to the service's own setting.
        public var requiresSecureChannels: Bool?
    }
    /// Without a slash at its end.
    public var url: String
    /// Speaks of whatever no other does.
    public var service: Service
    /// Services for some categories only.
    public var services: [Service] = []
    public var callsPerSecond: Double
    public var uncertain: Uncertain
    /// How long a profile that was looked up is believed.
    public var profilesFor: Duration = .seconds(6 * 3600)
}

public struct Limits: Hashable, Sendable {
    /// Bytes of one request's body.
    public var body: Int
    /// Characters of one message's text.
    public var text: Int
    public var attachments: Int
    public var messagesPerMinute: Int
    /// Bytes of what may wait on the daemon's own disk while PostgreSQL is away.
    public var spool = 256 << 20
}
