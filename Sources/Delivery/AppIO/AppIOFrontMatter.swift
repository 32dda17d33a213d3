/// The block of buttons at the very beginning of a message:
///
///     ---
///     it:
///         cta_1:
///             text: "Visualizza la tua segnalazione"
///             action: "iohandledlink://https://…"
///     ---
///
/// Limits (developer.pagopa.it, "Guida al markdown"): at most two buttons, languages `it` and `en`, actions `https`,
/// `mailto`, `tel` and `sms`. A block that breaks any of this is dropped whole: the app would show it as text.
struct AppIOFrontMatter {
    /// From the first `---` to the last, without the line end after it; nil if there is none that can be sent.
    let block: String?
    /// The message without any block. Never begins with `---`.
    let body: String
    /// Why there was a block that cannot be sent.
    let problem: String?

    init(splitting markdown: String) {
        var lines = PlainText.lines(markdown)[...].drop { $0.allSatisfy(\.isWhitespace) }
        var block: String?
        var problem: String?
        while let first = lines.first, AppIOFrontMatter.isRule(first) {
            let rest = lines.dropFirst()
            if block == nil, let end = rest.firstIndex(where: AppIOFrontMatter.isRule),
                rest[..<end].contains(where: { $0.hasSuffix(":") })
            {
                block = "---\n" + rest[..<end].joined(separator: "\n") + "\n---"
                problem = AppIOFrontMatter.problem(in: rest[..<end])
                if problem != nil { block = "" }
                lines = rest[(end + 1)...]
            } else {
                // A rule that would be read as the beginning of a block.
                lines = rest
            }
            lines = lines.drop { $0.allSatisfy(\.isWhitespace) }
        }
        self.block = block.flatMap { $0.isEmpty ? nil : $0 }
        self.problem = problem
        var body = lines.joined(separator: "\n")
        while let last = body.last, last.isWhitespace { body.removeLast() }
        self.body = body
    }

    private static func isRule(_ line: String) -> Bool {
        line.hasPrefix("---") && line.allSatisfy { $0 == "-" || $0.isWhitespace }
    }

    private static func problem(in lines: ArraySlice<String>) -> String? {
        var buttons: [String: [String: Set<String>]] = [:]
        var language = ""
        var button = ""
        var indents: (button: Int, member: Int) = (0, 0)
        for line in lines where !line.allSatisfy(\.isWhitespace) {
            let indent = line.prefix { $0 == " " }.count
            guard let (key, value) = member(line.dropFirst(indent)) else {
                return "a line of it is no key and value"
            }
            switch key {
            case "it", "en":
                guard indent == 0, value.isEmpty, buttons[key] == nil else { return "\(key) is not where it belongs" }
                language = key
                button = ""
                buttons[key] = [:]
            case "cta_1", "cta_2":
                guard indent > 0, value.isEmpty, buttons[language] != nil, buttons[language]?[key] == nil else {
                    return "\(key) is not where it belongs, once below it or en"
                }
                button = key
                indents = (indent, 0)
                buttons[language]?[key] = []
            case "text", "action":
                guard indent > indents.button, indents.member == 0 || indent == indents.member,
                    buttons[language]?[button]?.insert(key).inserted == true
                else { return "\(key) is not where it belongs, once below cta_1 or cta_2" }
                guard isValue(value, of: key) else {
                    return key == "text"
                        ? "a text is empty or needs quotes"
                        : "an action is not iohandledlink:// with https://, mailto:, tel:+39 or sms:+39"
                }
                indents.member = indent
            default: return "it has a key that App IO does not know"
            }
        }
        let isWhole =
            !buttons.isEmpty
            && buttons.values.allSatisfy { $0["cta_1"] != nil && $0.values.allSatisfy { $0.count == 2 } }
        return isWhole ? nil : "a language has no cta_1, or a button no text or no action"
    }

    private static func member(_ line: Substring) -> (key: String, value: String)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        return (String(line[..<colon]), PlainText.singleLine(String(line[line.index(after: colon)...])))
    }

    /// In double quotes, or plain where YAML leaves no doubt.
    private static func isValue(_ value: String, of key: String) -> Bool {
        var content = value[...]
        if content.count >= 2, content.hasPrefix("\""), content.hasSuffix("\"") {
            content = content.dropFirst().dropLast()
        } else if content.contains(where: { ":#{}[],&*!|>'%@`".contains($0) }), key == "text" {
            return false
        }
        guard !content.isEmpty, !content.contains("\""), !content.contains("\\") else { return false }
        return key == "text" || isAction(String(content))
    }

    private static func isAction(_ action: String) -> Bool {
        guard !action.contains(where: \.isWhitespace) else { return false }
        return ["https://", "mailto:", "tel:+39", "sms:+39"].contains { target in
            let prefix = "iohandledlink://" + target
            return action.hasPrefix(prefix) && action.count > prefix.count
        }
    }
}
