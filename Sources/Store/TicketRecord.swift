import Civic

/// A ticket with its whole story, as the database holds it.
public struct TicketRecord: Sendable {
    public struct Notification: Sendable {
        public let id: Identifier
        public let medium: String
        public let recipient: String
        public let status: String
        public let attempts: Int
        public let reason: String?
        public let template: String
        public let createdAt: Timestamp
        public let doneAt: Timestamp?
        /// What became of it after it was taken: a certified mail system's last word, a messenger's, App IO's.
        public let receipt: String?
        /// The one that did not reach the citizen, whose place this one took.
        public let insteadOf: Identifier?
        /// Earlier steps that it tells as well.
        public let together: [OwedNotification.Earlier]
        /// The oldest first.
        public internal(set) var tries: [Try] = []

        /// An office's code is nobody's address.
        public var shownRecipient: String { ["webhook", "open311"].contains(medium) ? recipient : masked(recipient) }
    }

    /// An attempt to send a notification.
    public struct Try: Hashable, Sendable {
        public let at: Timestamp
        /// `waiting`: another was due.
        public let outcome: String
        public let reason: String?
    }

    /// A message of the ticket, the first one among them.
    public struct Message: Sendable {
        public let id: Identifier
        public let kind: MessageKind
        public let channel: String
        public let receivedAt: Timestamp
        public internal(set) var subject: String?
        /// What is new in it.
        public internal(set) var text: String
        public internal(set) var quoted: String?
        public internal(set) var signature: String?
        /// JSON.
        public let certificate: String?
    }

    public struct Attachment: Sendable {
        /// The message or event that brought it.
        public let owner: Identifier
        public let position: Int
        public let name: String
        public let type: String
        public let size: Int64
        /// SHA-256, hexadecimal.
        public let hash: String
        public let isInline: Bool
        /// Whether there is something that others may see.
        public let isShown: Bool
        /// An office gave it to a step of which the citizen is told.
        public let isForCitizen: Bool
        /// JSON.
        public let facts: String
    }

    public struct Link: Sendable {
        public let code: String
        public let kind: TicketLink.Kind
        /// The other ticket points at this one.
        public let isBackward: Bool
    }

    public let number: Int64
    public let code: String
    public let status: TicketStatus
    public let category: String?
    public let office: String
    public let priority: String
    public let area: String?
    public let channel: String
    public let language: String
    public let openedAt: Timestamp
    public let dueAt: Timestamp?
    public let closedAt: Timestamp?
    /// Since when it waits for the citizen.
    public internal(set) var waitingSince: Timestamp?
    public let citizen: Identifier?
    public let contact: Contact?
    public let tags: [String]
    public let undecided: Bool
    /// JSON, as `pasquino explain` prints it.
    public let decision: String
    public internal(set) var subject: String?
    public internal(set) var text: String?
    public internal(set) var events: [TicketEvent] = []
    public internal(set) var notifications: [Notification] = []
    public internal(set) var messages: [Message] = []
    public internal(set) var attachments: [Attachment] = []
    public internal(set) var links: [Link] = []
    /// Why the contact is this one.
    public internal(set) var contactWhy: String?
    /// How the citizen wants to be told.
    public internal(set) var standing = CitizenStanding()
}

extension TicketRecord {
    /// The channel vouches for the citizen, so that whoever holds the ticket's key speaks for all that concerns them. A
    /// declared one may be somebody else: they speak for this ticket only.
    public var isCitizenVouchedFor: Bool {
        guard let citizen, let contact else { return false }
        return contact.ways.contains { way in
            switch way.medium {
            case .appIO: Identifier(citizenOf: Identity(.fiscalCode, attested: way.address)) == citizen
            case .email, .pec: Identifier(citizenOf: Identity(.email, attested: way.address)) == citizen
            // A messenger has its users prove who they are; whoever sends a text message may name any number.
            case .telegram, .whatsapp, .messenger, .instagram, .mastodon: true
            case .sms, .webhook, .open311: false
            }
        }
    }
}

extension Identity {
    fileprivate init(_ kind: IdentityKind, attested value: String) {
        self.init(kind: kind, value: value, attested: true)
    }
}

