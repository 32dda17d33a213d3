import Civic
import Rules
import Settings

/// What follows from a message and what the rules concluded about it: every field has a value. Without the reasons, which
/// cost more than the decision and are wanted for one ticket, not for a hundred thousand.
public struct Conclusion: Sendable {
    /// The configuration's hash.
    public let config: String
    public let receivedAt: Timestamp
    /// In which the citizen is answered: one that the city offers.
    public let language: String
    /// In which the message is written.
    public let writtenIn: String
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
    /// Not discarded, and no rule named a category, or the office fell to the last resort.
    public let undecided: Bool
    public let outcome: RuleOutcome
    /// The sender chose the category.
    let declaration: Declaration?
    /// Reasons that are not a rule's: from the catalogue, the channel, the last resort.
    public let defaults: [(field: String, source: String)]

    init(
        message: Message, language: String, place: AreaPlace, outcome: RuleOutcome, in configuration: Configuration
    ) {
        let channel = configuration.channels[message.channel]
        var defaults: [(field: String, source: String)] = []
        config = configuration.hash
        receivedAt = message.receivedAt
        writtenIn = language
        self.language =
            configuration.city.languages.contains(language)
            ? language : channel?.language ?? configuration.city.language
        self.place = place
        self.outcome = outcome
        discard = outcome.discard?.value
        let declared = message.declaredCategory.flatMap { configuration.categories[$0] == nil ? nil : $0 }
        declaration = declared.map { Declaration($0, outcome) }
        // The sender has said what it is: nothing is left to a person.
        abstained = declared == nil ? outcome.abstain?.value : nil
        reply = outcome.reply?.value
        notify = outcome.notify.map(\.value)

        var category = declared ?? outcome.category?.value
        if category == nil, abstained == nil, let standing = channel?.defaultCategory {
            category = standing
            defaults.append(("category", "channel \(message.channel)"))
        }
        self.category = category
        let entry = category.flatMap { configuration.categories[$0] }

        let zone = configuration.city.zone
        let day = zone.local(message.receivedAt).date
        let area: String? = if case .certain(let code) = place { code } else { nil }
        let directory = configuration.directory
        let ruled = declaration?.overrulesOffice == true ? nil : outcome.office
        var office: String?
        var failure: String?
        if let broken = outcome.failed.first {
            failure = "the rules failed: \(broken.message)"
        } else if let abstained {
            failure = abstained
        } else if let name = ruled?.value ?? entry?.office(in: area) {
            switch directory.resolve(name, area: area, on: day) {
            case .office(let code):
                office = code
                if ruled == nil {
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
    }

    public var area: String? { if case .certain(let code) = place { code } else { nil } }
}
