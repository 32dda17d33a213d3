import Foundation

/// As much of JSON Schema as App IO's schemas use; any other keyword is an error, so that nothing passes unseen.
///
/// Lengths are in UTF-16 units, as App IO counts them.
struct JSONSchema {
    struct Unknown: Error { let keyword: String }
    private let root: [String: Any]
    private let name: String

    /// - Parameter name: the definition that holds for the whole.
    init(_ data: Data, definition name: String) throws {
        guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw Unknown(keyword: "not an object")
        }
        self.root = root
        self.name = name
    }

    /// What is wrong, each with its place; empty if the value is valid.
    func faults(in json: [UInt8]) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: Data(json))
        return try faults(value, try definition("#/$defs/\(name)"), at: "")
    }

    private func definition(_ reference: String) throws -> [String: Any] {
        let name = reference.replacingOccurrences(of: "#/$defs/", with: "")
        guard let found = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
            throw Unknown(keyword: reference)
        }
        return found
    }

    private func faults(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
        var faults: [String] = []
        func check(_ holds: Bool, _ what: String) { if !holds { faults.append("\(place): \(what)") } }
        let members = value as? [String: Any]
        for (keyword, argument) in schema {
            switch (keyword, argument) {
            case ("$comment", _), ("default", _), ("title", _): break
            case ("$ref", let reference as String):
                faults += try self.faults(value, try definition(reference), at: place)
            case ("allOf", let parts as [[String: Any]]):
                for part in parts { faults += try self.faults(value, part, at: place) }
            case ("type", let type as String): check(isOf(type, value), "is no \(type)")
            case ("properties", let properties as [String: [String: Any]]):
                for (name, property) in properties {
                    if let member = members?[name] {
                        faults += try self.faults(member, property, at: "\(place)/\(name)")
                    }
                }
            case ("required", let names as [String]):
                for name in names { check(members?[name] != nil, "\(name) is missing") }
            case ("enum", let values as [String]): check((value as? String).map(values.contains) ?? false, "unknown")
            case ("pattern", let pattern as String):
                check((value as? String)?.range(of: pattern, options: .regularExpression) != nil, "not \(pattern)")
            case ("minLength", let least as Int): check((value as? String)?.utf16.count ?? 0 >= least, "too short")
            case ("maxLength", let most as Int): check((value as? String)?.utf16.count ?? 0 <= most, "too long")
            case ("minimum", let least as Int): check((value as? NSNumber)?.int64Value ?? 0 >= least, "too small")
            case ("maximum", let most as Int): check((value as? NSNumber)?.int64Value ?? 0 <= most, "too large")
            default: throw Unknown(keyword: keyword)
            }
        }
        return faults
    }

    private func isOf(_ type: String, _ value: Any) -> Bool {
        switch type {
        case "object": value is [String: Any]
        case "string": value is String
        case "boolean": (value as? NSNumber).map(isBoolean) ?? false
        case "integer":
            (value as? NSNumber).map { !isBoolean($0) && $0.doubleValue.rounded() == $0.doubleValue } ?? false
        default: false
        }
    }

    private func isBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }
}
