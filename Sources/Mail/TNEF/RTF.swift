/// Outlook's rich text: its packing (MS-OXRTFCP), and the words of it.
enum RTF {
    /// Null if it is not packed as it should be. What it unpacks to is bounded.
    static func decompress(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var cursor = LittleEndian(bytes)
        guard cursor.uint32() != nil, let size = cursor.uint32(), let kind = cursor.uint32(), cursor.uint32() != nil,
            size <= 16 << 20
        else { return nil }
        if kind == 0x414C_454D { return cursor.bytes(min(Int(size), max(0, bytes.count - 16))).map(Array.init) }
        guard kind == 0x7546_5A4C else { return nil }
        var dictionary = Array(start.utf8)
        var write = dictionary.count
        dictionary += [UInt8](repeating: 0x20, count: 4_096 - write)
        var result: [UInt8] = []
        while result.count < Int(size), let control = cursor.uint8() {
            for bit in 0..<8 where result.count < Int(size) {
                if control >> UInt8(bit) & 1 == 0 {
                    guard let byte = cursor.uint8() else { return result }
                    result.append(byte)
                    dictionary[write] = byte
                    write = (write + 1) % 4_096
                    continue
                }
                guard let high = cursor.uint8(), let low = cursor.uint8() else { return result }
                let reference = Int(high) << 8 | Int(low)
                var read = reference >> 4
                if read == write { return result }
                for _ in 0..<((reference & 0xF) + 2) {
                    let byte = dictionary[read]
                    result.append(byte)
                    dictionary[write] = byte
                    read = (read + 1) % 4_096
                    write = (write + 1) % 4_096
                }
            }
        }
        return result
    }

    /// What the packing's dictionary holds at first (MS-OXRTFCP, 2.1.2.1).
    private static let start =
        #"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbol"#
        + #"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0"# + "\r\n"
        + #"\par \pard\plain\f0\fs20\b\i\u\tab\tx"#

    /// The words, without fonts, colours and what stands for other programs. In one pass, without recursion.
    static func text(_ bytes: [UInt8]) -> String {
        var words = RTFWords(bytes)
        return words.read()
    }
}

private struct RTFWords {
    private let bytes: [UInt8]
    private var at = 0
    private var result: [UInt8] = []
    /// For each open group, whether its words are not shown; and how many characters follow a `\u`.
    private var hidden = [false]
    private var skip = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() -> String {
        while at < bytes.count, result.count < Limits.text {
            let byte = bytes[at]
            at += 1
            switch byte {
            case 0x7B: if hidden.count < 1_000 { hidden.append(hidden[hidden.count - 1]) }
            case 0x7D: if hidden.count > 1 { hidden.removeLast() }
            case 0x5C: control()
            case 0x0A, 0x0D: break
            default: show([byte])
            }
        }
        return PlainText.normalize(String(decoding: result, as: UTF8.self)).trimmingLineEnds
    }

    private mutating func show(_ text: [UInt8]) {
        if !hidden[hidden.count - 1] { result += text }
    }

    private mutating func control() {
        guard at < bytes.count else { return }
        let first = bytes[at]
        guard (0x61...0x7A).contains(first.lowered) else { return symbol(first) }
        let start = at
        while at < bytes.count, at - start < 40, (0x61...0x7A).contains(bytes[at].lowered) { at += 1 }
        let word = String(decoding: bytes[start..<at], as: UTF8.self)
        let digits = at
        if at < bytes.count, bytes[at] == 0x2D { at += 1 }
        while at < bytes.count, at - digits < 11, (0x30...0x39).contains(bytes[at]) { at += 1 }
        let number = Int(String(decoding: bytes[digits..<at], as: UTF8.self))
        if at < bytes.count, bytes[at] == 0x20 { at += 1 }
        switch word {
        case "par", "line", "row", "sect", "page": show([0x0A])
        case "tab", "cell": show([0x09])
        case "uc": skip = min(max(number ?? 1, 0), 8)
        case "u":
            let code = UInt32(truncatingIfNeeded: (number ?? 0x3F) & 0xFFFF)
            show(Array(String(Unicode.Scalar(code).map(Character.init) ?? "\u{FFFD}").utf8))
            passReplacement()
        case "fonttbl", "colortbl", "stylesheet", "info", "pict", "htmltag", "themedata", "datastore", "object":
            hidden[hidden.count - 1] = true
        default: break
        }
    }

    private mutating func symbol(_ byte: UInt8) {
        at += 1
        switch byte {
        case 0x27:
            let code = UInt8(String(decoding: bytes[at..<min(at + 2, bytes.count)], as: UTF8.self), radix: 16)
            at = min(at + 2, bytes.count)
            if let code { show(Array((Charset.convert([code], from: "windows-1252", most: 8)?.text ?? "").utf8)) }
        case 0x2A: hidden[hidden.count - 1] = true
        case 0x7E: show([0x20])
        case 0x5C, 0x7B, 0x7D: show([byte])
        case 0x0A, 0x0D: show([0x0A])
        default: break
        }
    }

    /// What stands behind a `\u` for programs that know no Unicode.
    private mutating func passReplacement() {
        for _ in 0..<skip where at < bytes.count {
            if bytes[at] == 0x5C, at + 3 < bytes.count, bytes[at + 1] == 0x27 {
                at += 4
            } else if ![0x5C, 0x7B, 0x7D].contains(bytes[at]) {
                at += 1
            }
        }
    }
}
