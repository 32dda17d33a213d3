import Civic
import Rules
import Settings

/// Decides one message: the only way from a message to a decision, for the daemon, `explain` and `test` alike. Pure.
public struct Classifier: Sendable {
    public let configuration: Configuration
    private let areas: AreaMap
    private let areaNames: [String: String]

    public init(configuration: Configuration) {
        self.configuration = configuration
        areas = AreaMap(configuration.areas)
        var names: [String: String] = [:]
        for area in configuration.areas {
            for name in area.spokenNames { names[foldedKey(name)] = area.code }
        }
        areaNames = names
    }

    /// The same city under other rules: the map is made once.
    private init(configuration: Configuration, areas: AreaMap, areaNames: [String: String]) {
        self.configuration = configuration
        self.areas = areas
        self.areaNames = areaNames
    }

    /// Decides by the shadow's rules. Nil without a shadow.
    public var shadow: Classifier? {
        configuration.shadow.map { Classifier(configuration: $0, areas: areas, areaNames: areaNames) }
    }

    public func decide(_ message: Message) -> Verdict { decide(input(message)) }

    /// What `decide` decides, by the same evaluation, without looking up why.
    public func conclude(_ message: Message) -> Conclusion {
        let input = input(message)
        return Conclusion(
            message: message, language: input.language, place: input.area, outcome: configuration.ruleSet.decide(input),
            in: configuration)
    }

    /// What the rules are asked about a message.
    func input(_ message: Message) -> RuleInput {
        RuleInput(
            message: message, language: language(of: message), area: place(of: message), at: message.receivedAt)
    }

    func decide(_ input: RuleInput) -> Verdict {
        Verdict(
            message: input.message, language: input.language, place: input.area,
            explanation: configuration.ruleSet.explain(input), in: configuration)
    }

    /// In which language it is written: what the sender declared; else what the words tell; else the channel's or the
    /// city's.
    private func language(of message: Message) -> String {
        message.language ?? LanguageDetector.language(of: message.text, home: configuration.city.language)
            ?? configuration.channels[message.channel]?.language ?? configuration.city.language
    }

    /// Coordinates first; without them the form's field that names the area.
    private func place(of message: Message) -> AreaPlace {
        if let location = message.location, let point = location.point {
            return areas.place(of: point, within: location.accuracy)
        }
        let field = configuration.channels[message.channel]?.areaField ?? "municipio"
        return message.fields[field].map(place(named:)) ?? .unknown
    }

    /// The area that a form calls so.
    func place(named name: String) -> AreaPlace { areaNames[foldedKey(name)].map(AreaPlace.certain) ?? .unknown }
}
