import Foundation

/// Reads a JSON body into a value, with the contract's answers for what cannot be read.
enum JSONBody {
    /// - Throws: `Problem`: 400 if the bytes are no JSON in UTF-8, 422 with a pointer if a member has a wrong type.
    static func decode<Body: Decodable>(_ body: [UInt8], as type: Body.Type = Body.self) throws(Problem) -> Body {
        // Foundation would also take UTF-16 and UTF-32, which RFC 8259 forbids between systems.
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            throw .malformed("the body is not UTF-8")
        }
        guard JSONGrammar.isValid(body) else { throw .malformed("the body is not JSON") }
        do {
            return try JSONDecoder().decode(Body.self, from: Data(body))
        } catch let error as DecodingError {
            throw Problem(error)
        } catch {
            throw .malformed("the body is not JSON")
        }
    }
}

extension Problem {
    fileprivate init(_ error: DecodingError) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .invalid(Problem.pointer(context.codingPath + [key]), "the member is missing")
        case .valueNotFound(_, let context): self = .invalid(Problem.pointer(context.codingPath), "the member is null")
        case .typeMismatch(let type, let context):
            self =
                context.codingPath.isEmpty
                ? .invalid("", "the body must be a JSON object")
                : .invalid(Problem.pointer(context.codingPath), "expected \(Problem.name(of: type))")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            self = .invalid(Problem.pointer(context.codingPath), "the value cannot be read")
        // The grammar is right, and Foundation does not say where: a number too large, a surrogate without its other half.
        default: self = .invalid("", "a number or text in the body cannot be read")
        }
    }

    /// RFC 6901: `~` and `/` in names are escaped.
    private static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            "/"
                + (key.intValue.map(String.init)
                    ?? key.stringValue.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(
                        of: "/", with: "~1"))
        }.joined()
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Double.Type, is Int64.Type: "a number"
        default: "\(type)".hasPrefix("Array") || "\(type)".hasPrefix("[") ? "an array" : "an object"
        }
    }
}
