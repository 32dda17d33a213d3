import Settings
import TestSupport
import Testing

@testable import Delivery

@Suite struct TemplateLibraryTests {
    private func library(
        _ files: [String: String], english: [String: String]? = nil
    ) throws(TemplateError) -> TemplateLibrary {
        var texts = ["it": files]
        texts["en"] = english
        return try TemplateLibrary(texts: texts, defaultLanguage: "it", required: [])
    }

    private func render(
        _ text: String, _ kind: String = "txt", _ variables: [String: String] = [:]
    ) throws -> RenderedText {
        var files = ["a.subject": "Oggetto", "a.txt": "testo"]
        files["a.\(kind)"] = text
        return try library(files).render(name: "a", language: "it", variables: variables)
    }

    @Test func escapesInHTMLOnly() throws {
        let value = ["note": #"<b>"Tre" & 'due'</b>"#]
        #expect(try render("{{note}}", "html", value).html == "&lt;b&gt;&quot;Tre&quot; &amp; &#39;due&#39;&lt;/b&gt;")
        #expect(try render("{{note}}|{{{note}}}", "txt", value).plain == #"<b>"Tre" & 'due'</b>|<b>"Tre" & 'due'</b>"#)
        #expect(try render("{{note}}", "subject", value).subject == #"<b>"Tre" & 'due'</b>"#)
    }

    @Test(
        "A section shows what is there and not empty",
        arguments: [
            (["note": "x"], "[x]"), (["note": ""], "-"), ([:], "-"),
        ] as [([String: String], String)])
    func sections(variables: [String: String], expected: String) throws {
        let text = "{{#note}}[{{note}}]{{/note}}{{^note}}-{{/note}}"
        #expect(try render(text, "txt", variables).plain == expected)
        #expect(try render(text, "html", variables).html == expected)
    }

    @Test(
        arguments: [
            ("https://c.it/t/1", true), ("HTTPS://c.it", true), ("http://c.it", false), ("", false),
            ("https://", false),
        ])
    func httpsIsASectionOfItsOwn(url: String, shown: Bool) throws {
        let rendered = try render("{{#https}}sì{{/https}}", "io", ["status_url": url])
        #expect(rendered.io == (shown ? "sì" : ""))
    }

    @Test func aSectionAloneOnItsLineLeavesNoLine() throws {
        #expect(try render("{{#https}}\n---\n{{/https}}\nx\n", "io", ["status_url": "https://c.it"]).io == "---\nx\n")
        #expect(try render("{{#note}}\r\nN\r\n{{/note}}\r\nx", "txt", ["note": "1"]).plain == "N\nx")
    }

    @Test func whatCitizensWroteIsHarmlessInMarkdown() throws {
        let rendered = try render(
            "{{{note}}}\n[stato]({{{status_url}}})", "io",
            ["note": "---\n[x](http://e.vil) *a*", "status_url": "https://c.it/t/1?k=a_b)"])
        #expect(rendered.io == "\\---\n\\[x\\]\\(http: //e.vil) \\*a\\*\n[stato](https://c.it/t/1?k=a_b%29)")
        #expect(rendered.plain == "testo")
    }

    @Test(
        "However long a note is, the link after it arrives in App IO, and no escape is cut",
        arguments: [
            String(repeating: "nota lunga ", count: 910), String(repeating: "*", count: 10_000),
            String(repeating: "\u{301}", count: 10_000),
            String(repeating: "ok ", count: 40) + "e" + String(repeating: "\u{301}", count: 9_870),
            String(repeating: "\\", count: 9_999), String(repeating: "👩‍👩‍👧‍👦", count: 1400),
            String(repeating: "https://e.vil ", count: 700), String(repeating: "\n\n-", count: 3300),
        ])
    func longNotes(note: String) throws {
        let link = "[visita](https://c.it/t/RM-1?k=a_b)"
        for kind in ["io", "txt"] {
            let end = kind == "io" ? link : "https://c.it/t/RM-1?k=a\\_b"
            let text = "Fatto.\n\n{{{note}}}\n\n" + (kind == "io" ? "[visita]({{{status_url}}})" : "{{{status_url}}}")
            var files = ["a.subject": "Oggetto", "a.txt": text]
            if kind == "io" { files["a.io"] = text }
            let rendered = try library(files).render(
                name: "a", language: "it", variables: ["note": note, "status_url": "https://c.it/t/RM-1?k=a_b"],
                for: .appIO)
            let markdown = AppIOPayload.markdown(
                try #require(rendered.io), from: AppIOPayload.Sender(city: "Roma", language: "it"))
            let shown = markdown.dropFirst(8).dropLast(end.count + 2)
            let escapes = shown.reversed().drop { $0 == "…" }.prefix { $0 == "\\" }.count
            let context: Comment = "\(kind): \(shown.utf16.count) units, \(escapes) backslashes"
            let isWhole = markdown.hasPrefix("Fatto.\n\n") && markdown.hasSuffix(end)
            #expect(isWhole && markdown.utf16.count <= 10_000 && escapes.isMultiple(of: 2), context)
            // More of the note than an ellipsis.
            #expect(shown.utf16.count > 2, context)
        }
    }

    @Test("A note that fits is whole")
    func notesThatFit() throws {
        let note = String(repeating: "x", count: 9_900)
        let io = try render("{{{note}}} fine", "io", ["note": note]).io
        #expect(io == note + " fine")
    }

    @Test("Without a template of its own App IO gets the mail's text: our address is a link, others are not")
    func withoutTemplate() throws {
        let library = try library(["a.subject": "x", "a.txt": "{{{note}}}\n- vedi {{{status_url}}}"])
        let io = try library.render(
            name: "a", language: "it", variables: ["note": "*https:\u{202E}//e.vil", "status_url": "https://c.it/1"],
            for: .appIO
        ).io
        #expect(io == "\\*https: //e.vil\n\\- vedi https://c.it/1")
    }

    @Test func theSubjectIsOneLine() throws {
        let rendered = try render("  Pratica\n{{note}}\n", "subject", ["note": "a\r\nBcc: x@y.z\0\u{202E}\tb"])
        #expect(rendered.subject == "Pratica a Bcc: x@y.z b")
    }

    @Test func languagesNeverMix() throws {
        let library = try library(
            ["a.subject": "Ciao", "a.txt": "it", "a.html": "<p>", "b.subject": "B", "b.txt": "b"],
            english: ["a.subject": "Hello", "a.txt": "en"])
        let english = try library.render(name: "a", language: "en", variables: [:])
        #expect((english.subject, english.plain, english.html, english.language) == ("Hello", "en", nil, "en"))
        #expect(try library.render(name: "b", language: "en", variables: [:]).language == "it")
        #expect(try library.render(name: "a", language: "xx", variables: [:]).subject == "Ciao")
        #expect(throws: TemplateError.self) { try library.render(name: "c", language: "it", variables: [:]) }
    }

    @Test(
        "Every mistake has its place",
        arguments: [
            ("a.txt", "x\n  {{codice}}", "2:3", "there is no variable codice; did you mean code?"),
            ("a.txt", "x\n\n{{#note}}\ny", "3:1", "the section note is not closed: {{/note}} is missing"),
            ("a.txt", "{{#note}}\n{{/name}}", "2:1", "{{/name}} does not close the section note of line 1"),
            ("a.txt", "{{/name}}", "1:1", "{{/name}} closes no section"),
            ("a.txt", "ab\n {{note", "2:2", "a tag is not closed with }}"),
            ("a.txt", "è {{{note}}", "1:3", "{{{note}} is not closed with }}}"),
            ("a.io", "{{<piede}}{{/piede}}", "1:1", nil),
            ("a.io", "{{=<% %>=}}", "1:1", nil),
            ("a.io", "{{>*note}}", "1:1", "{{>*note}}: a partial's name has letters, digits, - and _"),
            ("a.io", "{{>../segreti}}", "1:1", nil),
            ("a.txt", "{{%CONTENT_TYPE:HTML}}", "1:1", nil),
            ("a.html", "<p>\n<b>{{{note}}}", "2:4", nil),
            ("a.html", "{{&note}}", "1:1", nil),
            ("a.txt", "{{uppercased(note)}}", "1:1", nil),
            ("a.txt", "{{}}", "1:1", "there is no variable without a name"),
            (
                "a.txt", String(repeating: "{{#note}}", count: 100_000), "1:145",
                "sections are nested more than 16 deep"
            ),
            ("a.subject", " \n", "1:1", "the subject is empty"),
            ("a.md", "x", "1:1", "a template is called NAME.subject, NAME.txt, NAME.html, NAME.io or NAME.chat"),
        ] as [(String, String, String, String?)])
    func mistakes(file: String, text: String, place: String, message: String?) throws {
        var files = ["a.subject": "Oggetto", "a.txt": "testo"]
        files[file] = text
        let problems = TemplateLibrary.problems(in: ["it": files], defaultLanguage: "it", required: [])
        let problem = try #require(problems.first)
        #expect((problems.count, problem.file, problem.language) == (1, file, "it"))
        #expect("\(problem.line):\(problem.column)" == place)
        if let message { #expect(problem.message == message) }
        #expect(throws: problem) { try library(files) }
    }

    @Test(
        "A variable that this template never has is a mistake, wherever it is written",
        arguments: [
            ("opened.txt", "{{note}}", "there is never a note in opened.txt: remove it"),
            ("resolved.txt", "{{amount}}", "there is never a amount in resolved.txt: remove it"),
            ("office_work.txt", "{{{status_url}}}", "there is never a status_url in office_work.txt: remove it"),
            ("chat_help.chat", "{{note}}", "there is never a note in chat_help.chat: remove it"),
            ("button_new.chat", "{{code}}", "there is never a code in button_new.chat: remove it"),
            ("opened.chat", "{{#https}}x{{/https}}", "there is never a https in opened.chat: remove it"),
            ("opened.io", "{{unsubscribe_url}}", "there is never a unsubscribe_url in opened.io: remove it"),
            ("payment.txt", "{{amount}} {{notice_number}} {{payment_due}}", nil),
            ("corrected.subject", "{{corrects}}", nil), ("forwarded.io", "{{forwarded_to}}", nil),
            ("office_overdue.txt", "{{text_excerpt}} {{office}}", nil), ("chat_status.chat", "{{status}}", nil),
            ("una_regola.txt", "{{note}} {{status_url}} {{earlier}} {{files}} {{unsubscribe_url}}", nil),
        ] as [(String, String, String?)])
    func variablesOfEach(file: String, text: String, message: String?) {
        var files = [file: text]
        let name = String(file.prefix { $0 != "." })
        if !TemplateNames.isSaidInChatsOnly(name) {
            for kind in ["subject", "txt"] where files["\(name).\(kind)"] == nil { files["\(name).\(kind)"] = "x" }
        }
        let problems = TemplateLibrary.problems(in: ["it": files], defaultLanguage: "it", required: [])
        #expect(problems.map(\.message) == [message].compactMap(\.self))
        // And so for what the file includes, at its own place.
        let kind = file.split(separator: ".")[1]
        files["_parte.\(kind)"] = "\n" + text
        files[file] = "x{{>parte}}"
        let included = TemplateLibrary.problems(in: ["it": files], defaultLanguage: "it", required: [])
        #expect(included.isEmpty == (message == nil))
        if message != nil {
            #expect(included.map { "\($0.file):\($0.line):\($0.column)" } == ["_parte.\(kind):2:1"])
            #expect(included[0].message.contains("in \(file), which includes this"))
        }
    }

    @Test func whatIsMissingIsNamed() {
        let texts = ["it": ["a.subject": "x", "a.txt": "x", "b.html": "x"], "en": ["a.txt": "x"]]
        let problems = TemplateLibrary.problems(in: texts, defaultLanguage: "it", required: ["a", "c"])
        #expect(
            problems.map { "\($0.language)/\($0.file)" }
                == ["en/a.subject", "it/b.subject", "it/b.txt", "it/c.subject", "it/c.txt"])
        #expect(TemplateLibrary.problems(in: [:], defaultLanguage: "it").count == TemplateLibrary.names.count)
        #expect(problems.first?.description == "templates/en/a.subject:1:1: error: the file is missing")
    }

    @Test func namesWithPointsAndCommentsAreFine() throws {
        #expect(try render("{{! uno\ndue }}x{{ note }}", "txt", ["note": "1"]).plain == "x1")
        #expect(throws: Never.self) { try library(["a.b.subject": "x", "a.b.txt": "x"]) }
    }

    @Test func naughtyStringsAreOnlyText() throws {
        for text in SharedData.naughtyStrings + ["{{note}}", "{{{", "}}"] {
            let rendered = try render("{{note}}", "txt", ["note": text])
            #expect(rendered.plain == text)
        }
    }
}
