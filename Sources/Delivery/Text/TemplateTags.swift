/// Finds the tags of a template before the Mustache parser sees it, and what operators may not use.
///
/// The rules: only the variables that notifications have; no partials, inheritance, lambdas, functions or other
/// delimiters (a missing partial would be an empty hole in a letter, found by a citizen); in HTML only escaped
/// variables; sections nested less than `maximumDepth` deep, since the parser recurses.
struct TemplateTags {
    struct Problem {
        let line: Int
        let message: String
    }

    private static let maximumDepth = 16
    private let variables: Set<String>
    private let isHTML: Bool

    init(variables: Set<String>, isHTML: Bool) {
        self.variables = variables
        self.isHTML = isHTML
    }

    func problem(in text: String) -> Problem? {
        let bytes = Array(text.utf8)
        var at = 0
        var line = 1
        var depth = 0
        while at + 1 < bytes.count {
            if bytes[at] == 0x0A { line += 1 }
            guard bytes[at] == 0x7B, bytes[at + 1] == 0x7B else {
                at += 1
                continue
            }
            guard let end = (at + 2..<bytes.count).first(where: { isEnd(bytes, $0) }) else {
                return Problem(line: line, message: "a tag is not closed with }}")
            }
            let tag = String(decoding: bytes[at + 2..<end], as: UTF8.self)
            if let message = check(tag, depth: &depth) { return Problem(line: line, message: message) }
            line += bytes[at..<end].count { $0 == 0x0A }
            at = end + 2
        }
        return nil
    }

    private func isEnd(_ bytes: [UInt8], _ index: Int) -> Bool {
        index + 1 < bytes.count && bytes[index] == 0x7D && bytes[index + 1] == 0x7D
    }

    private func check(_ tag: String, depth: inout Int) -> String? {
        var name = Substring(tag)
        let sigil = name.first.flatMap { "#^/!{&><$=%".contains($0) ? $0 : nil }
        if sigil != nil { name.removeFirst() }
        switch sigil {
        case "!": return nil
        case ">", "<", "$", "=", "%":
            return "{{\(tag)}}: only variables, {{#sections}}, {{^inverted sections}} and {{! comments}} are available"
        case "{" where isHTML, "&" where isHTML:
            return "{{\(tag)}}: use two braces in HTML, so that nobody's text becomes a tag"
        case "#", "^":
            depth += 1
            if depth > Self.maximumDepth { return "sections are nested more than \(Self.maximumDepth) deep" }
        case "/": depth -= 1
        default: break
        }
        let trimmed = PlainText.singleLine(String(name))
        guard variables.contains(trimmed) else {
            return "there is no variable \(trimmed.isEmpty ? "without a name" : trimmed)"
        }
        return nil
    }
}
