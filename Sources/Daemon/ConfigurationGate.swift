import Settings

/// What a configuration must pass before it goes to work: its files are right, its templates and secrets can be used, the
/// examples of its rules hold.
public enum ConfigurationGate {
    /// Reads and compiles for as long as it takes, and waits for nothing else.
    /// - Parameters:
    ///   - withShadow: false leaves the shadow's rules out, whatever is wrong with them.
    ///   - atStart: true lets a daemon start with what `check` refuses but harms nobody.
    /// - Returns: the configuration, or nil if any finding is an error; and all findings, in order of place.
    public static func examine(
        directory: String, environment: [String: String], secrets: ConfigurationLoader.Secrets, withShadow: Bool = true,
        atStart: Bool = false
    ) -> (configuration: Configuration?, findings: [Finding]) {
        let (loaded, found) = ConfigurationLoader.load(
            directory: directory, environment: environment, secrets: secrets, withShadow: withShadow)
        guard let configuration = loaded else { return (nil, found) }
        let composed =
            atStart
            ? CompositionCheck.essential(in: configuration, directory: directory)
            : CompositionCheck.findings(
                in: configuration, directory: directory, on: configuration.city.zone.local(.current).date)
        let findings =
            (found + composed + RuleExamples.findings(in: configuration)).sorted()
        return (findings.contains { $0.severity == .error } ? nil : configuration, findings)
    }
}

/// The configuration holds errors; nothing was started.
public struct ConfigurationInvalid: Error, CustomStringConvertible {
    public let findings: [Finding]
    public init(findings: [Finding]) { self.findings = findings }
    public var description: String { findings.map(\.description).joined(separator: "\n") }
}
