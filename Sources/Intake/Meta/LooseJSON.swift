import Civic
import Crypto
import Foundation

/// JSON whose shape nobody vouches for: whatever is not as expected is absent, and the rest is read.
enum LooseJSON: Decodable, Hashable, Sendable {
    case null
    case bool(Bool)
    /// As it stands: an id is no quantity.
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([LooseJSON])
    case object([String: LooseJSON])

    /// What lies deeper is null: no messenger sends it.
    static let deepest = 32
    /// Of an authentic delivery: Meta sends up to 1,000 updates at once, of some thirty values each.
    static let most = 100_000

    init(from decoder: any Decoder) throws {
        guard decoder.codingPath.count <= LooseJSON.deepest else {
            self = .null
            return
        }
        // A failed attempt costs more than a successful one: what is frequent comes first.
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let members = try? value.decode([String: LooseJSON].self) {
            self = .object(members)
        } else if let elements = try? value.decode([LooseJSON].self) {
            self = .list(elements)
        } else if let number = try? value.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let flag = try? value.decode(Bool.self) {
            self = .bool(flag)
        } else {
            self = .null
        }
    }

    /// - Throws: `UnreadableDelivery` if the bytes are no JSON.
    init(_ body: [UInt8]) throws(UnreadableDelivery) {
        do throws(Problem) {
            self = try JSONBody.decode(body, values: LooseJSON.most)
            return
        } catch {
            guard let mended = LooseJSON.withoutHalves(body) else { throw UnreadableDelivery(error.detail) }
            do throws(Problem) {
                self = try JSONBody.decode(mended, values: LooseJSON.most)
            } catch {
                throw UnreadableDelivery(error.detail)
            }
        }
    }

    /// With U+FFFD where half of a surrogate pair was escaped: what one citizen's telephone cut in two must not keep out
    /// what others say in the same delivery. Null if there is none.
    private static func withoutHalves(_ body: [UInt8]) -> [UInt8]? {
        func escape(at index: Int) -> UInt16? {
            guard index + 6 <= body.count, body[index] == UInt8(ascii: "\\"), body[index + 1] == UInt8(ascii: "u")
            else {
                return nil
            }
            return UInt16(String(decoding: body[index + 2..<index + 6], as: UTF8.self), radix: 16)
        }
        var mended = body
        var isMended = false
        var index = 0
        while index < body.count {
            guard body[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let unit = escape(at: index) else {
                index += 2
                continue
            }
            let isPair = (0xD800...0xDBFF).contains(unit) && (0xDC00...0xDFFF).contains(escape(at: index + 6) ?? 0)
            if !isPair, (0xD800...0xDFFF).contains(unit) {
                mended.replaceSubrange(index + 2..<index + 6, with: Array("fffd".utf8))
                isMended = true
            }
            index += isPair ? 12 : 6
        }
        return isMended ? mended : nil
    }

    subscript(_ name: String) -> LooseJSON {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// Of a text or whole number, which Meta exchanges now and then; no empty text.
    var text: String? {
        switch self {
        case .text(let text): text.isEmpty ? nil : text
        case .integer(let number): String(number)
        case .number(let number): Int64(exactly: number).map { String($0) }
        default: nil
        }
    }

    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        case .text(let text): Double(text).flatMap { $0.isFinite ? $0 : nil }
        default: nil
        }
    }

    var integer: Int? { number.flatMap { Int(exactly: $0) } }

    var isTrue: Bool { self == .bool(true) }

    var list: [LooseJSON] { if case .list(let elements) = self { elements } else { [] } }

    var members: [String: LooseJSON] { if case .object(let members) = self { members } else { [:] } }

    /// Seconds since the epoch, or milliseconds, as number or text.
    var moment: Timestamp? {
        guard let number, (0..<1e15).contains(number) else { return nil }
        return number < 1e11
            ? Timestamp(microseconds: Int64(number * 1e6)) : Timestamp(microseconds: Int64(number) * 1000)
    }

    /// The same for the same value, in whatever order its members came.
    var digest: String {
        SHA256.hash(data: Data(written.bytes)).prefix(16).map { twoHexDigits($0) }.joined()
    }

    private var written: JSON {
        switch self {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .integer(let number): .int(number)
        case .number(let number): .double(number)
        case .text(let text): .string(text)
        case .list(let elements): .array(elements.map(\.written))
        case .object(let members): .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.written) })
        }
    }
}

private func twoHexDigits(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
}

extension ChatEvent {
    /// - Parameter kind: the messenger's word; of a stranger one, the beginning.
    static func ignored(_ json: LooseJSON, _ kind: String) -> ChatEvent {
        .ignored(id: json.digest, kind: String(kind.prefix(60)))
    }
}