/// Hides a recipient: enough to recognise one's own, not enough to read another's.
public func masked(_ recipient: String) -> String {
    guard let at = recipient.firstIndex(of: "@") else {
        return recipient.count <= 4 ? "…" : recipient.prefix(2) + "…" + recipient.suffix(2)
    }
    return recipient.prefix(1) + "…" + recipient[at...]
}

extension TicketRecord {
    /// The contract's JSON shape; recipients masked. Without `personal`, no text that the citizen wrote.
    /// - Parameter reasons: with the record of the decision, as `pasquino explain` prints it; it quotes the citizen.
    public func json(personal: Bool, reasons: Bool = false) -> JSON {
        var members: [(String, JSON)] = [
            ("code", .string(code)), ("status", .string(status.rawValue)), ("category", .optional(category)),
            ("office", .string(office)), ("priority", .string(priority)), ("area", .optional(area)),
            ("channel", .string(channel)), ("language", .string(language)), ("opened_at", .moment(openedAt)),
            ("due_at", .moment(dueAt)), ("closed_at", .moment(closedAt)),
            ("waiting_since", .moment(waitingSince)),
            ("citizen", .optional(citizen?.description)), ("tags", .strings(tags)), ("undecided", .bool(undecided)),
        ]
        members.append(
            (
                "contact",
                contact.map {
                    .object([
                        ("medium", .string($0.medium.rawValue)), ("recipient", .string(masked($0.address))),
                        ("why", .optional(contactWhy)),
                    ])
                } ?? .null
            ))
        if personal {
            members.append(("subject", .optional(subject)))
            members.append(("text", .optional(text)))
        }
        members.append(
            (
                "events",
                .array(
                    events.map {
                        .object([
                            ("at", .moment($0.at)), ("kind", .string($0.kind.rawValue)), ("by", .string($0.by)),
                            ("note", .optional(personal || !$0.isFromCitizen ? $0.note : nil)),
                            ("office", .optional($0.office)), ("payment", $0.payment?.json ?? .null),
                        ])
                    })
            ))
        members.append(
            (
                "notifications",
                .array(
                    notifications.map {
                        .object([
                            ("id", .string($0.id.description)), ("medium", .string($0.medium)),
                            ("recipient", .string($0.shownRecipient)), ("status", .string($0.status)),
                            ("attempts", .int(Int64($0.attempts))), ("reason", .optional($0.reason)),
                            ("template", .string($0.template)), ("at", .moment($0.doneAt ?? $0.createdAt)),
                            ("receipt", .optional($0.receipt)),
                            ("instead_of", .optional($0.insteadOf?.description)),
                            (
                                "together",
                                .array(
                                    $0.together.map {
                                        .object([("kind", .string($0.kind.rawValue)), ("at", .moment($0.at))])
                                    })
                            ),
                            ("tries", .array($0.tries.map(\.json))),
                        ])
                    })
            ))
        members.append(("links", .array(links.map(\.json))))
        members.append(("attachments", .array(attachments.enumerated().map { $1.json(number: $0 + 1) })))
        if personal { members.append(("messages", .array(messages.map(\.json)))) }
        if reasons { members.append(("decision", .verbatim(decision))) }
        return .object(members)
    }
}

extension TicketRecord.Try {
    var json: JSON {
        .object([("at", .moment(at)), ("outcome", .string(outcome)), ("reason", .optional(reason))])
    }
}

extension TicketRecord.Message {
    var json: JSON {
        .object([
            ("id", .string(id.description)), ("kind", .string(kind.rawValue)), ("channel", .string(channel)),
            ("at", .moment(receivedAt)), ("subject", .optional(subject)), ("text", .string(text)),
            ("quoted", .optional(quoted)), ("signature", .optional(signature)),
            ("certificate", certificate.map(JSON.verbatim) ?? .null),
        ])
    }
}

extension TicketRecord.Attachment {
    func json(number: Int) -> JSON {
        .object([
            ("number", .int(Int64(number))), ("name", .string(name)), ("type", .string(type)), ("size", .int(size)),
            ("sha256", .string(hash)), ("inline", .bool(isInline)), ("shown", .bool(isShown)),
            ("facts", .verbatim(facts)),
        ])
    }
}

extension TicketRecord.Link {
    var json: JSON {
        .object([("ticket", .string(code)), ("kind", .string(kind.rawValue)), ("backward", .bool(isBackward))])
    }
}
