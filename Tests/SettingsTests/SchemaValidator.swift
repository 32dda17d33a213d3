import Foundation
import Yams

@testable import Settings

/// As much of JSON Schema as the configuration's schemas use, on YAML as YAML 1.2's core schema reads it.
struct SchemaValidator {
    let root: [String: Any]

    /// What does not fit, by path.
    func problems(_ node: Node) throws -> [String] { check(node, root, "") }

    private func check(_ node: Node, _ schema: [String: Any], _ path: String) -> [String] {
        var problems: [String] = []
        for (keyword, value) in schema where !fits(node, keyword, value, schema, path, &problems) {
            problems.append("\(path): \(keyword)")
        }
        return problems
    }

    /// Adds problems found deeper, and tells whether `node` itself fits one keyword.
    private func fits(
        _ node: Node, _ keyword: String, _ value: Any, _ schema: [String: Any], _ path: String,
        _ problems: inout [String]
    ) -> Bool {
        switch keyword {
        case "$schema", "definitions", "title", "description": return true
        case "type": return (value as? [String] ?? [value as? String ?? ""]).contains { isType(node, $0) }
        case "enum": return (value as? [String])?.contains(node.text ?? "") ?? false
        case "minimum": return node.number.map { $0 >= value as? Int ?? .max } ?? true
        case "maximum": return node.number.map { $0 <= value as? Int ?? .min } ?? true
        case "pattern":
            guard let text = node.text, let pattern = value as? String else { return false }
            return text.range(of: pattern, options: .regularExpression) != nil
        case "items":
            guard let entries = node.sequence, let inner = value as? [String: Any] else { return true }
            for (index, entry) in entries.enumerated() { problems += check(entry, inner, "\(path)/\(index)") }
            return true
        case "required":
            guard let mapping = node.mapping, let names = value as? [String] else { return true }
            return names.allSatisfy { name in mapping.keys.contains { $0.text == name } }
        case "properties":
            guard let mapping = node.mapping, let properties = value as? [String: [String: Any]] else { return true }
            for (key, entry) in mapping {
                if let inner = properties[key.text ?? ""] {
                    problems += check(entry, inner, "\(path)/\(key.text ?? "")")
                }
            }
            return true
        case "additionalProperties":
            guard let mapping = node.mapping else { return true }
            let known = schema["properties"] as? [String: Any] ?? [:]
            let others = mapping.filter { known[$0.key.text ?? ""] == nil }
            guard let inner = value as? [String: Any] else { return others.isEmpty }
            for (_, entry) in others { problems += check(entry, inner, path) }
            return true
        case "anyOf": return (value as? [[String: Any]])?.contains { check(node, $0, path).isEmpty } ?? false
        case "allOf":
            for inner in value as? [[String: Any]] ?? [] { problems += check(node, inner, path) }
            return true
        case "$ref":
            let name = (value as? String)?.replacing("#/definitions/", with: "") ?? ""
            guard let inner = (root["definitions"] as? [String: Any])?[name] as? [String: Any] else { return false }
            problems += check(node, inner, path)
            return true
        default: return false
        }
    }

    private func isType(_ node: Node, _ type: String) -> Bool {
        let isPlainNumber = node.scalar?.style == .plain && node.text.flatMap(Double.init) != nil
        switch type {
        case "object": return node.mapping != nil
        case "array": return node.sequence != nil
        case "boolean": return node.flag != nil
        case "integer": return node.number != nil
        case "number": return isPlainNumber
        case "string": return node.text != nil && node.flag == nil && !isPlainNumber
        default: return false
        }
    }
}
