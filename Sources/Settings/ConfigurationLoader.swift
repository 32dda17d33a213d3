import Civic
import Foundation

/// Reads a configuration directory, whole, and says everything that is wrong with it.
public enum ConfigurationLoader {
    public typealias Secrets = SecretSource

    /// - Parameters:
    ///   - directory: as the user gave it; findings name files below it.
    ///   - environment: where `${env:…}` and `${credential:…}` look.
    ///   - secrets: whether a secret that is not there is an error (to serve) or a warning (to check).
    ///   - withShadow: false leaves the shadow's rules out, whatever is wrong with them.
    /// - Returns: the configuration, or nil if any finding is an error; and all findings, in order of place.
    public static func load(
        directory: String, environment: [String: String], secrets: Secrets, withShadow: Bool = true
    ) -> (configuration: Configuration?, findings: [Finding]) {
        let reader = Reader(environment: environment, secrets: secrets)
        let configuration = ConfigurationAssembly(
            base: trimmed(directory), reader: reader, withShadow: withShadow
        ).assemble()
        let findings = Array(Set(reader.findings)).sorted()
        return (findings.contains { $0.severity == .error } ? nil : configuration, findings)
    }

    /// Where the daemon of a configuration keeps its state and what it shares with commands, as far as `pasquino.yaml`
    /// alone tells: for commands that must reach a daemon whatever is wrong with the rest. Nil if it does not tell.
    public static func whereabouts(
        directory: String, environment: [String: String]
    ) -> (database: Configuration.Database, stateDirectory: String)? {
        ConfigurationAssembly(
            base: trimmed(directory), reader: Reader(environment: environment, secrets: .optional), withShadow: false
        ).whereabouts()
    }

    /// Where the running daemon takes mail of a channel, and with which token: no more is read than that needs.
    /// - Returns: nil if the files do not tell.
    public static func mailEntrance(
        channel: String, directory: String, environment: [String: String]
    ) -> (listen: ListenAddress, token: Secret)? {
        ConfigurationAssembly(
            base: trimmed(directory), reader: Reader(environment: environment, secrets: .optional), withShadow: false
        ).mailEntrance(channel: channel)
    }

    /// Where the running daemon takes what is posted to a webhook, and the webhook with its secrets.
    /// - Returns: nil if the files do not tell.
    public static func webhookEntrance(
        channel: String, directory: String, environment: [String: String]
    ) -> (listen: ListenAddress, channel: Channel, limits: Limits)? {
        ConfigurationAssembly(
            base: trimmed(directory), reader: Reader(environment: environment, secrets: .optional), withShadow: false
        ).webhookEntrance(channel: channel)
    }

    static func trimmed(_ directory: String) -> String {
        var base = directory
        while base.count > 1, base.hasSuffix("/") { base.removeLast() }
        return base
    }
}
