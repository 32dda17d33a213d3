import Foundation
import Settings

/// What a foreign sender posted, read as one tree whatever its form: JSON as it stands; a form as an object of its
/// fields, in which `name[first]` is `name.first`, and `name[]` and repeated names are lists.
struct ForeignBody {
    var data: FieldValue
    /// Of a multipart form.
    var files: [FormBody.File] = []

    /// - Parameter type: the content type as declared; guessed from the body if it is none that is known.
    /// - Throws: `Problem` if it is neither JSON nor a form.
    init(_ body: [UInt8], type: String?) throws(Problem) {
        guard let type = ForeignBody.type(of: body, declared: type) else {
            throw .malformed("the body is neither JSON nor a form")
        }
        guard FormBody.isForm(type) else {
            data = try JSONBody.decode(body)
            return
        }
        let form = try FormBody(body, type: type)
        var values: [String: [String]] = [:]
        for field in form.fields { values[ForeignBody.dotted(field.name), default: []].append(field.value) }
        data = .nested(values.mapValues { $0.count == 1 ? .leaf($0[0]) : .list($0.map(FieldValue.leaf)) })
        files = form.files
    }

    /// curl and small devices call JSON a form, or nothing at all.
    static func type(of body: [UInt8], declared: String?) -> String? {
        let media = declared?.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased() ?? ""
        if media == "multipart/form-data" { return declared }
        if media == "application/json" || media.hasSuffix("+json") { return "application/json" }
        let guess = type(guessedFrom: body)
        return media == "application/x-www-form-urlencoded" && guess != "application/json" ? media : guess
    }

    /// Nil if it looks like neither JSON nor a form.
    static func type(guessedFrom body: [UInt8]) -> String? {
        let rest = body.drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        switch rest.first {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return "application/json"
        case UInt8(ascii: "-") where rest.starts(with: [0x2D, 0x2D]):
            let line = String(decoding: rest.prefix(200).prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
            return "multipart/form-data; boundary=\"\(line.dropFirst(2))\""
        default:
            let isPairs = rest.contains(UInt8(ascii: "=")) && rest.allSatisfy { $0 > 0x20 && $0 != 0x7F }
            return isPairs ? "application/x-www-form-urlencoded" : nil
        }
    }

    private static func dotted(_ name: String) -> String {
        guard name.hasSuffix("]"), let start = name.firstIndex(of: "["), start > name.startIndex else { return name }
        let inner = name[start...].dropFirst().dropLast()
        return ([String(name[..<start])] + inner.components(separatedBy: "][").filter { !$0.isEmpty })
            .joined(separator: ".")
    }

    /// Reads the texts that stand at `path` as JSON, in their place. What is not there, or empty, stays.
    mutating func readJSON(at path: FieldPath) throws(Problem) {
        for found in data.found(at: path) {
            guard case .leaf(let text) = found.value, text.contains(where: { !$0.isWhitespace }) else { continue }
            do throws(Problem) {
                data.replace(found.place[...], with: try JSONBody.decode(Array(text.utf8)))
            } catch {
                throw .malformed("json_in: \(path) is no JSON that can be read: \(error.detail)")
            }
        }
    }
}
