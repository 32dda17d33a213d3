import Civic

/// The JSON Schema of each configuration file, for editors. Written from the same shapes that reading is strict by, in
/// draft-07, which is what the YAML language server understands.
public enum ConfigurationSchema {
    /// `rules.yaml` stands for every file in `rules`.
    public static var all: [(file: String, json: String)] {
        Shapes.files.map { ($0.file, schema(of: $0.shape, file: $0.file).text) }
    }

    /// The schemas as files below a configuration directory, to which the first line of each YAML file points.
    public static var files: [(path: String, text: String)] {
        all.map { ("schema/\($0.file.replacing(".yaml", with: ".json"))", $0.json + "\n") }
    }

    private static func schema(of shape: Shape, file: String) -> JSON {
        var definitions: [String: JSON] = [:]
        let root = object(shape, &definitions)
        guard case .object(let members) = root else { return root }
        return .object(
            [
                ("$schema", .string("http://json-schema.org/draft-07/schema#")),
                ("title", .string(file)),
            ] + members
                + [("definitions", .object(definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))])
    }

    private static func object(_ shape: Shape, _ definitions: inout [String: JSON]) -> JSON {
        // A form's fields are the city's own.
        if shape.keys.isEmpty { return .object([("type", .string("object"))]) }
        var properties: [(String, JSON)] = []
        for key in shape.keys {
            if case .notYet = key.kind { continue }
            guard case .object(let members) = schema(of: key.kind, &definitions) else { continue }
            properties.append((key.name, described(members, key.meaning)))
        }
        let required = shape.keys.filter(\.required).map(\.name)
        return .object(
            [("type", .string("object")), ("properties", .object(properties))]
                + (required.isEmpty ? [] : [("required", .strings(required))])
                + [("additionalProperties", .bool(false))])
    }

    /// In draft-07 nothing counts beside `$ref`.
    private static func described(_ members: [(String, JSON)], _ meaning: String) -> JSON {
        let isReference = members.contains { $0.0 == "$ref" }
        return .object(
            (isReference ? [("allOf", .array([.object(members)]))] : members) + [("description", .string(meaning))])
    }

    private static func schema(of kind: Shape.Kind, _ definitions: inout [String: JSON]) -> JSON {
        switch kind {
        case .text, .expandable: return .object([ConfigurationSchema.text])
        case .secret:
            return .object([
                ("type", .string("string")), ("pattern", .string("^\\$\\{(env|file|credential):[^}]+\\}$")),
            ])
        case .flag: return .object([("type", .string("boolean"))])
        case .number(let range):
            return .object([
                ("type", .string("integer")), ("minimum", .int(Int64(range.lowerBound))),
                ("maximum", .int(Int64(range.upperBound))),
            ])
        case .choice(let words): return .object([("enum", .strings(words))])
        case .suggested(let words):
            return .object([("anyOf", .array([.object([("enum", .strings(words))]), .object([text])]))])
        case .list(let inner): return .object([("type", .string("array")), ("items", schema(of: inner, &definitions))])
        case .some(let inner):
            let one = schema(of: inner, &definitions)
            return .object([
                ("anyOf", .array([one, .object([("type", .string("array")), ("items", one)])]))
            ])
        case .names:
            return .object([
                (
                    "anyOf",
                    .array([
                        .object([text]),
                        .object([("type", .string("object")), ("additionalProperties", .object([text]))]),
                    ])
                )
            ])
        case .either(let first, let second):
            return .object([("anyOf", .array([schema(of: first, &definitions), schema(of: second, &definitions)]))])
        case .mapping(let shape):
            let shape = shape()
            let name = shape.name.split(separator: " ").joined(separator: "-")
            if definitions[name] == nil {
                definitions[name] = .null  // a condition within this one finds it begun
                definitions[name] = object(shape, &definitions)
            }
            return .object([("$ref", .string("#/definitions/\(name)"))])
        case .notYet: return .bool(false)
        }
    }

    /// What YAML reads as a number or a truth value is a word where a word belongs.
    private static let text = ("type", JSON.strings(["string", "number", "boolean"]))
}
