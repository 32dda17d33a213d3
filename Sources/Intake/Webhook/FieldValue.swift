/// A form's field as it stands on the wire.
enum FieldValue: Decodable {
    case leaf(String)
    case nested([String: FieldValue])
    case list([FieldValue])

    static let deepest = 16

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        // The path begins with `fields`.
        guard decoder.codingPath.count <= FieldValue.deepest + 1 else {
            throw Problem.invalid(
                Problem.pointer(decoder.codingPath), "fields may be at most \(FieldValue.deepest) deep")
        }
        // A failed attempt costs more than a successful one: what is frequent comes first.
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .leaf("")
        } else if let text = try? value.decode(String.self) {
            self = .leaf(text)
        } else if let number = try? value.decode(Double.self) {
            self = .leaf(FieldValue.text(of: number, in: value))
        } else if let members = try? decoder.container(keyedBy: Name.self) {
            var nested: [String: FieldValue] = [:]
            for name in members.allKeys {
                nested[name.stringValue] = try members.decode(FieldValue.self, forKey: name)
            }
            self = .nested(nested)
        } else if var elements = try? decoder.unkeyedContainer() {
            var list: [FieldValue] = []
            while !elements.isAtEnd { list.append(try elements.decode(FieldValue.self)) }
            self = .list(list)
        } else if let flag = try? value.decode(Bool.self) {
            self = .leaf(flag ? "true" : "false")
        } else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "no text, number, list or object")
        }
    }

    private static func text(of number: Double, in value: any SingleValueDecodingContainer) -> String {
        guard number == number.rounded(), abs(number) < 1e19 else { return String(number) }
        if abs(number) < 1e15 { return String(Int64(number)) }
        return (try? value.decode(Int64.self)).map { String($0) } ?? String(number)
    }
}

/// A form's fields by name: nested members are joined with dots, the elements of a list with commas. What nested
/// objects and lists hold within a list is named by its place in it, from 0.
struct FieldTable {
    static let most = 1000
    /// Of a name, in characters (Unicode scalars).
    static let nameLength = 200

    private(set) var values: [String: String] = [:]

    /// - Throws: `Problem` 422 as soon as there are too many fields or a name is too long, or if two fields come to the
    ///   same name, as `{"a.b": 1, "a": {"b": 2}}` do.
    init(_ members: [String: FieldValue]) throws(Problem) { try add(members, under: "") }

    private mutating func add(_ members: [String: FieldValue], under name: String) throws(Problem) {
        // In order, so that of several faults the same one is told each time.
        for (member, value) in members.sorted(by: { $0.key < $1.key }) { try add(value, under: joined(name, member)) }
    }

    private mutating func add(_ value: FieldValue, under name: String) throws(Problem) {
        switch value {
        case .leaf(let text): try set(name, text)
        case .nested(let members): try add(members, under: name)
        case .list(let elements):
            var leaves: [String] = []
            for (index, element) in elements.enumerated() {
                if case .leaf(let text) = element {
                    leaves.append(text)
                } else {
                    try add(element, under: joined(name, String(index)))
                }
            }
            if !leaves.isEmpty { try set(name, leaves.joined(separator: ", ")) }
        }
    }

    private func joined(_ name: String, _ member: String) throws(Problem) -> String {
        let joined = name.isEmpty ? member : "\(name).\(member)"
        guard joined.unicodeScalars.count <= FieldTable.nameLength else {
            throw .invalid("/fields", "a field's name is longer than \(FieldTable.nameLength) characters")
        }
        return joined
    }

    private mutating func set(_ name: String, _ text: String) throws(Problem) {
        guard values.count < FieldTable.most else {
            throw .invalid("/fields", "more than \(FieldTable.most) fields")
        }
        guard values.updateValue(text.storable, forKey: name.storable) == nil else {
            throw .invalid("/fields", "two fields have the same name once those of nested ones are joined with dots")
        }
    }
}
