import Civic

/// The JSON Schema (draft 2020-12) of each configuration file, for editors. Written from the same shapes that reading
/// is strict by.
public enum ConfigurationSchema {
    /// `rules.yaml` stands for every file in `rules`.
    public static var all: [(file: String, json: String)] {
        Shapes.files.map { ($0.file, schema(of: $0.shape, file: $0.file).text) }
    }

    private static func schema(of shape: Shape, file: String) -> JSON {
        var definitions: [String: JSON] = [:]
        let root = object(shape, &definitions)
        guard case .object(let members) = root else { return root }
        return .object(
            [
                ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
                ("title", .string(file)),
            ] + members + [("$defs", .object(definitions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))])
    }

    private static func object(_ shape: Shape, _ definitions: inout [String: JSON]) -> JSON {
        // A form's fields are the city's own.
        if shape.keys.isEmpty { return .object([("type", .string("object"))]) }
        var properties: [(String, JSON)] = []
        for key in shape.keys {
            if case .notYet = key.kind { continue }
            guard case .object(let members) = schema(of: key.kind, &definitions) else { continue }
            properties.append((key.name, .object(members + [("description", .string(key.meaning))])))
        }
        return .object([
            ("type", .string("object")), ("properties", .object(properties)),
            ("required", .strings(shape.keys.filter(\.required).map(\.name))), ("additionalProperties", .bool(false)),
        ])
    }

    private static func schema(of kind: Shape.Kind, _ definitions: inout [String: JSON]) -> JSON {
        switch kind {
        // What YAML reads as a number or a truth value is a word where a word belongs.
        case .text, .expandable: return .object([("type", .strings(["string", "number", "boolean"]))])
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
                        .object([("type", .string("string"))]),
                        .object([
                            ("type", .string("object")),
                            ("additionalProperties", .object([("type", .string("string"))])),
                        ]),
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
            return .object([("$ref", .string("#/$defs/\(name)"))])
        case .notYet: return .bool(false)
        }
    }
}
