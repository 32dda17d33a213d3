/// A folder's name as IMAP sends it: modified UTF-7 (RFC 3501, 5.1.3). All servers take it, those with UTF8=ACCEPT
/// too, as long as nobody enables that.
enum MailboxName {
    /// Printable ASCII stands for itself, `&` becomes `&-`, all else is UTF-16 in base64 between `&` and `-`.
    static func encode(_ name: String) -> String {
        var out = ""
        var units: [UInt16] = []
        func flush() {
            guard !units.isEmpty else { return }
            out += "&" + base64(units) + "-"
            units = []
        }
        for scalar in name.unicodeScalars {
            switch scalar.value {
            case 0x26:
                flush()
                out += "&-"
            case 0x20...0x7E:
                flush()
                out.unicodeScalars.append(scalar)
            default: units.append(contentsOf: String(scalar).utf16)
            }
        }
        flush()
        return out
    }

    /// - Returns: nil for what is not modified UTF-7.
    static func decode(_ bytes: some Sequence<UInt8>) -> String? {
        var out = ""
        var run: [UInt8]?
        for byte in bytes {
            guard let open = run else {
                guard (0x20...0x7E).contains(byte) else { return nil }
                if byte == 0x26 { run = [] } else { out.unicodeScalars.append(Unicode.Scalar(byte)) }
                continue
            }
            if byte != 0x2D {
                run = open + [byte]
            } else if open.isEmpty {
                out += "&"
                run = nil
            } else {
                guard let text = text(open) else { return nil }
                out += text
                run = nil
            }
        }
        return run == nil ? out : nil
    }

    /// RFC 3501's base64: `,` in place of `/`, no padding.
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,".utf8)

    private static func base64(_ units: [UInt16]) -> String {
        let bytes = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        var out: [UInt8] = []
        var bits = 0
        var value = 0
        for byte in bytes {
            value = value << 8 | Int(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(alphabet[value >> bits & 63])
            }
            value &= (1 << bits) - 1
        }
        if bits > 0 { out.append(alphabet[value << (6 - bits) & 63]) }
        return String(decoding: out, as: UTF8.self)
    }

    private static func text(_ run: [UInt8]) -> String? {
        var bytes: [UInt8] = []
        var bits = 0
        var value = 0
        for byte in run {
            guard let digit = alphabet.firstIndex(of: byte) else { return nil }
            value = value << 6 | digit
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(value >> bits & 0xFF))
                value &= (1 << bits) - 1
            }
        }
        guard bytes.count % 2 == 0, bits < 6, value == 0 else { return nil }
        let units = stride(from: 0, to: bytes.count, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return String(validating: units, as: UTF16.self)
    }
}
