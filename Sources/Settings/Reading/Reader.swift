import Rules
import Yams

/// Reads values out of YAML nodes, strictly: what is not understood is a finding with its place.
final class Reader {
    private(set) var findings: [Finding] = []
    let secrets: SecretSource
    let environment: [String: String]

    init(environment: [String: String], secrets: SecretSource) {
        self.environment = environment
        self.secrets = secrets
    }

    func error(_ message: String, at place: SourcePlace) { findings.append(Finding(.error, message, at: place)) }
    func warn(_ message: String, at place: SourcePlace) { findings.append(Finding(.warning, message, at: place)) }
    func add(_ more: [Finding]) { findings += more }

    /// The members of a mapping, each checked against its shape. Nil if it is no mapping.
    func fields(_ node: Node, _ shape: Shape, in file: YAMLFile) -> Fields? {
        guard case .mapping(let mapping) = node else {
            error("expected \(shape.name) as a mapping, found \(node.kindName)", at: file.place(node))
            return nil
        }
        var members: [(name: String, value: Value)] = []
        members.reserveCapacity(mapping.count)
        // By places: Yams copies a whole mapping to go through it.
        for index in mapping.indices {
            let (keyNode, value) = mapping[index]
            let place = file.place(keyNode)
            guard let name = keyNode.scalar?.string else {
                error("a key must be a word", at: place)
                continue
            }
            guard let key = shape[name] else {
                let suggestion = nearest(name, among: shape.keys.map(\.name))
                error(
                    "\(shape.name) has no key \(name)" + (suggestion.map { "; did you mean \($0)?" } ?? ""), at: place)
                continue
            }
            if case .notYet = key.kind {
                error("\(name) is not available yet: remove it", at: place)
                continue
            }
            guard check(value, key.kind, name, in: file) else { continue }
            members.append((name, Value(node: value, file: file, keyPlace: place)))
        }
        let fields = Fields(members: members, isEmpty: mapping.isEmpty, place: file.place(node), reader: self)
        for key in shape.keys where key.required && fields[key.name] == nil && mapping[key.name] == nil {
            error("\(shape.name) needs the key \(key.name): \(key.meaning)", at: fields.place)
        }
        return fields
    }

    /// Whether `node` has the right type. Deeper mappings are checked when they are read.
    private func check(_ node: Node, _ kind: Shape.Kind, _ name: String, in file: YAMLFile) -> Bool {
        if matches(node, kind) { return true }
        if let inner = kind.entry, case .sequence(let entries) = node {
            for entry in entries where !matches(entry, inner) {
                error("\(name): expected \(inner.words), found \(entry.kindName)", at: file.place(entry))
            }
            return false
        }
        error("\(name): expected \(kind.words), found \(node.kindName)", at: file.place(node))
        return false
    }

    private func matches(_ node: Node, _ kind: Shape.Kind) -> Bool {
        switch kind {
        case .text, .expandable, .secret, .suggested: return node.text != nil
        case .flag: return node.flag != nil
        case .number(let range): return node.number.map(range.contains) ?? false
        case .choice(let words): return node.text.map(words.contains) ?? false
        case .list(let inner):
            guard case .sequence(let entries) = node else { return false }
            return entries.allSatisfy { matches($0, inner) }
        case .some(let inner):
            if matches(node, inner) { return true }
            guard case .sequence(let entries) = node else { return false }
            return entries.allSatisfy { matches($0, inner) }
        case .mapping:
            if case .mapping = node { return true }
            return false
        case .names:
            if case .mapping(let names) = node {
                return names.allSatisfy { $0.key.text != nil && $0.value.text != nil }
            }
            return node.text != nil
        case .either(let first, let second): return matches(node, first) || matches(node, second)
        case .notYet: return true
        }
    }
}

