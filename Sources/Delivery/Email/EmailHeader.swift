import Civic

/// Header fields as RFC 5322 and RFC 2047 want them: ASCII, lines of at most 78 characters.
///
/// Values come from templates and citizens. Whatever could end a line is gone before they are written, so no value can
/// become a second header.
enum EmailHeader {
    static let lineLength = 78
    private static let wordPrefix = "=?UTF-8?B?"
    private static let wordSuffix = "?="
    /// RFC 2047, 2: an encoded word has at most 75 characters.
    private static let wordLength = 75

    /// A field whose value is ASCII and short by construction.
    static func field(_ name: String, _ value: String) -> String {
        if isPrintableASCII(value) { return "\(name): \(value)\r\n" }
        let safe = value.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }
        return "\(name): \(String(String.UnicodeScalarView(safe)))\r\n"
    }

    /// Free text (RFC 5322, 3.2.5).
    static func text(_ name: String, _ value: String) -> String {
        let value = PlainText.singleLine(value)
        let line = "\(name): \(value)"
        if isPrintableASCII(value), !holdsEncodedWord(value), line.utf8.count <= lineLength { return line + "\r\n" }
        let words = encodedWords(value, firstColumn: name.utf8.count + 2)
        return "\(name): " + words.joined(separator: "\r\n ") + "\r\n"
    }

    static func mailbox(_ name: String, _ mailbox: Mailbox) -> String {
        guard let display = mailbox.name else { return "\(name): \(mailbox.address)\r\n" }
        return phrase(name, display, before: "<\(mailbox.address)>")
    }

    /// Somebody's or something's name, and what it stands for in angle brackets.
    static func phrase(_ name: String, _ display: String, before angle: String) -> String {
        let phrase = phrase(display, firstColumn: name.utf8.count + 2)
        let lastLine = phrase.last.map { $0.utf8.count + (phrase.count == 1 ? name.utf8.count + 2 : 1) } ?? 0
        let separator = lastLine + 1 + angle.utf8.count <= lineLength ? " " : "\r\n "
        return "\(name): " + phrase.joined(separator: "\r\n ") + separator + angle + "\r\n"
    }

    /// `Sat, 21 Nov 2026 10:30:00 +0100`
    static func date(_ moment: Timestamp, in zone: Zone) -> String {
        let local = zone.local(moment)
        let offset = zone.offset(at: moment) / 60
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let sign = offset < 0 ? "-" : "+"
        let time = [local.hour, local.minute, local.secondOfDay % 60].map(twoDigits).joined(separator: ":")
        return "\(days[local.date.weekday.rawValue]), \(twoDigits(local.date.day)) \(months[local.date.month - 1]) "
            + "\(local.date.year) \(time) \(sign)\(twoDigits(abs(offset) / 60))\(twoDigits(abs(offset) % 60))"
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The lines of a display name: atoms, a quoted string, or encoded words.
    private static func phrase(_ name: String, firstColumn: Int) -> [String] {
        guard isPrintableASCII(name), !holdsEncodedWord(name), firstColumn + name.utf8.count + 2 <= lineLength else {
            return encodedWords(name, firstColumn: firstColumn)
        }
        if name.utf8.allSatisfy({ Mailbox.isAtomByte($0) || $0 == 0x20 }) { return [name] }
        let escaped = name.reduce(into: "") { text, character in
            if character == "\"" || character == "\\" { text.append("\\") }
            text.append(character)
        }
        guard firstColumn + escaped.utf8.count + 2 <= lineLength else {
            return encodedWords(name, firstColumn: firstColumn)
        }
        return ["\"\(escaped)\""]
    }

    /// Never splits a scalar between two words (RFC 2047, 5).
    static func encodedWords(_ text: String, firstColumn: Int) -> [String] {
        var words: [String] = []
        var bytes: [UInt8] = []
        func room() -> Int {
            let column = words.isEmpty ? firstColumn : 1
            let length = min(wordLength, lineLength - column) - wordPrefix.utf8.count - wordSuffix.utf8.count
            return max(length / 4 * 3, 4)
        }
        for scalar in text.unicodeScalars {
            let encoded = Array(String(scalar).utf8)
            if bytes.count + encoded.count > room() {
                words.append(wordPrefix + Base64.encode(bytes) + wordSuffix)
                bytes = []
            }
            bytes += encoded
        }
        if !bytes.isEmpty || words.isEmpty { words.append(wordPrefix + Base64.encode(bytes) + wordSuffix) }
        return words
    }

    private static func isPrintableASCII(_ text: String) -> Bool {
        PlainText.bytes(of: text) { $0.allSatisfy { (0x20...0x7E).contains($0) } }
    }

    /// Whether it could be taken for one.
    private static func holdsEncodedWord(_ text: String) -> Bool {
        PlainText.bytes(of: text) { bytes in
            zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
        }
    }
}
