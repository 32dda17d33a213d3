import Civic
import Foundation
import Mustache

/// The texts of one notification.
public struct RenderedText: Hashable, Sendable {
    /// One line, without control characters.
    public let subject: String
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
    public let message: String

    public var description: String { "templates/\(language)/\(file):\(line):1: error: \(message)" }
}

/// The notification templates, parsed once and immutable.
///
/// A notification's template is up to four files: `NAME.subject` and `NAME.txt`, and optionally `NAME.html` and
/// `NAME.io`, and `NAME.chat` for messengers, where the mail's text would be long. What only messengers say (`chat_…`,
/// `button_…`) has nothing but `NAME.chat`. A language either has a template with its subject and text, or the city's own language is used for all
/// of it: languages never mix in one notification.
///
/// What variables hold is text of others. It is escaped in HTML, and made harmless in Markdown (`MarkdownText`) in all
/// variables but the URL: callers pass it as it came. A section `{{#note}}` shows if its variable is there and not
/// empty; `{{#https}}` if `status_url` is a URL that App IO may link to.
public struct TemplateLibrary: Sendable {
    /// The templates that the daemon uses by itself.
    public static let names = [
        "opened", "acknowledged", "in_progress", "forwarded", "resolved", "rejected", "reopened", "answered",
        "office_new",
    ]

    public static let variables: Set<String> = [
        "code", "city", "category", "office", "forwarded_to", "date", "opened_date", "due_date", "status_url", "note",
        "name", "text_excerpt", "phone", "https", "replies", "status",
    ]

    private enum Kind: String, CaseIterable {
        case subject, txt, html, io, chat
    }

    private struct Template: Sendable {
        var parts: [Kind: CachedTemplate] = [:]
    }

    private let templates: [String: [String: Template]]
    private let defaultLanguage: String

    /// - Parameters:
    ///   - texts: by language, then by file name.
    ///   - required: the templates that the default language must have.
    public init(
        texts: [String: [String: String]], defaultLanguage: String, required: [String] = TemplateLibrary.names
    ) throws(TemplateError) {
        let loaded = TemplateLibrary.load(texts, defaultLanguage: defaultLanguage, required: required)
        if let first = loaded.problems.first { throw first }
        templates = loaded.templates
        self.defaultLanguage = defaultLanguage
    }

    /// Everything that `init` would refuse, in order of language, file and line.
    public static func problems(
        in texts: [String: [String: String]], defaultLanguage: String, required: [String] = TemplateLibrary.names
    ) -> [TemplateError] {
        load(texts, defaultLanguage: defaultLanguage, required: required).problems
    }

    /// - Parameter medium: leaves out the texts that only other media need; nil gives all.
    /// - Throws: if neither `language` nor the city's has a template of that name.
    public func render(
        name: String, language: String, variables: [String: String], for medium: Medium? = nil
    ) throws(TemplateError) -> RenderedText {
        for language in [language, defaultLanguage] {
            if let template = templates[language]?[name] { return render(template, variables, language, medium) }
        }
        throw TemplateError(
            language: defaultLanguage, file: "\(name).txt", line: 1, message: "there is no template \(name)")
    }

    /// What is said in a chat: `NAME.chat`, else the mail's text, with its variables shortened until it fits.
    /// - Parameter length: in UTF-16 units.
    /// - Throws: if neither `language` nor the city's has a template of that name.
    public func chat(
        _ name: String, language: String, variables: [String: String], length: Int
    ) throws(TemplateError) -> (words: String, language: String) {
        for language in [language, defaultLanguage] {
            guard let parts = templates[language]?[name]?.parts, let template = parts[.chat] ?? parts[.txt] else {
                continue
            }
            var words = ""
            for most in [10_000, 4000, 2000, 1000, 500, 200, 80, 0] where words.isEmpty || words.utf16.count > length {
                var present = variables.mapValues { PlainText.shortened($0, toUTF16: most) }
                for whole in ["code", "status_url"] { present[whole] = variables[whole] }
                words = template.render(present.filter { !$0.value.isEmpty }).trimmingCharacters(
                    in: .whitespacesAndNewlines)
            }
            return (PlainText.shortened(words, toUTF16: length), language)
        }
        throw TemplateError(
            language: defaultLanguage, file: "\(name).chat", line: 1, message: "there is no template \(name)")
    }

    private func render(
        _ template: Template, _ variables: [String: String], _ language: String, _ medium: Medium?
    ) -> RenderedText {
        var present = variables.filter { !$0.value.isEmpty }
        present["https"] = TemplateLibrary.isLinkable(present["status_url"]) ? "true" : nil
        return RenderedText(
            subject: PlainText.singleLine(template.parts[.subject]?.render(present) ?? ""),
            plain: template.parts[.txt]?.render(present) ?? "",
            html: medium == .appIO ? nil : template.parts[.html]?.render(present),
            io: medium == .email ? nil : markdown(template, present), language: language)
    }

