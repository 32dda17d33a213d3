import Foundation
import Testing

/// `pasquino template`, and what `check` says of templates, as an operator types them.
@Suite struct TemplateCommandAcceptance {
    private func run(
        _ arguments: [String], config: String = City.root + "/Config/fidenza", base: String = "https://fi.example.org"
    ) async throws -> (status: Int32, output: String) {
        try await Program.run(arguments, environment: ["PASQUINO_CONFIG": config, "PASQUINO_BASE_URL": base])
    }

    private func object(_ text: some StringProtocol) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("template list: every template with its languages and kinds, on a table and as JSON")
    func list() async throws {
        let (status, output) = try await run(["template", "list"])
        #expect(status == 0)
        let lines = output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.first == "NAME TO LANGUAGES KINDS")
        #expect(lines.contains("payment citizens it en es ro uk subject txt html io chat"))
        #expect(lines.contains("office_overdue offices it en subject txt"))
        #expect(lines.contains("button_new chats it en es ro uk chat"))
        let json = try await run(["template", "list", "--json"])
        let names = try json.output.split(separator: "\n").map { try object($0)["name"] as? String }
        #expect(names.count == lines.count - 1 && !names.contains { $0?.hasPrefix("_") ?? true })
    }

    @Test(
        "template preview: an example in each language, App IO within its limits, the button where the city has https",
        arguments: ["it", "en", "es", "ro", "uk"])
    func example(language: String) async throws {
        for name in ["opened", "payment", "corrected", "waiting"] {
            let arguments = ["template", "preview", name, "--language", language, "--json"]
            let (status, output) = try await run(arguments)
            #expect(status == 0, "\(output)")
            let shown = try object(output)
            #expect(shown["language"] as? String == language)
            #expect((shown["html"] as? String)?.contains("<html lang=\"\(language)\">") == true)
            let app = try #require(shown["app_io"] as? [String: Any])
            #expect((10...120).contains(try #require(app["subject_length"] as? Int)))
            #expect((80...10_000).contains(try #require(app["markdown_length"] as? Int)))
            #expect((app["buttons"] as? [String: Any])?["shown"] as? Bool == true)
            let chat = try #require((shown["chats"] as? [[String: Any]])?.first)
            #expect((chat["text"] as? String)?.utf16.count == chat["length"] as? Int)
            #expect(!output.contains("{{"))
        }
        let insecure = try await run(
            ["template", "preview", "opened", "--language", language], base: "http://127.0.0.1:1")
        #expect(insecure.output.contains("Buttons: none; App IO opens https addresses only: set city.base_url to one"))
    }

    @Test("template preview --html: a page with the mail, the app's message and the chat, which runs nothing")
    func page() async throws {
        let path = NSTemporaryDirectory() + "pasquino-\(UUID().uuidString).html"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (status, output) = try await run(["template", "preview", "payment", "--html", path])
        #expect(
            status == 0 && output.contains("\(path) written") && output.contains("Hai un nuovo avviso di pagamento"))
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains("<iframe sandbox srcdoc=\"&lt;!DOCTYPE html&gt;"))
        #expect(page.contains("<li>Importo: <strong>123,45 €</strong></li>"))
        #expect(page.contains("<p class=\"button\">Visualizza la tua richiesta</p>"))
        #expect(page.contains("default-src 'none'") && !page.contains("<script"))
        let nowhere = try await run(["template", "preview", "payment", "--html", "/nowhere/x.html"])
        #expect(nowhere.status == 1 && nowhere.output.contains("/nowhere/x.html cannot be written"))
    }

    @Test("template preview: one medium, offices, and what is wrong with the question")
    func questions() async throws {
        let sms = try await run(["template", "preview", "resolved", "--medium", "sms"])
        #expect(
            sms.status == 0 && sms.output.contains("of at most 1600 UTF-16 units") && !sms.output.contains("Subject"))
        let office = try await run(["template", "preview", "office_reminder"])
        #expect(office.status == 0 && office.output.contains("in scadenza") && !office.output.contains("App IO"))
        for (arguments, status, words) in [
            (["opend"], 1, "there is no template opend; did you mean opened?"),
            (["zzz"], 1, "there is no template zzz: `pasquino template list` lists them"),
            (["opened", "--language", "fr"], 1, "the city does not speak fr: choose it, en, es, ro, uk"),
            (["opened", "--medium", "fax"], 2, "--medium: expected one of email, app_io, chat"),
            (["office_new", "--medium", "app_io"], 1, "office_new is never said there"),
            (["opened", "--ticket", "FI-1", "--example"], 2, "give --ticket or --example, not both"),
        ] as [([String], Int32, String)] {
            let answer = try await run(["template", "preview"] + arguments)
            #expect(answer.status == status && answer.output.contains(words), "\(answer.output)")
        }
    }

    @Test("check: what is wrong with templates and partials, with its line and column")
    func check() async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/fidenza", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ file: String, _ text: String) throws {
            try text.write(toFile: "\(folder)/templates/\(file)", atomically: true, encoding: .utf8)
        }
        try write("it/opened.txt", "x\n  {{importo}} {{amount}}\n{{>piede}}\n")
        try write("ro/_link.chat", "{{>link}}\n")
        try write("es/_sola.txt", "x\n")
        try write("en/opned.txt", "x\n")
        try write("en/opned.subject", "x\n")
        for file in ["uk/waiting.subject", "uk/waiting.txt", "uk/waiting.html", "uk/waiting.io", "uk/waiting.chat"] {
            try FileManager.default.removeItem(atPath: "\(folder)/templates/\(file)")
        }
        try FileManager.default.removeItem(atPath: "\(folder)/templates/es/resolved.chat")
        try FileManager.default.removeItem(atPath: "\(folder)/templates/ro/payment.subject")
        let (status, output) = try await run(["check"], config: folder)
        #expect(status == 78)
        for line in [
            "it/opened.txt:3:1: error: there is no partial piede: write templates/it/_piede.txt",
            "ro/_link.chat:1:1: error: the partial includes itself: link > link",
            "es/_sola.txt:1:1: warning: no template includes this partial",
            "en/opned.subject:1:1: warning: nothing uses the template opned; did you mean opened?",
            "uk/waiting.txt:1:1: warning: the template is missing: in uk this is said as in it",
            "es/resolved.chat:1:1: warning: the template is missing: in es messengers get the mail's text",
            "ro/payment.subject:1:1: error: the file is missing",
        ] { #expect(output.contains("templates/\(line)"), "\(line)\n\(output)") }
        try write("it/opened.txt", "x\n  {{codice}} {{amount}}\n")
        let again = try await run(["check"], config: folder)
        #expect(again.output.contains("it/opened.txt:2:3: error: there is no variable codice; did you mean code?"))
        #expect(again.output.contains("it/opened.txt:2:14: error: there is never a amount in opened.txt: remove it"))
    }

    @Test("A certificate that an office attaches reaches the citizen by mail, and a preview tells a real ticket")
    func certificate() async throws {
        try await MailCity.with { post in
            let code = try #require(try await post.post(TestMail()).member("ticket"))
            let content = Data("%PDF-1.7\n".utf8) + Data((0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            let step = """
                {"id":"c1","status":"resolved","note":"Ecco il certificato <b>","attachments":[{"name":"certificato di \
                residenza – Niccolò.pdf","type":"application/pdf","content":"\(content.base64EncodedString())"}]}
                """
            let answer = try await post.running.post(
                step, to: post.running.base + "/v1/tickets/\(code)/events", token: City.officeToken)
            #expect(answer.status == 201, "\(answer.text)")
            let mail = try #require(try await post.mails(to: "anna@example.net").last)
            #expect(mail.raw.contains("multipart/mixed"))
            #expect(mail.field("List-Id") == "Comune di Fidenza <tickets.example.org>")
            let raw = mail.raw.replacingOccurrences(of: "\r\n", with: "\n")
            let encoded = try #require(raw.components(separatedBy: "Content-Transfer-Encoding: base64\n\n").last)
            let lines = encoded.components(separatedBy: "\n--")[0].split(separator: "\n")
            #expect(lines.dropLast().allSatisfy { $0.count == 76 })
            #expect(Data(base64Encoded: lines.joined()) == content)
            #expect(raw.contains("filename*0*=UTF-8''certificato%20di%20residenza"))
            #expect(raw.contains("Documenti:"))
            // The opening's own mail has no file.
            let first = try #require(try await post.mails(to: "anna@example.net").first)
            #expect(!first.raw.contains("multipart/mixed"))

            // The page has it for good; nobody else can fetch it.
            let text = try #require(
                try object(
                    try await post.city.run(["template", "preview", "resolved", "--ticket", code, "--json"]).output
                )["text"] as? String)
            let address = try #require(
                text.split(whereSeparator: \.isWhitespace).first { $0.contains("/t/\(code)?k=") })
            let page = post.running.base + address.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }
            let key = page.drop { $0 != "=" }.dropFirst()
            #expect(
                try await HTTP.get(page).text.contains(
                    #"<a href="\#(code)/documents/1?k=\#(key)">certificato di residenza – Niccolò.pdf</a>"#))
            let documents = post.running.base + "/t/\(code)/documents/"
            let file = try await HTTP.get(documents + "1?k=\(key)")
            #expect(file.status == 200 && file.body == content)
            #expect(file.headers["content-disposition"]?.hasPrefix("attachment;") == true)
            #expect(
                file.headers["referrer-policy"] == "no-referrer" && file.headers["x-content-type-options"] == "nosniff")
            for wrong in [
                "0?k=\(key)", "2?k=\(key)", "-1?k=\(key)", "\(Int.min)?k=\(key)", "\(Int.max)?k=\(key)", "x?k=\(key)",
                "1?k=0", "1",
            ] {
                #expect(try await HTTP.get(documents + wrong).status == 404, "\(wrong)")
            }

            let shown = try await post.city.run(["template", "preview", "resolved", "--ticket", code, "--json"])
            #expect(shown.status == 0, "\(shown.output)")
            let preview = try object(shown.output)
            #expect((preview["text"] as? String)?.contains("Ecco il certificato <b>") == true)
            #expect((preview["html"] as? String)?.contains("Ecco il certificato &lt;b&gt;") == true)
            #expect((preview["text"] as? String)?.contains("/t/\(code)?k=") == true)
            let unknown = try await post.city.run(["template", "preview", "resolved", "--ticket", "FI-00000000"])
            #expect(unknown.status == 1)
        }
    }
}
