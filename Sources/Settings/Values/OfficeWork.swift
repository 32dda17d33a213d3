import Civic

/// How a ticket's work reaches the office that answers for it: by each of these.
public struct OfficeWork: Sendable {
    /// To the office's address.
    public var email: Bool
    public var webhook: OfficeWebhook?
    public var open311: OfficeOpen311?

    public init(email: Bool = false, webhook: OfficeWebhook? = nil, open311: OfficeOpen311? = nil) {
        self.email = email
        self.webhook = webhook
        self.open311 = open311
    }

    public var media: [Medium] {
        (email ? [.email] : []) + (webhook == nil ? [] : [.webhook]) + (open311 == nil ? [] : [.open311])
    }
}

/// An address that takes posts as Standard Webhooks describes them.
public struct OfficeWebhook: Sendable {
    public var url: String
    /// `whsec_` and base64; several while one is changed: each signs.
    public var secrets: [Secret]
    /// How long it is attempted.
    public var expire: Duration

    public init(url: String, secrets: [Secret], expire: Duration = .seconds(5 * 86_400)) {
        self.url = url
        self.secrets = secrets
        self.expire = expire
    }
}

/// Another body's GeoReport v2 server, to which tickets are handed on.
public struct OfficeOpen311: Sendable {
    /// Every server must speak XML, and may speak JSON.
    public enum Format: String, Hashable, Sendable, CaseIterable { case json, xml }
    public struct Service: Hashable, Sendable {
        /// A category's code, or an area of the catalogue followed by `.*`.
        public var category: String
        /// Theirs.
        public var code: String
        public init(category: String, code: String) {
            self.category = category
            self.code = code
        }
    }
    /// Without a slash at its end: `requests.json` is below it.
    public var url: String
    public var jurisdiction: String?
    public var key: Secret?
    /// The first that covers a category counts.
    public var services: [Service]
    /// Between two looks at what became of the tickets there.
    public var poll: Duration
    /// Their server gets the citizen's e-mail and telephone.
    public var sharesContact: Bool
    public var format: Format

    public init(
        url: String, jurisdiction: String? = nil, key: Secret? = nil, services: [Service],
        poll: Duration = .seconds(600), sharesContact: Bool = false, format: Format = .json
    ) {
        self.url = url
        self.jurisdiction = jurisdiction
        self.key = key
        self.services = services
        self.poll = poll
        self.sharesContact = sharesContact
        self.format = format
    }

    /// Their code for a category; nil if they take none of its kind.
    public func service(for category: String?) -> String? {
        services.first { service in
            category.map { Category.matches($0, service.category) } ?? (service.category == "*")
        }?.code
    }
}
