import Foundation

/// Reads a JSON body into a value, with the contract's answers for what cannot be read.
enum JSONBody {
    /// - Throws: `Problem`: 400 if the bytes are no JSON in UTF-8, 422 with a pointer if a member has a wrong type or is
    ///   more than can be read.
    static func decode<Body: Decodable>(
        _ body: [UInt8], as type: Body.Type = Body.self, values: Int = JSONGrammar.values
    ) throws(Problem) -> Body {
        // Foundation would also take UTF-16 and UTF-32, which RFC 8259 forbids between systems.
        guard !body.contains(0), String(validating: body, as: UTF8.self) != nil else {
            throw .malformed("the body is not UTF-8")
        }
        switch JSONGrammar.verdict(on: body, values: values) {
        case .fine: break
        case .malformed(let reason): throw .malformed(reason)
        case .fault(let fault): throw Problem(fault)
        }
        do {
            return try JSONDecoder().decode(Body.self, from: Data(body))
        } catch let problem as Problem {
            throw problem
        } catch let error as DecodingError {
            throw Problem(error)
        } catch {
            throw .malformed("the body is not JSON")
        }
    }
}

extension Problem {
    fileprivate init(_ fault: JSONGrammar.Fault) {
        let path = fault.path.map { step in
            switch step {
            case .element(let index): String(index)
            case .member(let name):
                (try? JSONDecoder().decode(String.self, from: Data([0x22] + name + [0x22])))
                    ?? String(decoding: name, as: UTF8.self)
            }
        }
        self = .invalid(Problem.pointer(path), fault.message)
    }

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
        // The grammar is right, and Foundation does not say where.
        default: self = .invalid("", "a number or text in the body cannot be read")
        }
    }

    static func pointer(_ path: [any CodingKey]) -> String {
        pointer(path.map { $0.intValue.map(String.init) ?? $0.stringValue })
    }

    /// RFC 6901: `~` and `/` in names are escaped.
    private static func pointer(_ path: [String]) -> String {
        path.map { step in
            "/" + step.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
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
