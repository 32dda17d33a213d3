/// A JSON value to be written; members keep their order, so that what we print can be compared.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object([(String, JSON)])
    /// JSON that was written before; the caller vouches for it.
    case verbatim(String)

    public static func optional(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }
    public static func moment(_ at: Timestamp?) -> JSON { at.map { .string($0.rfc3339) } ?? .null }
    public static func strings(_ all: [String]) -> JSON { .array(all.map(JSON.string)) }

    public static func == (a: JSON, b: JSON) -> Bool { a.text == b.text }
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// One line, RFC 8259; numbers that JSON cannot say become null.
    public var text: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        append(to: &bytes)
        return bytes
    }

    private func append(to out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .int(let value): out.append(contentsOf: String(value).utf8)
        case .double(let value): out.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .verbatim(let text): out.append(contentsOf: text.utf8)
        case .string(let value): JSON.append(quoted: value, to: &out)
        case .array(let values):
            out.append(0x5B)
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(0x2C) }
                value.append(to: &out)
            }
            out.append(0x5D)
        case .object(let members):
            out.append(0x7B)
            for (index, (name, value)) in members.enumerated() {
                if index > 0 { out.append(0x2C) }
                JSON.append(quoted: name, to: &out)
                out.append(0x3A)
                value.append(to: &out)
            }
            out.append(0x7D)
        }
    }

    private static func append(quoted text: String, to out: inout [UInt8]) {
        out.append(0x22)
        var text = text
        text.withUTF8 { append(escaped: $0, to: &out) }
        out.append(0x22)
    }

    private static func append(escaped text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var start = 0
        for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F {
            out.append(contentsOf: text[start..<index])
            start = index + 1
            switch byte {
            case 0x22, 0x5C:
                out.append(0x5C)
                out.append(byte)
            case 0x0A: out.append(contentsOf: [0x5C, 0x6E])
            case 0x0D: out.append(contentsOf: [0x5C, 0x72])
            case 0x09: out.append(contentsOf: [0x5C, 0x74])
            default:
                let digits = Array("0123456789abcdef".utf8)
                out.append(contentsOf: [0x5C, 0x75, 0x30, 0x30, digits[Int(byte >> 4)], digits[Int(byte & 15)]])
            }
        }
        out.append(contentsOf: text[start...])
    }
}
