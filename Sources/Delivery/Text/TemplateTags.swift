/// The tags of a template, read before the Mustache parser sees it, without what operators may not use.
///
/// The rules: variables, sections, inverted sections, comments and partials; no inheritance, lambdas, functions, other
/// delimiters or partials whose name is a variable (a hole in a letter would be found by a citizen); in HTML only
/// escaped variables; sections that are closed, nested less than `maximumDepth` deep, since the parser recurses.
struct TemplateTags {
    struct Problem: Error {
        let line: Int
        let column: Int
        let message: String
    }

    struct Tag {
        enum Role { case variable, section, partial }
        let role: Role
        let name: String
        /// Both from 1; a column is a Unicode scalar.
        let line: Int
        let column: Int
    }

    static let maximumDepth = 16
    private(set) var tags: [Tag] = []
    private var open: [Tag] = []
    private let isHTML: Bool

    init(of text: String, isHTML: Bool) throws(Problem) {
        self.isHTML = isHTML
        let scalars = Array(text.unicodeScalars)
        var (at, line, column) = (0, 1, 1)
        func isDouble(_ brace: Unicode.Scalar, _ index: Int) -> Bool {
            index + 1 < scalars.count && scalars[index] == brace && scalars[index + 1] == brace
        }
        func advance(to end: Int) {
            for scalar in scalars[at..<end] {
                (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
            }
            at = end
        }
        while at < scalars.count {
            guard isDouble("{", at) else {
                advance(to: at + 1)
                continue
            }
            guard var end = (at + 2..<scalars.count).first(where: { isDouble("}", $0) }) else {
                throw Problem(line: line, column: column, message: "a tag is not closed with }}")
            }
            let inner = String(String.UnicodeScalarView(scalars[at + 2..<end]))
            if inner.hasPrefix("{") {
                guard end + 2 < scalars.count, scalars[end + 2] == "}" else {
                    throw Problem(line: line, column: column, message: "{{\(inner)}} is not closed with }}}")
                }
                end += 1
            }
            try take(inner, line, column)
            advance(to: end + 2)
        }
        if let first = open.first {
            throw Problem(
                line: first.line, column: first.column,
                message: "the section \(first.name) is not closed: {{/\(first.name)}} is missing")
        }
    }

    private mutating func take(_ inner: String, _ line: Int, _ column: Int) throws(Problem) {
        var rest = Substring(inner)
        let sigil = rest.first.flatMap { "#^/!{&><$=%".contains($0) ? $0 : nil }
        if sigil != nil { rest.removeFirst() }
        let name = PlainText.singleLine(String(rest))
        func refused(_ message: String) -> Problem { Problem(line: line, column: column, message: message) }
        func tag(_ role: Tag.Role) -> Tag { Tag(role: role, name: name, line: line, column: column) }
        switch sigil {
        case "!": return
        case "<", "$", "=", "%":
            throw refused(
                "{{\(inner)}}: only variables, {{#sections}}, {{^inverted sections}}, {{>partials}} and {{! comments}} "
                    + "are available")
        case "{" where isHTML, "&" where isHTML:
            throw refused("{{\(inner)}}: use two braces in HTML, so that nobody's text becomes a tag")
        case ">":
            guard !name.isEmpty, name.utf8.allSatisfy(TemplateTags.isNameByte) else {
                throw refused("{{\(inner)}}: a partial's name has letters, digits, - and _")
            }
            tags.append(tag(.partial))
        case "#", "^":
            open.append(tag(.section))
            guard open.count <= Self.maximumDepth else {
                throw refused("sections are nested more than \(Self.maximumDepth) deep")
            }
            tags.append(tag(.section))
        case "/":
            guard let last = open.popLast() else { throw refused("{{\(inner)}} closes no section") }
            guard last.name == name else {
                throw refused("{{\(inner)}} does not close the section \(last.name) of line \(last.line)")
            }
        default: tags.append(tag(.variable))
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
            || byte == 0x5F
    }
}
