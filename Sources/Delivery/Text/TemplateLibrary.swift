import Civic
import Foundation
import Mustache
import Settings

/// The texts of one notification.
public struct RenderedText: Hashable, Sendable {
    /// One line, without control characters.
    public let subject: String
    /// Empty for App IO.
    public let plain: String
    public let html: String?
    /// App IO's Markdown, with a front matter if the template has one. Nil if it was not asked for.
    public let io: String?
    /// The language in which the texts are, which may be the city's instead of the one asked for.
    public let language: String
}

/// A template that cannot be used, with its place.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    public let language: String
    public let file: String
    /// From 1; 1 also for what concerns the whole file.
    public let line: Int
    /// From 1, in Unicode scalars.
    public let column: Int
    public let message: String

    public var description: String { "templates/\(language)/\(file):\(line):\(column): error: \(message)" }
}

/// The notification templates, parsed once and immutable.
///
/// A notification's template is up to five files: `NAME.subject` and `NAME.txt`, and optionally `NAME.html`, `NAME.io`
/// (App IO's Markdown) and `NAME.chat` for messengers, where the mail's text would be long. What only messengers say
/// (`chat_…`, `button_…`) has nothing but `NAME.chat`. What several say is a partial, `_NAME.KIND`. A language either
/// has a template with its subject and text, or the city's own language is used for all of it: languages never mix in
/// one notification.
///
/// What variables hold is text of others. It is escaped in HTML, and made harmless in Markdown (`MarkdownText`) in all
/// variables but addresses: callers pass it as it came. A section `{{#note}}` shows if its variable is there and not
/// empty; `{{#https}}` if `status_url` is a URL that App IO may link to. An address that is no http or https URL is
/// left out.
public struct TemplateLibrary: Sendable {
    /// The templates without which the daemon does not start.
    public static let names = TemplateNames.steps + ["office_new"]

    private struct Language: Sendable {
        var templates: [String: [TemplateKind: CachedTemplate]]

        func render(_ name: String, _ kind: TemplateKind, _ variables: [String: String]) -> String? {
            templates[name]?[kind]?.render(variables)
        }
    }

    private let languages: [String: Language]
    private let defaultLanguage: String

    /// - Parameters:
    ///   - texts: by language, then by file name.
    ///   - required: the templates that the default language must have.
    public init(
        texts: [String: [String: String]], defaultLanguage: String, required: [String] = TemplateLibrary.names
    ) throws(TemplateError) {
        let loaded = TemplateLibrary.load(texts, defaultLanguage: defaultLanguage, required: required)
        if let first = loaded.problems.first { throw first }
        languages = loaded.languages
        self.defaultLanguage = defaultLanguage
    }

    /// Everything that `init` would refuse, in order of language, file and line.
    public static func problems(
        in texts: [String: [String: String]], defaultLanguage: String, required: [String] = TemplateLibrary.names
    ) -> [TemplateError] {
        load(texts, defaultLanguage: defaultLanguage, required: required).problems
    }

    /// Partials that no template includes: a warning.
    public static func unused(in texts: [String: [String: String]]) -> [(language: String, file: String)] {
        texts.sorted { $0.key < $1.key }.flatMap { language, files in
            TemplateFiles(files, language: language).unused.map { (language, $0) }
        }
    }

    /// The names that a language has, without partials.
    public func names(in language: String) -> [String] { (languages[language]?.templates.keys.sorted()) ?? [] }

    /// - Parameter medium: leaves out the texts that only other media need; nil gives all.
    /// - Throws: if neither `language` nor the city's has a template of that name.
    public func render(
        name: String, language: String, variables: [String: String], for medium: Medium? = nil
    ) throws(TemplateError) -> RenderedText {
        let asked = name
        let (words, name, language) = try find(name, language, ending: "txt")
        var present = TemplateLibrary.present(variables, of: asked, saidAs: name)
        present["https"] = TemplateLibrary.isLinkable(present["status_url"]) ? "true" : nil
        return RenderedText(
            subject: PlainText.singleLine(words.render(name, .subject, present) ?? ""),
            plain: medium == .appIO ? "" : words.render(name, .txt, present) ?? "",
            html: medium == .appIO ? nil : words.render(name, .html, present),
            io: medium == .email ? nil : markdown(words, name, present), language: language)
    }