/// A mapping's members. What is absent, or was found wrong already, reads as nil.
struct Fields {
    /// Each name once. They are so few that one is sooner found by looking than by its hash.
    let members: [(name: String, value: Value)]
    /// Whether nothing at all was written, not even something wrong.
    let isEmpty: Bool
    let place: SourcePlace
    let reader: Reader

    subscript(name: String) -> Value? { members.first { $0.name == name }?.value }
    func text(_ name: String) -> String? { self[name]?.node.text }
    func number(_ name: String) -> Int? { self[name]?.node.number }
    func flag(_ name: String) -> Bool? { self[name]?.node.flag }

    func placed(_ name: String) -> Placed<String>? {
        self[name].flatMap { value in value.node.text.map { Placed($0, at: value.place) } }
    }

    /// A list's entries, or the one value that stands for a list of one.
    func texts(_ name: String) -> [Placed<String>] {
        guard let value = self[name] else { return [] }
        guard case .sequence(let entries) = value.node else { return placed(name).map { [$0] } ?? [] }
        return entries.compactMap { node in node.text.map { Placed($0, at: value.file.place(node)) } }
    }

    func fields(_ name: String, _ shape: Shape) -> Fields? {
        self[name].flatMap { reader.fields($0.node, shape, in: $0.file) }
    }

    func expanded(_ name: String) -> String? {
        guard let value = self[name], let text = value.node.text else { return nil }
        return reader.expand(text, at: value.place)
    }

    func secret(_ name: String) -> Secret? {
        guard let value = self[name], let text = value.node.text else { return nil }
        return reader.secret(text, name: name, at: value.place)
    }

    /// Names by language; a single one is the city's language's.
    func names(_ name: String, language: String) -> [String: String] {
        guard let value = self[name] else { return [:] }
        if let text = value.node.text { return [language: text] }
        guard case .mapping(let mapping) = value.node else { return [:] }
        var names: [String: String] = [:]
        for (key, text) in mapping { if let key = key.text, let text = text.text { names[key] = text } }
        return names
    }
}

struct Value {
    let node: Node
    let file: YAMLFile
    let keyPlace: SourcePlace

    var place: SourcePlace { file.place(node) }

    var entries: [Value] {
        guard case .sequence(let sequence) = node else { return [self] }
        return sequence.map { Value(node: $0, file: file, keyPlace: keyPlace) }
    }
}

extension Node {
    /// A scalar's text as it was written: `no` and `112` are words here. Nil for a value that is absent.
    var text: String? {
        guard case .scalar(let scalar) = self else { return nil }
        guard scalar.style == .plain else { return scalar.string }
        return switch scalar.string {
        case "", "~", "null": nil
        default: scalar.string
        }
    }

    var flag: Bool? {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return nil }
        return scalar.string == "true" ? true : scalar.string == "false" ? false : nil
    }

    var number: Int? {
        guard case .scalar(let scalar) = self, scalar.style == .plain else { return nil }
        return Int(scalar.string)
    }

    var kindName: String {
        switch self {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar(let scalar): text == nil ? "nothing" : "“\(scalar.string.prefix(40))”"
        case .alias: "an alias"
        }
    }
}

extension Shape.Kind {
    /// What a list of this kind holds.
    var entry: Shape.Kind? {
        switch self {
        case .list(let inner), .some(let inner): inner
        default: nil
        }
    }

    /// The kind in words, for messages.
    var words: String {
        switch self {
        case .text, .expandable, .suggested: "text"
        case .secret: "${env:NAME}, ${file:PATH} or ${credential:NAME}"
        case .flag: "true or false"
        case .number(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
        case .list(let inner): "a list (\(inner.words))"
        case .some(let inner): "\(inner.words), or a list of them"
        case .mapping(let shape): "\(shape().name) as a mapping"
        case .names: "a name, or names by language ({it: …, en: …})"
        case .either(let first, let second): "\(first.words), or \(second.words)"
        case .notYet: "nothing yet"
        }
    }
}
