import Testing

@testable import Delivery

@Suite("Partials") struct PartialTests {
    private func library(_ files: [String: String]) throws(TemplateError) -> TemplateLibrary {
        try TemplateLibrary(texts: ["it": files], defaultLanguage: "it", required: [])
    }

    private func places(_ files: [String: String]) -> [String] {
        TemplateLibrary.problems(in: ["it": files], defaultLanguage: "it", required: [])
            .map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
    }

    private static let mail = ["a.subject": "Oggetto", "a.txt": "testo"]

    @Test("Each kind escapes as it does without them, however deep they are")
    func escaping() throws {
        var files = Self.mail
        for kind in ["txt", "html", "io", "chat"] {
            files["a.\(kind)"] = "1 {{note}}\n{{>b}}\n2 {{note}}\n"
            files["_b.\(kind)"] = "{{#note}}\nb {{note}}{{>c}}.\n{{/note}}\n"
            files["_c.\(kind)"] = "-{{note}}-"
        }
        let value = ["note": "<b>*\"&"]
        let library = try library(files)
        let text = try library.render(name: "a", language: "it", variables: value)
        func expected(_ note: String) -> String { "1 \(note)\nb \(note)-\(note)-.\n2 \(note)\n" }
        #expect(text.plain == expected("<b>*\"&"))
        #expect(text.html == expected("&lt;b&gt;*&quot;&amp;"))
        #expect(text.io == expected("\\<b\\>\\*\"&"))
        let chat = try library.chat("a", language: "it", variables: value, length: 1000)
        #expect(chat.words == expected("<b>*\"&").dropLast())
    }

    @Test("A partial is of its language and its kind only, and no template")
    func kinds() throws {
        var files = Self.mail
        files["a.txt"] = "{{>piede}}"
        files["_piede.html"] = "x"
        #expect(
            places(files) == [
                "a.txt:1:1: there is no partial piede: write templates/it/_piede.txt"
            ])
        files["_piedi.txt"] = "x"
        #expect(places(files)[0].hasSuffix("_piede.txt; did you mean piedi?"))
        files["_piede.txt"] = "it"
        let texts = ["it": files, "en": ["a.subject": "x", "a.txt": "{{>piede}}"]]
        let problems = TemplateLibrary.problems(in: texts, defaultLanguage: "it", required: [])
        #expect(problems.map { "\($0.language)/\($0.file)" } == ["en/a.txt"])
        #expect(
            TemplateLibrary.unused(in: texts).map { "\($0.language)/\($0.file)" } == [
                "it/_piede.html", "it/_piedi.txt",
            ])
        #expect(try library(files).names(in: "it") == ["a"])
        #expect(throws: TemplateError.self) {
            try library(files).render(name: "_piede", language: "it", variables: [:])
        }
    }

    @Test("Rings and what is too deep or too large are found before anything is rendered")
    func bounds() throws {
        var files = Self.mail
        files["a.txt"] = "{{>b}}"
        files["_b.txt"] = "x\n {{>c}}"
        files["_c.txt"] = "{{>b}}"
        #expect(places(files) == ["_c.txt:1:1: the partial includes itself: b > c > b"])
        files["_b.txt"] = "{{>b}}"
        files["_c.txt"] = nil
        #expect(places(files) == ["_b.txt:1:1: the partial includes itself: b > b"])

        var deep = Self.mail
        deep["a.txt"] = "{{>p1}}"
        for level in 1...8 { deep["_p\(level).txt"] = level < 8 ? "{{>p\(level + 1)}}" : "fine" }
        #expect(places(deep).isEmpty)
        #expect(try library(deep).render(name: "a", language: "it", variables: [:]).plain == "fine")
        deep["_p8.txt"] = "{{>p9}}"
        deep["_p9.txt"] = "x"
        #expect(places(deep) == ["_p8.txt:1:1: partials are nested more than 8 deep"])

        // 40 to the eighth: it would fill any memory.
        var wide = Self.mail
        wide["a.txt"] = "{{>p1}}"
        for level in 1...8 {
            wide["_p\(level).txt"] = level < 8 ? String(repeating: "{{>p\(level + 1)}}", count: 40) : "fine"
        }
        #expect(places(wide) == ["a.txt:1:1: with all that it includes the template is larger than 1 MiB: simplify it"])
    }

    @Test("What is wrong in a partial is told once, at its own place, whoever includes it")
    func told() {
        var files = ["_b.txt": "x\n{{codice}}"]
        for name in ["a", "opened", "resolved"] {
            files["\(name).subject"] = "x"
            files["\(name).txt"] = "{{>b}}"
        }
        #expect(places(files) == ["_b.txt:2:1: there is no variable codice; did you mean code?"])
        files["_b.txt"] = "{{{note}"
        #expect(places(files).filter { $0.hasPrefix("_b.txt") } == ["_b.txt:1:1: a tag is not closed with }}"])
        // One that nothing includes too.
        #expect(places(Self.mail.merging(["_x.html": "{{{note}}}"]) { $1 }).count == 1)
        #expect(places(Self.mail.merging(["_x.txt": "{{nota}}"]) { $1 }).count == 1)
    }
}
