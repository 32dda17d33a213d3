/// What a mapping of a configuration file may hold: the one description from which strict reading and the JSON Schema
/// both follow.
final class Shape: Sendable {
    struct Key: Sendable {
        let name: String
        let kind: Kind
        let required: Bool
        let meaning: String
    }

    indirect enum Kind: Sendable {
        case text
        /// Text in which `${env:NAME}` and `${env:NAME:-else}` are replaced.
        case expandable
        /// `${env:NAME}`, `${file:PATH}` or `${credential:NAME}`, never a literal.
        case secret
        case flag
        case number(ClosedRange<Int>)
        case choice([String])
        /// Text; an editor offers these words.
        case suggested([String])
        case list(Kind)
        /// One value, or a list of them.
        case some(Kind)
        /// By reference, since a condition may hold conditions.
        case mapping(@Sendable () -> Shape)
        /// A name in the city's language, or names by language.
        case names
        /// The shorthand, or the mapping.
        case either(Kind, Kind)
        /// Part of the contract that a later version brings.
        case notYet
    }

    let name: String
    let keys: [Key]
    private let index: [String: Key]

    init(_ name: String, _ keys: [Key]) {
        self.name = name
        self.keys = keys
        index = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> Key? { index[name] }
}

extension Shape.Key {
    static func must(_ name: String, _ kind: Shape.Kind, _ meaning: String) -> Shape.Key {
        Shape.Key(name: name, kind: kind, required: true, meaning: meaning)
    }
    static func may(_ name: String, _ kind: Shape.Kind, _ meaning: String) -> Shape.Key {
        Shape.Key(name: name, kind: kind, required: false, meaning: meaning)
    }
}
