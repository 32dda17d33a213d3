import Civic
import Delivery
import Intake
import Rules
import Settings

/// What only the parts themselves can tell of a configuration, and only all of it together: whether templates are well
/// formed, whether a signing secret can be read, what no rule reaches and what rules take from each other.
public enum CompositionCheck {
    /// - Parameter date: today, for offices with dates of validity.
    public static func findings(
        in configuration: Configuration, directory: String, on date: CivilDate
    ) -> [Finding] {
        let (ofRules, others) = together(
            { rules(configuration) },
            {
                essential(in: configuration, directory: directory)
                    + city(configuration, directory: directory, on: date) + plainOnly(configuration, directory)
                    + unusedPartials(configuration, directory)
            })
        return (ofRules + others).sorted()
    }

    /// Without what harms nobody while it waits to be mended: a rule that can never act is no reason to leave a city
    /// without its daemon.
    static func essential(in configuration: Configuration, directory: String) -> [Finding] {
        let templates = TemplateLibrary.problems(
            in: configuration.templates, defaultLanguage: configuration.city.language, required: []
        ).map { problem in
            Finding(
                file: "\(directory)/templates/\(problem.language)/\(problem.file)", line: problem.line,
                column: problem.column, severity: .error, message: problem.message)
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
        return templates + channels
    }

    /// Notifications that have an HTML part in one language and none in another.
    private static func plainOnly(_ configuration: Configuration, _ directory: String) -> [Finding] {
        let languages = configuration.city.languages
        func has(_ name: String, _ language: String, _ suffix: String) -> Bool {
            configuration.templates[language]?["\(name).\(suffix)"] != nil
        }
        let names = Set(languages.flatMap { configuration.templates[$0].map { Array($0.keys) } ?? [] })
            .filter { $0.hasSuffix(".html") && !$0.hasPrefix("_") }.map { String($0.dropLast(5)) }
        return names.sorted().flatMap { name in
            languages.filter { has(name, $0, "txt") && !has(name, $0, "html") }.map { language in
                Finding(
                    file: "\(directory)/templates/\(language)/\(name).html", line: 1, column: 1, severity: .warning,
                    message:
                        "the template is missing: e-mails in \(language) are plain text, those in another language are not"
                )
            }
        }
    }

    private static func unusedPartials(_ configuration: Configuration, _ directory: String) -> [Finding] {
        TemplateLibrary.unused(in: configuration.templates).map { language, file in
            Finding(
                file: "\(directory)/templates/\(language)/\(file)", line: 1, column: 1, severity: .warning,
                message: "no template includes this partial: remove it, or write {{>NAME}} where it belongs")
        }
    }
}
