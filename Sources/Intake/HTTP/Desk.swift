import Civic
import Observability
import Settings
import Store
import Synchronization

/// What every route works with. One value for the life of the daemon; the configuration in it is replaced whole at a
/// reload, between two messages.
public final class Desk: Sendable {
    /// One configuration with all that is computed from it once.
    public final class Rulebook: Sendable {
        public let configuration: Configuration
        public let classifier: Classifier
        /// Decides by the shadow's rules, if there are any.
        public let shadow: Classifier?
        public let registrar: Registrar
        public let channels: [String: WebhookChannel]
        let messengers: [String: MessengerChannel]
        public let pages: StatusPages
        let open311: [Open311Server]

        public init(configuration: Configuration, instance: Instance) throws {
            self.configuration = configuration
            classifier = Classifier(configuration: configuration)
            shadow = classifier.shadow
            registrar = Registrar(configuration: configuration, instance: instance)
            let webhooks = configuration.channels.filter { $1.isOpen && $1.isWebhook }
            channels = try webhooks.mapValues {
                try WebhookChannel($0, limits: configuration.limits, zone: configuration.city.zone)
            }
            messengers = configuration.channels.compactMapValues {
                MessengerChannel($0, limits: configuration.limits)
            }
            pages = try StatusPages()
            open311 = Open311Server.all(in: configuration)
        }
    }

    public let instance: Instance
    public let numbers: TicketNumbers
    public let writer: IntakeWriter
    /// Raised by requests that wait for their answers.
    let pressure: IntakePressure
    public let tickets: Tickets
    /// The same tickets, for searches that may take long.
    public let archive: Tickets
    /// How citizens want to be told.
    public let preferences: Preferences
    public let observe: Observer
    /// What may be held of bodies, of all requests together.
    let bodies = BodyBudget()
    /// The same for mail, which is large: it must not keep out a citizen's form.
    let mailBodies = BodyBudget(most: 96 << 20)
    /// The wall clock; a parameter for tests.
    public let now: @Sendable () -> Timestamp
    /// This daemon's id while it may hold notifications in memory.
    public let owner: @Sendable () -> Holder?
    /// Hands a committed notification to the sender.
    public let deliver: @Sendable ([OwedNotification]) -> Void
    /// Why requests are refused, if they are.
    public let unready: @Sendable () -> String?
    /// Decides every message once more by the shadow's rules, afterwards.
    public let shadow: ShadowRunner
    /// Where what is posted waits while PostgreSQL is away.
    public let spool: Spooler
    let files: FileDesk
    /// Where mail is read and its files are looked into, and where those of other channels are.
    let mailRoom = Workshop(label: "pasquino.mail.reading")
    let fileRoom = Workshop(label: "pasquino.files")
    private let rulebook: Mutex<Rulebook>

    public init(
        rulebook: Rulebook, instance: Instance, numbers: TicketNumbers, writer: IntakeWriter,
        pressure: IntakePressure, tickets: Tickets, archive: Tickets, shadow: ShadowRunner, spool: Spooler,
        observe: Observer, now: @escaping @Sendable () -> Timestamp, owner: @escaping @Sendable () -> Holder?,
        deliver: @escaping @Sendable ([OwedNotification]) -> Void, unready: @escaping @Sendable () -> String?
    ) throws {
        self.rulebook = Mutex(rulebook)
        self.instance = instance
        self.numbers = numbers
        self.writer = writer
        self.pressure = pressure
        self.tickets = tickets
        self.archive = archive
        preferences = Preferences(tickets.preferences)
        self.shadow = shadow
        self.spool = spool
        self.observe = observe
        self.now = now
        self.owner = owner
        self.deliver = deliver
        self.unready = unready
        files = try FileDesk.standard()
    }

    public var current: Rulebook { rulebook.withLock { $0 } }
    public func replace(with new: Rulebook) { rulebook.withLock { $0 = new } }
}
