import Yams

/// Keeps YAML's aliases out. A few of them, nested, expand to more nodes than any memory holds, and Yams compares
/// whole keys while it composes: they must be found before it sees them.
///
/// Only a parser can tell an alias from a star in a comment or in quotes. So a copy in which another sign stands for
/// every star is composed: where the text had an alias, the copy has a plain text that begins with that sign.
enum YAMLAliases {
    /// The first alias of a text. Line and column count from 1.
    struct Found: Error {
        let line: Int
        let column: Int
    }

    /// A private-use character, which nobody writes and YAML allows.
    private static let sign: Unicode.Scalar = "\u{F8A0}"

    /// - Throws: `Found`; `YamlError` if the text is not YAML.
    static func refuse(in text: String) throws {
        guard mayHold(text.utf8, mark: UInt8(ascii: "&")), mayHold(text.utf8, mark: UInt8(ascii: "*")) else { return }
        var copy = String.UnicodeScalarView()
        copy.append(contentsOf: text.unicodeScalars.lazy.map { $0 == "*" ? sign : $0 })
        guard let root = try Yams.compose(yaml: String(copy), .basic) else { return }
        if let mark = first(in: root) { throw Found(line: mark.line, column: mark.column) }
    }

    /// Whether `mark` stands before a character of which names are made. An alias without any anchor is an error that
    /// Yams reports by itself.
    private static func mayHold(_ text: String.UTF8View, mark: UInt8) -> Bool {
        var previous: UInt8 = 0
        for byte in text {
            if previous == mark, byte < 0x80,
                byte == 0x2D || byte == 0x5F || Character(Unicode.Scalar(byte)).isLetter
                    || (0x30...0x39).contains(byte)
            {
                return true
            }
            previous = byte
        }
        return false
    }

    /// Recursive: call it where the stack is large.
    private static func first(in node: Node) -> Mark? {
        switch node {
        case .scalar(let scalar):
            return scalar.style == .plain && scalar.string.unicodeScalars.first == sign ? scalar.mark : nil
        case .sequence(let sequence):
            for entry in sequence { if let found = first(in: entry) { return found } }
        case .mapping(let mapping):
            for (key, value) in mapping { if let found = first(in: key) ?? first(in: value) { return found } }
        case .alias(let alias): return alias.mark
        }
        return nil
    }
}