    /// Where the whole would be longer than App IO takes, the variables are shortened, not its end: there stands the
    /// link. Without a template of its own, App IO gets the mail's text.
    private func markdown(_ template: Template, _ variables: [String: String]) -> String? {
        var text: String?
        for length in [10_000, 8000, 6000, 4000, 2000, 1000, 200] {
            text =
                if let io = template.parts[.io] {
                    io.render(TemplateLibrary.variables(variables, upTo: length, MarkdownText.neutralised))
                } else {
                    template.parts[.txt].map {
                        let plain = TemplateLibrary.variables(variables, upTo: length, MarkdownText.withoutLinks)
                        return MarkdownText.escaped($0.render(plain))
                    }
                }
            if (text?.utf16.count ?? 0) <= AppIOPayload.markdownLengths.upperBound { break }
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
            switch name {
            case "https": result[name] = value
            case "status_url": result[name] = MarkdownText.neutralisedURL(value)
            default: result[name] = harmless(PlainText.shortened(value, toUTF16: length))
            }
        }
        return result.filter { !$0.value.isEmpty }
    }

    /// App IO opens nothing but https.
    private static func isLinkable(_ url: String?) -> Bool {
        guard let url else { return false }
        return url.lowercased().hasPrefix("https://") && url.utf8.count > "https://".utf8.count
    }

    private static func load(
        _ texts: [String: [String: String]], defaultLanguage: String, required: [String]
    ) -> (templates: [String: [String: Template]], problems: [TemplateError]) {
        var templates: [String: [String: Template]] = [:]
        var problems: [TemplateError] = []
        for (language, files) in texts.sorted(by: { $0.key < $1.key }) {
            var loaded: [String: Template] = [:]
            for (file, text) in files.sorted(by: { $0.key < $1.key }) {
                do throws(TemplateError) {
                    let (name, kind, template) = try parse(text, language: language, file: file)
                    loaded[name, default: Template()].parts[kind] = CachedTemplate(template)
                } catch {
                    problems.append(error)
                }
            }
            let needed = Set(files.keys.compactMap { name(ofFile: $0)?.name })
            let names = language == defaultLanguage ? needed.union(required) : needed
            for name in names.sorted() where !isSaidInChatsOnly(name) {
                for kind in [Kind.subject, .txt] where files["\(name).\(kind.rawValue)"] == nil {
                    problems.append(missing(language, "\(name).\(kind.rawValue)"))
                }
            }
            templates[language] = loaded
        }
        if texts[defaultLanguage] == nil {
            problems += required.map { missing(defaultLanguage, "\($0).txt") }
        }
        return (templates, problems)
    }

    private static func isSaidInChatsOnly(_ name: String) -> Bool {
        name.hasPrefix("chat_") || name.hasPrefix("button_")
    }

    private static func missing(_ language: String, _ file: String) -> TemplateError {
        TemplateError(language: language, file: file, line: 1, message: "the file is missing")
    }

    private static func name(ofFile file: String) -> (name: String, kind: Kind)? {
        guard let dot = file.lastIndex(of: "."), dot != file.startIndex,
            let kind = Kind(rawValue: String(file[file.index(after: dot)...]))
        else { return nil }
        return (String(file[..<dot]), kind)
    }

    private static func parse(
        _ text: String, language: String, file: String
    ) throws(TemplateError) -> (String, Kind, MustacheTemplate) {
        func error(_ line: Int, _ message: String) -> TemplateError {
            TemplateError(language: language, file: file, line: line, message: message)
        }
        guard let (name, kind) = name(ofFile: file) else {
            throw error(1, "a template is called NAME.subject, NAME.txt, NAME.html, NAME.io or NAME.chat")
        }
        // With Windows line ends sections would not stand alone on their lines.
        let text = PlainText.lines(text).joined(separator: "\n")
        if kind == .subject, PlainText.singleLine(text).isEmpty { throw error(1, "the subject is empty") }
        if let problem = TemplateTags(variables: variables, isHTML: kind == .html).problem(in: text) {
            throw error(problem.line, problem.message)
        }
        do {
            // The parser escapes for HTML unless told otherwise in a first line, which it swallows.
            let pragma = kind == .html ? "" : "{{% CONTENT_TYPE:TEXT}}\n"
            return (name, kind, try MustacheTemplate(string: pragma + text))
        } catch let failure as MustacheTemplate.ParserError {
            let line = failure.context.lineNumber - (kind == .html ? 0 : 1)
            throw error(max(1, line), describe(failure.error))
        } catch let failure {
            throw error(1, "\(failure)")
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error as? MustacheTemplate.Error {
        case .sectionCloseNameIncorrect: "this does not close the section that is open"
        case .unfinishedName: "the tag is not closed properly"
        case .expectedSectionEnd: "a section is not closed"
        default: "\(error)"
        }
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
