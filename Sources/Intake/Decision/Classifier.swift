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
            for name in [area.code] + area.names.values + area.aliases { names[foldedKey(name)] = area.code }
        }
        areaNames = names
    }

    public func decide(_ message: Message) -> Verdict {
        let input = input(of: message)
        return Verdict(
            message: message, language: input.language, place: input.area,
            explanation: configuration.ruleSet.explain(input), in: configuration)
    }

    /// What `decide` decides, by the same evaluation, without looking up why.
    public func conclude(_ message: Message) -> Conclusion {
        let input = input(of: message)
        return Conclusion(
            message: message, language: input.language, place: input.area, outcome: configuration.ruleSet.decide(input),
            in: configuration)
    }

    private func input(of message: Message) -> RuleInput {
        RuleInput(message: message, language: language(of: message), area: place(of: message), at: message.receivedAt)
    }

    /// What the sender declared, if the city speaks it; else a guess from the words; else the channel's or the city's.
    private func language(of message: Message) -> String {
        let spoken = configuration.city.languages
        if let declared = message.language, spoken.contains(declared) { return declared }
        // A language that the city does not offer is answered in the city's own.
        if message.language == nil, let guess = guessLanguage(message.text, among: spoken) { return guess }
        return configuration.channels[message.channel]?.language ?? configuration.city.language
    }

    /// Coordinates first; without them the form's field that names the area.
    private func place(of message: Message) -> AreaPlace {
        if let point = message.location?.point { return areas.place(of: point) }
        let field = configuration.channels[message.channel]?.areaField ?? "municipio"
        guard let named = message.fields[field], let code = areaNames[foldedKey(named)] else { return .unknown }
        return .certain(code)
    }
}
