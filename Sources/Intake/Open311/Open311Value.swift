import Civic

/// What Open311 says, before it is XML or JSON.
///
/// The two are the same text by the Spark convention (GeoReport v2, JSON and XML Conversion): JSON has no root element,
/// what is repeated is a list even if there is one of it, and what is empty is null.
indirect enum Open311Value: Hashable, Sendable {
    case text(String?)
    case number(Double?)
    case whole(Int)
    case flag(Bool)
    /// Each under the element's name.
    case list(of: String, [Open311Value])
    case object([Member])

    struct Member: Hashable, Sendable {
        let name: String
        let value: Open311Value
    }

    static func object(_ members: [(String, Open311Value)]) -> Open311Value {
        .object(members.map { Member(name: $0.0, value: $0.1) })
    }

    var json: JSON {
        switch self {
        case .text(let text): text.flatMap { $0.isEmpty ? nil : JSON.string($0) } ?? .null
        case .number(let number): number.map(JSON.double) ?? .null
        case .whole(let number): .int(Int64(number))
        case .flag(let flag): .bool(flag)
        case .list(_, let values): .array(values.map(\.json))
        case .object(let members): .object(members.map { ($0.name, $0.value.json) })
        }
    }

    /// As a document with this root element.
    func xml(root: String) throws(XMLText.Failed) -> [UInt8] {
        try XMLText.bytes { text throws(XMLText.Failed) in
            try text.element(root) { () throws(XMLText.Failed) in try write(to: text) }
        }
    }

    private func write(to text: XMLText) throws(XMLText.Failed) {
        switch self {
        case .text(let words): try text.text(words ?? "")
        case .number(let number): try text.text(number.map { "\($0)" } ?? "")
        case .whole(let number): try text.text("\(number)")
        case .flag(let flag): try text.text(flag ? "true" : "false")
        case .list(let name, let values): for value in values { try value.write(as: name, to: text) }
        case .object(let members): for member in members { try member.value.write(as: member.name, to: text) }
        }
    }

    private func write(as name: String, to text: XMLText) throws(XMLText.Failed) {
        try text.element(name) { () throws(XMLText.Failed) in try write(to: text) }
    }
}
