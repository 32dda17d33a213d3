/// How a foreign sender's data becomes a message, as `fields:` of a channel says it.
public struct FieldMapping: Hashable, Sendable {
    /// Texts within the data that are JSON themselves, read in their place.
    public var jsonIn: [FieldPath] = []
    /// All must hold, else the data is kept and opens nothing.
    public var when: [Condition] = []
    /// If one holds, the data is kept and opens nothing.
    public var unless: [Condition] = []

    /// Each the first of its sources that gives something.
    public var id: [FieldSource] = []
    public var sentAt: [FieldSource] = []
    public var name: [FieldSource] = []
    public var email: [FieldSource] = []
    public var phone: [FieldSource] = []
    public var fiscalCode: [FieldSource] = []
    public var subject: [FieldSource] = []
    public var text: [FieldSource] = []
    public var language: [FieldSource] = []
    public var latitude: [FieldSource] = []
    public var longitude: [FieldSource] = []
    public var address: [FieldSource] = []
    public var files: Files?
    /// Structured fields by name, for rules.
    public var fields: [String: [FieldSource]] = [:]
    /// Whether what is used nowhere becomes fields, too.
    public var keepsRest = true

    public init() {}

    /// Files that stand within the data.
    public struct Files: Hashable, Sendable {
        public var list: FieldPath
        /// Within an element; the element itself if nil. Base64, or a `data:` address.
        public var content: FieldPath?
        public var name: FieldPath?
        public var type: FieldPath?
    }

    public struct Condition: Hashable, Sendable {
        public var path: FieldPath
        /// One of these; none: it is filled in.
        public var values: [String]
    }
}

/// Where a value stands in foreign data: members joined with dots, `[2]` for one of a list (from 0), `*` for all.
///
/// A member's own name may have dots in it: `data.applicant.name` finds `{"data": {"applicant.name": …}}` as well.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    public enum Step: Hashable, Sendable {
        /// A member's name, or a number: an element's place.
        case member(String)
        case every
    }

    public let steps: [Step]
    public let description: String

    public static let most = 32

    public struct Mistake: Error, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    public init(_ text: String) throws(Mistake) {
        description = text
        guard !text.isEmpty else { throw Mistake("the path is empty") }
        guard !text.hasPrefix("$") else { throw Mistake("a path begins with a member's name: leave out $.") }
        var steps: [Step] = []
        var rest = text[...]
        while true {
            let name = rest.prefix { !".[]{}".contains($0) }
            guard !name.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
                throw Mistake("the path \(text.debugDescription) has a control character in it")
            }
            rest = rest[name.endIndex...]
            if name == "*" {
                steps.append(.every)
            } else if !name.isEmpty {
                steps.append(.member(String(name)))
            } else if rest.first != "[" || !steps.isEmpty {
                throw Mistake("the path \(text) lacks a name: members are joined with one dot")
            }
            while rest.first == "[" {
                guard let end = rest.firstIndex(of: "]") else {
                    throw Mistake("the path \(text) has a [ without its ]")
                }
                let index = rest[..<end].dropFirst()
                guard index == "*" || index.utf8.allSatisfy({ (0x30...0x39).contains($0) }) && Int(index) != nil else {
                    throw Mistake("the path \(text): expected a number from 0, or *, in brackets")
                }
                steps.append(index == "*" ? .every : .member(String(Int(index) ?? 0)))
                rest = rest[end...].dropFirst()
            }
            guard let next = rest.popFirst() else { break }
            guard next == "." else { throw Mistake("the path \(text) has a \(next) where a dot belongs") }
        }
        guard steps.count <= FieldPath.most else {
            throw Mistake("the path has more than \(FieldPath.most) parts")
        }
        self.steps = steps
    }
}

/// What gives a value.
public enum FieldSource: Hashable, Sendable {
    /// What stands there.
    case path(FieldPath)
    /// Lines of words and places; one whose places are all empty is left out.
    case template([[Piece]])
    /// These words.
    case words(String)

    public enum Piece: Hashable, Sendable {
        case words(String)
        case place(FieldPath)
    }

    /// A text with a place in braces is a template, every other a path.
    public init(_ text: String) throws(FieldPath.Mistake) {
        guard text.contains(where: { $0 == "{" || $0 == "}" }) else {
            self = .path(try FieldPath(text))
            return
        }
        var lines: [[Piece]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(try FieldSource.pieces(line))
        }
        self = .template(lines)
    }

    private static func pieces(_ line: Substring) throws(FieldPath.Mistake) -> [Piece] {
        var pieces: [Piece] = []
        var rest = line
        while !rest.isEmpty {
            let words = rest.prefix { $0 != "{" && $0 != "}" }
            if !words.isEmpty { pieces.append(.words(String(words))) }
            rest = rest[words.endIndex...]
            guard let brace = rest.first else { break }
            guard brace == "{", let end = rest.firstIndex(of: "}") else {
                throw FieldPath.Mistake("a \(brace) without its \(brace == "{" ? "}" : "{")")
            }
            pieces.append(.place(try FieldPath(String(rest[..<end].dropFirst()))))
            rest = rest[end...].dropFirst()
        }
        return pieces
    }
}
