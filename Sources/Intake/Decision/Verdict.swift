import Civic
import Rules
import Settings

/// What was decided about a message, complete: every field has a value, and every value a reason.
public struct Verdict: Sendable {
    public let receivedAt: Timestamp
    public let language: String
    public let place: AreaPlace
    public let category: String?
    public let office: String
    /// The office that the first one will hand the work on to.
    public let secondHop: String?
    public let priority: Priority
    public let target: TargetTime
    public let tags: [String]
    public let notify: [String]
    public let reply: String?
    public let discard: String?
    /// Why the rules left it to a person.
    public let abstained: String?
    /// What it may be, for the person who decides; empty if a category was decided.
    public let guesses: [Guess]
    /// Not discarded, and no rule named a category, or the office fell to the last resort.
    public let undecided: Bool
    public let dueAt: Timestamp?
    public let explanation: Explanation
    /// Reasons that are not a rule's: from the catalogue, the channel, the last resort.
    public let defaults: [(field: String, source: String)]
    public let config: String

    init(
        message: Message, language: String, place: AreaPlace, explanation: Explanation, in configuration: Configuration
    ) {
        let outcome = explanation.outcome
        let channel = configuration.channels[message.channel]
        var defaults: [(field: String, source: String)] = []
        receivedAt = message.receivedAt
        self.language = language
        self.place = place
        self.explanation = explanation
        config = configuration.hash
        discard = outcome.discard?.value
        abstained = outcome.abstain?.value
        reply = outcome.reply?.value
        notify = outcome.notify.map(\.value)

        var category = outcome.category?.value
        if category == nil, abstained == nil, let standing = channel?.defaultCategory {
            category = standing
            defaults.append(("category", "channel \(message.channel)"))
        }
        self.category = category
        guesses = category == nil && discard == nil ? Guess.best(of: explanation) : []
        let entry = category.flatMap { configuration.categories[$0] }

        let zone = configuration.city.zone
        let day = zone.local(message.receivedAt).date
        let area: String? = if case .certain(let code) = place { code } else { nil }
        let directory = configuration.directory
        var office: String?
        var failure: String?
        if let broken = outcome.failed.first {
            failure = "the rules failed: \(broken.message)"
        } else if let abstained {
            failure = abstained
        } else if let name = outcome.office?.value ?? entry?.office(in: area) {
            switch directory.resolve(name, area: area, on: day) {
            case .office(let code):
                office = code
                if outcome.office == nil {
                    // Whoever plays the role where nobody else does: the reader shall see why it was not the nearest.
                    let anywhere = area == nil && directory.offices[name] == nil ? "; the place is \(place.word)" : ""
                    defaults.append(("office", "category \(category ?? "")\(anywhere)"))
                }
            case .unresolved(let reason): failure = reason
            }
        }
        if office == nil {
            defaults.append(("office", "last resort" + (failure.map { ": \($0)" } ?? "")))
        }
        let first = office ?? directory.lastResort
        self.office = first
        secondHop = category.flatMap { directory.forward(of: $0, at: first) }
        undecided = discard == nil && (category == nil || office == nil)

        if let set = outcome.priority?.value {
            priority = set
        } else {
            priority = entry?.priority ?? .normal
            defaults.append(("priority", entry == nil ? "city" : "category \(category ?? "")"))
        }
        if let set = outcome.target?.value {
            target = set
        } else {
            target = entry?.target ?? configuration.city.target
            defaults.append(("sla", entry?.target == nil ? "city" : "category \(category ?? "")"))
        }
        var tags = outcome.tags.map(\.value)
        for tag in channel?.defaultTags ?? [] where !tags.contains(tag) { tags.append(tag) }
        self.tags = tags
        self.defaults = defaults
        dueAt = configuration.due(target: target, office: self.office, from: message.receivedAt)
    }

    public var area: String? { if case .certain(let code) = place { code } else { nil } }

    /// The contract's shape of `explain`; also what is stored with the ticket.
    public var json: JSON {
        var because = explanation.because.map(\.json)
        for entry in defaults {
            because.append(
                .object([
                    ("field", .string(entry.field)), ("rule", .null), ("condition", .string(entry.source)),
                    ("matched", .array([])),
                ]))
        }
        return .object([
            (
                "decision",
                .object([
                    ("category", .optional(category)), ("office", .string(office)),
                    ("forward_to", .optional(secondHop)),
                    ("priority", .string(priority.rawValue)), ("sla", .string(target.description)),
                    ("tags", .strings(tags)), ("reply", .optional(reply)), ("notify", .strings(notify)),
                    ("discard", .optional(discard)), ("abstain", .optional(abstained)), ("area", .optional(area)),
                    ("place", .string(place.word)),
                    ("language", .string(language)), ("due_at", .moment(dueAt)),
                ])
            ),
            ("because", .array(because)),
            ("nearly", .array(explanation.nearly.map(\.json))),
            ("guesses", .array(guesses.map(\.json))),
            ("undecided", .bool(undecided)),
            ("config", .string(config)),
        ])
    }
}

extension AreaPlace {
    var word: String {
        switch self {
        case .certain: "certain"
        case .boundary(let areas): "boundary " + areas.joined(separator: " ")
        case .outside: "outside"
        case .unknown: "unknown"
        }
    }
}

extension Explanation.Because {
    var json: JSON {
        .object([
            ("field", .string(field.rawValue)), ("rule", .string(rule)), ("at", .string(place.description)),
            ("condition", .string(condition)),
            (
                "matched",
                .array(
                    matched.map {
                        .object([
                            ("text", .string($0.text)), ("offset", .int(Int64($0.offset))),
                            ("length", .int(Int64($0.length))), ("in", .string($0.part.rawValue)),
                        ])
                    })
            ),
        ])
    }
}

extension Explanation.Nearly {
    var json: JSON { .object([("rule", .string(rule)), ("failed", .string(failed))]) }
}
