import Delivery
import Intake
import Settings

/// What only the parts themselves can tell of a configuration: whether templates are well formed, whether a signing
/// secret can be read.
public enum CompositionCheck {
    public static func findings(in configuration: Configuration, directory: String) -> [Finding] {
        let templates = TemplateLibrary.problems(
            in: configuration.templates, defaultLanguage: configuration.city.language, required: []
        ).map { problem in
            Finding(
                file: "\(directory)/templates/\(problem.language)/\(problem.file)", line: problem.line, column: 1,
                severity: .error, message: problem.message)
        }
        let channels = configuration.channels.values.compactMap { channel -> Finding? in
            // An empty one stands for a secret that is not there while checking.
            guard !channel.signingSecrets.contains(where: { $0.value.isEmpty }) else { return nil }
            do {
                _ = try WebhookChannel(channel, limits: configuration.limits)
                return nil
            } catch {
                return Finding(
                    file: "\(directory)/channels.yaml", line: 1, column: 1, severity: .error, message: "\(error)")
            }
        }
        return (templates + channels).sorted()
    }
}
