extension MessagePreview {
    /// A page that a browser shows without any connection: the mail, the message as App IO shows it, and a chat.
    public var page: String {
        var parts: [String] = []
        if !subject.isEmpty {
            let body =
                html.map {
                    // A frame of its own, which may run nothing: the mail's styles end there.
                    "<iframe sandbox srcdoc=\"\(MarkdownPage.escaped($0))\" title=\"HTML\"></iframe>"
                } ?? ""
            parts.append(section("E-mail", "<p class=\"subject\">\(MarkdownPage.escaped(subject))</p>\(body)"))
            parts.append(section("E-mail, plain text", "<pre>\(MarkdownPage.escaped(plain))</pre>"))
        }
        if let appIO { parts.append(section("App IO", card(appIO))) }
        if let chat = chats.first {
            parts.append(section("Chat", "<div class=\"bubble\">\(MarkdownPage.escaped(chat.words))</div>"))
        }
        return """
            <!DOCTYPE html>
            <html lang="\(MarkdownPage.escaped(language))">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>\(MarkdownPage.escaped(name)) (\(MarkdownPage.escaped(language)))</title>
            <style>\(PreviewStyle.sheet)</style>
            </head>
            <body>
            <h1>\(MarkdownPage.escaped(name)) <small>\(MarkdownPage.escaped(language))</small></h1>
            <div class="all">
            \(parts.joined(separator: "\n"))
            </div>
            </body>
            </html>

            """
    }

    private func section(_ title: String, _ body: String) -> String {
        "<section><h2>\(title)</h2>\n\(body)\n</section>"
    }

    private func card(_ message: AppIO) -> String {
        let buttons: String
        switch message.buttons {
        case .shown(let block):
            buttons = PreviewStyle.labels(block, language: language).map {
                "<p class=\"button\">\(MarkdownPage.escaped($0))</p>"
            }.joined()
        case .none(let reason): buttons = "<p class=\"missing\">No button: \(MarkdownPage.escaped(reason))</p>"
        }
        return """
            <div class="phone"><p class="sender">\(MarkdownPage.escaped(city))</p>
            <p class="subject">\(MarkdownPage.escaped(message.subject))</p>
            \(MarkdownPage.html(message.body))\(buttons)</div>
            <p class="lengths">\(lengths(message))</p>
            """
    }

    /// `Subject 38 of 10…120, Markdown 412 of 80…10000 UTF-16 units`
    public func lengths(_ message: AppIO) -> String {
        func of(_ text: String, _ range: ClosedRange<Int>) -> String {
            "\(text.utf16.count) of \(range.lowerBound)…\(range.upperBound)"
        }
        return "Subject \(of(message.subject, Self.appIOSubject)), "
            + "Markdown \(of(message.markdown, Self.appIOMarkdown)) UTF-16 units"
            + (message.isAdapted ? "; brought within them" : "")
    }
}

private enum PreviewStyle {
    static let sheet = """
        body{margin:0;padding:1.5rem;font:1rem/1.5 system-ui,sans-serif;background:#e9eef3;color:#17324d}
        h1{font-size:1.4rem;margin:0 0 1rem}h1 small{font-weight:400;color:#5a768a}
        .all{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
        section{background:#fff;border-radius:.5rem;padding:1rem;flex:1 1 22rem;min-width:0;max-width:40rem}
        h2{font-size:.9rem;margin:0 0 .75rem;color:#5a768a;text-transform:uppercase;letter-spacing:.05em}
        .subject{font-weight:700;margin:0 0 .75rem;overflow-wrap:anywhere}
        iframe{width:100%;height:44rem;border:1px solid #d5dde5;background:#fff}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;font-size:.9rem}
        .phone{max-width:24rem;border:1px solid #d5dde5;border-radius:1.25rem;padding:1.25rem;overflow-wrap:anywhere}
        .phone ul,.phone ol{padding-left:1.25rem}.phone a{color:#0073e6}
        .sender{margin:0 0 .25rem;color:#5a768a;font-size:.9rem}
        .button{background:#0073e6;color:#fff;text-align:center;border-radius:.5rem;padding:.75rem;margin:1rem 0 0;font-weight:700}
        .missing,.lengths{color:#5a768a;font-size:.85rem}
        .bubble{background:#e3f2fd;border-radius:1rem 1rem 1rem 0;padding:.75rem 1rem;white-space:pre-wrap;overflow-wrap:anywhere}
        """

    /// What is written on the buttons, in the message's language if App IO knows it, else in Italian.
    static func labels(_ block: String, language: String) -> [String] {
        var labels: [String: [String]] = [:]
        var current = ""
        for line in block.split(separator: "\n") {
            if line == "it:" || line == "en:" { current = String(line.dropLast()) }
            let member = line.drop { $0 == " " }
            guard member.hasPrefix("text:") else { continue }
            let text = PlainText.singleLine(String(member.dropFirst("text:".count)))
            labels[current, default: []].append(text.filter { $0 != "\"" })
        }
        return labels[language] ?? labels["it"] ?? labels["en"] ?? []
    }
}