    /// What is said in a chat: `NAME.chat`, else the mail's text, with its variables shortened until it fits.
    /// - Parameter length: in UTF-16 units.
    /// - Throws: if neither `language` nor the city's has a template of that name.
    public func chat(
        _ name: String, language: String, variables: [String: String], length: Int
    ) throws(TemplateError) -> (words: String, language: String) {
        let asked = name
        let (parts, name, language) = try find(name, language, ending: "chat")
        let all = TemplateLibrary.present(variables, of: asked, saidAs: name)
        var words = ""
        for most in [10_000, 4000, 2000, 1000, 500, 200, 80, 0] where words.isEmpty || words.utf16.count > length {
            var present = all.mapValues { PlainText.shortened($0, toUTF16: most) }
            for whole in all.keys where whole == "code" || TemplateVariables.isAddress(whole) {
                present[whole] = all[whole]
            }
            present = present.filter { !$0.value.isEmpty }
            words = (parts.render(name, .chat, present) ?? parts.render(name, .txt, present) ?? "")
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return (PlainText.shortened(words, toUTF16: length), language)
    }

    /// The city's own language where the one asked for has no such template, and then `answered`, which can say any
    /// step to a citizen, where the city has none of the newer names.
    private func find(
        _ name: String, _ language: String, ending: String
    ) throws(TemplateError) -> (words: Language, name: String, language: String) {
        let names = [name] + (TemplateNames.otherSteps.contains(name) ? ["answered"] : [])
        for name in names {
            for language in [language, defaultLanguage] {
                if let words = languages[language], let parts = words.templates[name],
                    parts[.txt] != nil || parts[.chat] != nil
                {
                    return (words, name, language)
                }
            }
        }
        throw TemplateError(
            language: defaultLanguage, file: "\(name).\(ending)", line: 1, column: 1,
            message: "there is no template \(name)")
    }

    /// Without what is empty, and without addresses that lead elsewhere than to a page.
    ///
    /// An answer's template has no place for what there is to pay: it then stands in the note.
    private static func present(
        _ given: [String: String], of asked: String, saidAs name: String
    ) -> [String: String] {
        var variables = given
        if asked != name, let number = given["notice_number"] {
            let due = [given["amount"], "pagoPA \(number)", given["payment_due"]].compactMap(\.self)
            variables["note"] = [given["note"], due.joined(separator: " · ")].compactMap(\.self).joined(separator: "\n")
        }
        return variables.filter { name, value in
            guard TemplateVariables.isAddress(name) else { return !value.isEmpty }
            let address = value.prefix(8).lowercased()
            return (address.hasPrefix("https://") || address.hasPrefix("http://"))
                && (value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                    || !value.unicodeScalars.contains { $0.properties.isWhitespace || PlainText.isHidden($0) })
        }
    }

    /// Where the whole would be longer than App IO takes, the variables are shortened, not its end: there stands the
    /// link. Without a template of its own, App IO gets the mail's text.
    private func markdown(_ words: Language, _ name: String, _ variables: [String: String]) -> String? {
        var text: String?
        for length in [10_000, 8000, 6000, 4000, 2000, 1000, 200] {
            text =
                words.render(name, .io, TemplateLibrary.variables(variables, upTo: length, MarkdownText.neutralised))
                ?? words.render(
                    name, .txt, TemplateLibrary.variables(variables, upTo: length, MarkdownText.withoutLinks)
                )
                .map(MarkdownText.escaped)
            if text?.fits(utf16: AppIOPayload.markdownLengths.upperBound) ?? true { break }
        }
        return text
    }

    /// - Parameters:
    ///   - length: of each, in UTF-16 units, before it is made harmless.
    ///   - harmless: applied to all but the URL.
    private static func variables(
        _ variables: [String: String], upTo length: Int, _ harmless: (String) -> String
    ) -> [String: String] {
        var result: [String: String] = [:]
        for (name, value) in variables {
            result[name] =
                TemplateVariables.isAddress(name)
                ? MarkdownText.neutralisedURL(value) : harmless(PlainText.shortened(value, toUTF16: length))
        }
        return result.filter { !$0.value.isEmpty }
    }

    /// App IO opens nothing but https.
    private static func isLinkable(_ url: String?) -> Bool {
        guard let url else { return false }
        return url.prefix(8).lowercased() == "https://" && url.utf8.count > "https://".utf8.count
    }

    private static func load(
        _ texts: [String: [String: String]], defaultLanguage: String, required: [String]
    ) -> (languages: [String: Language], problems: [TemplateError]) {
        var languages: [String: Language] = [:]
        var problems: [TemplateError] = []
        for (language, files) in texts.sorted(by: { $0.key < $1.key }) {
            let read = TemplateFiles(files, language: language)
            problems += read.problems
            let written = files.keys.compactMap { file -> String? in
                TemplateNames.parts(ofFile: file).flatMap { TemplateKind(rawValue: $0.kind) == nil ? nil : $0.name }
            }
            let names = Set(written).union(language == defaultLanguage ? required : [])
            for name in names.sorted() where !TemplateNames.isSaidInChatsOnly(name) && !name.hasPrefix("_") {
                for kind in [TemplateKind.subject, .txt] where files["\(name).\(kind)"] == nil {
                    problems.append(missing(language, "\(name).\(kind)"))
                }
            }
            languages[language] = Language(templates: read.ready)
        }
        if texts[defaultLanguage] == nil {
            problems += required.map { missing(defaultLanguage, "\($0).txt") }
        }
        return (languages, problems)
    }

    private static func missing(_ language: String, _ file: String) -> TemplateError {
        TemplateError(language: language, file: file, line: 1, column: 1, message: "the file is missing")
    }
}

extension MarkdownText {
    /// A URL inside the parentheses of a link: what would end it is percent-encoded.
    static func neutralisedURL(_ url: String) -> String {
        var result = ""
        for scalar in url.unicodeScalars where !PlainText.isHidden(scalar) {
            switch scalar {
            case "(", ")", "<", ">", "\"", "\\", " ":
                result += "%" + String(scalar.value, radix: 16, uppercase: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
