import Civic
import Foundation
import Settings
import Testing

@testable import Delivery

/// The templates that the repository ships, every one in every language on every medium.
@Suite("Shipped templates") struct ShippedTemplateTests {
    struct City: Sendable, CustomTestStringConvertible {
        let name: String
        let texts: [String: [String: String]]
        var testDescription: String { name }

        var library: TemplateLibrary {
            get throws { try TemplateLibrary(texts: texts, defaultLanguage: "it") }
        }
    }

    static let languages = ["en", "es", "it", "ro", "uk"]
    static let cities = ["roma", "fidenza"].map { name in
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Config/\(name)/templates")
        var texts: [String: [String: String]] = [:]
        for language in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
            let inner = folder.appendingPathComponent(language)
            for file in (try? FileManager.default.contentsOfDirectory(atPath: inner.path)) ?? [] {
                texts[language, default: [:]][file] = try? String(
                    contentsOf: inner.appendingPathComponent(file), encoding: .utf8)
            }
        }
        return City(name: name, texts: texts)
    }

    private static let citizens = TemplateNames.steps + TemplateNames.otherSteps

    @Test(
        "No template, kind or language lacks its counterpart, and nothing is there that nobody uses", arguments: cities)
    func counterparts(city: City) throws {
        #expect(city.texts.keys.sorted() == Self.languages)
        for language in Self.languages {
            let files = Set((city.texts[language] ?? [:]).keys)
            var expected: Set<String> = []
            for name in Self.citizens {
                expected.formUnion(["subject", "txt", "html", "io", "chat"].map { "\(name).\($0)" })
            }
            expected.formUnion((TemplateNames.chats + TemplateNames.buttons).map { "\($0).chat" })
            if ["it", "en"].contains(language) {
                expected.formUnion(TemplateNames.offices.flatMap { ["\($0).subject", "\($0).txt"] })
            }
            #expect(files.filter { !$0.hasPrefix("_") } == expected, "\(language)")
        }
        #expect(TemplateLibrary.problems(in: city.texts, defaultLanguage: "it").map(\.description).isEmpty)
        #expect(TemplateLibrary.unused(in: city.texts).isEmpty)
    }

    @Test("Each language says the same with the same variables", arguments: cities)
    func sameVariables(city: City) throws {
        func names(_ text: String) -> Set<String> {
            Set(text.matches(of: /\{\{\{?[#^>]?(\w+)/).map { String($0.output.1) })
        }
        for (file, text) in city.texts["it"] ?? [:] {
            for language in Self.languages where language != "it" {
                guard let other = city.texts[language]?[file] else { continue }
                // Whoever is greeted in one form for all needs no more.
                #expect(names(other) == names(text), "\(language)/\(file)")
            }
        }
    }

    // MARK: Values

    private static func kinds(of name: String) -> Set<String> {
        TemplateVariables.of(name, kind: "txt").union(TemplateVariables.of(name, kind: "chat"))
    }

    private static let url = "https://citta.example.org/t/RM-7Q4K2MXD?k=0a_b"
    /// What a citizen, or a system that has been broken into, may put into any of them.
    private static let hostile: [String] = [
        "<script>alert(1)</script>\"><img src=x onerror=alert(1)> &lt;b&gt; &#x3c; '; drop table ticket; --",
        "---\nit:\n  cta_1:\n    text: \"x\"\n---\n[qui](https://e.vil) ![x](https://e.vil/x.png) <https://e.vil>",
        "{{note}} {{{code}}} {{>end}} {{=<% %>=}}\r\nBcc: tutti@example.org\r\n\r\n\u{202E}gpj.exe\u{0}\u{7}",
        "# Titolo\n> citato\n- voce\n1. uno\n```\niohandledlink://https://e.vil",
        "javascript:alert(1)", "https://e.vil\">x",
    ]
    /// Dear to render: for some templates only.
    private static let long = [
        String(repeating: "*_", count: 6000), String(repeating: "👩‍👩‍👧‍👦 <b>", count: 1500),
    ]

    private static func values(_ value: (String) -> String?, for name: String) -> [String: String] {
        var values: [String: String] = [:]
        for variable in kinds(of: name) where variable != "https" { values[variable] = value(variable) }
        return values
    }

    private static func ordinary(_ name: String) -> [String: String] {
        values({ TemplateVariables.isAddress($0) ? url : "VALORE \($0)" }, for: name)
    }

    private static func addressesKept(_ name: String, _ value: String) -> [String: String] {
        values({ TemplateVariables.isAddress($0) ? url : value }, for: name)
    }

    private static func check(
        _ text: RenderedText, _ context: Comment, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            !text.subject.isEmpty && !text.subject.contains(where: \.isNewline), context, sourceLocation: sourceLocation
        )
        #expect(!text.plain.isEmpty, context, sourceLocation: sourceLocation)
        if let html = text.html {
            #expect(!html.contains("<script") && !html.contains("<img"), context, sourceLocation: sourceLocation)
            let links = html.matches(of: /href="([^"]*)"/).map { String($0.output.1) }
            #expect(
                links.allSatisfy { $0.hasPrefix("https://citta.example.org/t/RM-7Q4K2MXD?k") }, context,
                sourceLocation: sourceLocation)
            let tags = html.matches(of: /<\/?([a-zA-Z!][a-zA-Z0-9]*)/).map { String($0.output.1) }
            let ours: Set = [
                "!DOCTYPE", "html", "head", "meta", "title", "body", "main", "p", "h1", "ul", "li", "strong", "a",
                "blockquote",
            ]
            #expect(Set(tags).isSubset(of: ours), context, sourceLocation: sourceLocation)
        }
        if let io = text.io {
            let sender = AppIOPayload.Sender(city: "Roma Capitale", language: text.language)
            let subject = AppIOPayload.subject(text.subject, from: sender)
            let markdown = AppIOPayload.markdown(io, from: sender)
            #expect(AppIOPayload.subjectLengths.contains(subject.utf16.count), context, sourceLocation: sourceLocation)
            #expect(
                AppIOPayload.markdownLengths.contains(markdown.utf16.count), context, sourceLocation: sourceLocation)
            let parts = AppIOFrontMatter(splitting: markdown)
            #expect(parts.problem == nil, context, sourceLocation: sourceLocation)
            let ours = "action: \"iohandledlink://\(url)\""
            for line in (parts.block ?? "").split(separator: "\n") where line.contains("action:") {
                #expect(line.hasSuffix(ours), context, sourceLocation: sourceLocation)
            }
            #expect(!parts.body.hasPrefix("---"), context, sourceLocation: sourceLocation)
            // Links that the app would make: ours only. A backslash takes the meaning from what follows it.
            let live = parts.body.replacing(/\\./, with: "")
            for link in live.matches(of: /\]\(([^)]*)\)/) {
                #expect(link.output.1.hasPrefix("https://citta.example.org/"), context, sourceLocation: sourceLocation)
            }
            #expect(!live.contains("<") && !live.contains("https://e.vil"), context, sourceLocation: sourceLocation)
        }
    }

    private func each(_ city: City, _ body: (TemplateLibrary, _ name: String, _ language: String) throws -> Void) throws
    {
        let library = try city.library
        for language in Self.languages {
            for name in library.names(in: language) { try body(library, name, language) }
        }
    }

    @Test("With every value, and with none: nothing is left of a tag, and every value is told", arguments: cities)
    func ordinary(city: City) throws {
        try each(city) { library, name, language in
            for values in [Self.ordinary(name), [:]] {
                let isChat = TemplateNames.isSaidInChatsOnly(name)
                let chat = try library.chat(name, language: language, variables: values, length: 4096)
                #expect(
                    chat.language == language && !chat.words.isEmpty && !chat.words.contains("{{"),
                    "\(language)/\(name)")
                guard !isChat else { continue }
                let text = try library.render(name: name, language: language, variables: values)
                Self.check(text, "\(language)/\(name)")
                #expect(text.language == language)
                for part in [text.subject, text.plain, text.html ?? "", text.io ?? ""] {
                    #expect(!part.contains("{{") && !part.contains("}}"), "\(language)/\(name)")
                    #expect(values.isEmpty || !part.contains("\n\n\n\n"), "\(language)/\(name): holes")
                }
                guard !values.isEmpty, !TemplateNames.isToOffice(name) else { continue }
                for wanted in ["note", "earlier", "files"] where wanted != "note" || name != "opened" {
                    for part in [text.plain, text.html ?? "", chat.words] {
                        #expect(part.contains("VALORE \(wanted)"), "\(language)/\(name): \(wanted)")
                    }
                }
                #expect(
                    text.io?.contains("VALORE earlier") == true
                        && (name == "opened" || text.io?.contains("VALORE note") == true))
                #expect(text.plain.contains("VALORE large_files") && text.html?.contains("VALORE large_files") == true)
                // The button knows Italian and English, whatever the message speaks; the official text has none.
                let block = AppIOFrontMatter(splitting: text.io ?? "").block
                #expect((block != nil) == (name != "forwarded"), "\(language)/\(name)")
                if let block {
                    #expect(
                        block.contains("\nit:\n") && block.contains("\nen:\n")
                            && !block.contains("\n\(language == "it" ? "uk" : "ro"):"))
                }
            }
        }
    }

    @Test("Hostile text in every variable, on every medium", arguments: cities)
    func hostile(city: City) throws {
        try each(city) { library, name, language in
            let isDear = language == "uk" && ["payment", "chat_help"].contains(name)
            for (index, value) in (Self.hostile + (isDear ? Self.long : [])).enumerated() {
                let context: Comment = "\(language)/\(name) with value \(index)"
                let values = Self.addressesKept(name, value)
                for length in [420] {
                    let chat = try library.chat(name, language: language, variables: values, length: length)
                    #expect(chat.words.utf16.count <= length, context)
                }
                guard !TemplateNames.isSaidInChatsOnly(name) else { continue }
                Self.check(try library.render(name: name, language: language, variables: values), context)
                // Addresses that are none are left out.
                guard value.utf8.count < 30 else { continue }
                let all = Self.values({ _ in value }, for: name)
                let text = try library.render(name: name, language: language, variables: all)
                let links = (text.html ?? "").matches(of: /href="([^"]*)"/).map { String($0.output.1) }
                #expect(links.allSatisfy { $0.hasPrefix("https://e.vil") }, context)
                #expect(
                    !(text.html ?? "").contains("<script") && !(text.io ?? "").contains("javascript:alert(1))"), context
                )
            }
        }
    }

    @Test("The official texts, word by word")
    func official() throws {
        let library = try Self.cities[0].library
        let values = [
            "code": "RM-7Q4K2MXD", "date": "21/11/2026", "opened_date": "19/11/2026", "status_url": Self.url,
            "forwarded_to": "AMA", "office": "URP",
        ]
        let taken = try library.render(name: "acknowledged", language: "it", variables: values, for: .appIO)
        #expect(taken.subject == "La tua segnalazione è stata presa in carico (RM-7Q4K2MXD)")
        let body = AppIOFrontMatter(splitting: taken.io ?? "").body
        #expect(
            body.hasPrefix(
                "Il 21/11/2026 abbiamo preso in carico la segnalazione presentata il 19/11/2026. "
                    + "Il codice della segnalazione è: **RM-7Q4K2MXD**."))
        #expect(body.contains("Per gestire la tua segnalazione [visita questo sito](\(Self.url))."))
        let forwarded = try library.render(name: "forwarded", language: "it", variables: values, for: .appIO)
        #expect(forwarded.subject == "La tua segnalazione è stata inoltrata all’ufficio competente (RM-7Q4K2MXD)")
        #expect(
            forwarded.io?.hasPrefix(
                "Il 21/11/2026 la tua segnalazione **RM-7Q4K2MXD** è stata inoltrata all’ufficio competente: AMA.")
                == true)
        let payment = try library.render(
            name: "payment", language: "it", variables: ["amount": "123,45 €", "notice_number": "3010"])
        #expect(payment.subject == "Hai un nuovo avviso di pagamento")
        #expect(payment.plain.contains("Importo: 123,45 €\nCodice avviso: 3010\n"))
        let corrected = try library.render(
            name: "corrected", language: "it", variables: ["corrects": "Lavori & <strade>"])
        #expect(corrected.subject == "Errata corrige: Lavori & <strade>")
    }

    @Test("A city that has not the newer templates says those steps as an answer")
    func fallback() throws {
        var texts = Self.cities[0].texts
        for language in texts.keys {
            texts[language] = texts[language]?.filter { !$0.key.hasPrefix("waiting.") }
        }
        let library = try TemplateLibrary(texts: texts, defaultLanguage: "it")
        let text = try library.render(
            name: "waiting", language: "uk", variables: ["code": "RM-1", "note": "Прошу фото"])
        #expect(
            text.language == "uk" && text.subject == "Звернення RM-1: є відповідь" && text.plain.contains("Прошу фото"))
        #expect(
            try library.chat("waiting", language: "es", variables: ["code": "RM-1"], length: 400).words.contains("RM-1")
        )
    }
}
