import Civic
import Foundation
import Mustache

@testable import Delivery
@testable import Settings

// Texts of notifications that operators write, and what citizens say in them.
extension FuzzTarget {
    static let templates = [template, words]

    private static let values = [
        "code": "BG-7Q4K2MXD", "note": "<b>*x*</b> {{code}} http://example.org \u{1F6A7}", "city": "Borgo",
        "status_url": "https://example.org/t/1",
    ]

    private static let template = FuzzTarget("templates", "notification templates", length: 2048) { bytes in
        let text = bytes.text
        let texts = ["it": ["opened.subject": "{{code}}", "opened.txt": text, "opened.html": text, "opened.io": text]]
        if let library = try? TemplateLibrary(texts: texts, defaultLanguage: "it", required: ["opened"]) {
            let said = try library.render(name: "opened", language: "it", variables: values)
            try must(!said.subject.contains("\n"), "a subject of two lines")
        }
        guard let template = try? MustacheTemplate(string: text),
            (try? TemplateTags(of: text, isHTML: false)) != nil
        else { return }
        let strings = values.filter { $0.key != "city" }
        try must(
            CachedTemplate(template).render(strings) == template.render(strings),
            "the template says something else when it is rendered again")
    }

    private static let words = FuzzTarget("words", "citizens' words in notifications: Markdown, one line, plain") {
        bytes in
        let text = bytes.text
        _ = MarkdownText.neutralised(text)
        _ = (MarkdownText.withoutLinks(text), MarkdownText.escaped(text), Reason.cleaned(text))
        let line = PlainText.singleLine(text)
        try must(!line.unicodeScalars.contains { $0 == "\n" || $0 == "\r" || $0 == "\u{0}" }, "a line of two lines")
        try must(PlainText.shortened(text, toUTF16: 40).utf16.count <= 40, "longer than it may be")
        _ = AppIOFrontMatter(splitting: text)
    }
}
