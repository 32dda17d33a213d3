import Civic

/// Hides what may be a citizen's in a text that came from outside, such as a mail server's answer: words with an `@`,
/// fiscal codes, and long numbers. It is a second fence: whoever observes gives codes, not data.
func masked(_ text: String) -> String {
    // An omocode may have no digit at all, but not fewer than 16 letters.
    let isSuspect = text.utf8.count >= 16 || text.utf8.contains { $0 == 0x40 || (0x30...0x39).contains($0) }
    guard isSuspect else { return text }
    return text.split(separator: " ", omittingEmptySubsequences: false).map(maskedWord).joined(separator: " ")
}

private func maskedWord(_ word: Substring) -> String {
    if word.utf8.contains(0x40) { return "[address]" }
    var result = ""
    var run: [UInt8] = []
    func finish() {
        result += maskedRun(run)
        run = []
    }
    for character in word {
        if let byte = character.asciiValue, character.isLetter || character.isNumber {
            run.append(byte)
        } else {
            finish()
            result.append(character)
        }
    }
    finish()
    return result
}

/// A run of letters and digits; what may name somebody can also be a part of it (`TINITRSSMRA45C12F205C`).
private func maskedRun(_ run: [UInt8]) -> String {
    let capitals = run.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    if capitals.count >= 16 {
        for start in 0...capitals.count - 16
        where FiscalCode.matchesPattern(String(decoding: capitals[start..<start + 16], as: UTF8.self)) {
            return "[fiscal code]"
        }
    }
    var digits = 0
    for byte in run {
        digits = (0x30...0x39).contains(byte) ? digits + 1 : 0
        if digits >= 9 { return "[number]" }
    }
    return String(decoding: run, as: UTF8.self)
}

/// A text without anything that could forge a line, drive a terminal or turn the reading direction. At most `limit`
/// bytes, an ellipsis in place of the rest.
func harmless(_ text: String, limit: Int, keepingNewlines: Bool = false) -> String {
    var result = ""
    var length = 0
    for scalar in text.unicodeScalars {
        let shown = shown(scalar, keepingNewlines: keepingNewlines)
        length += shown.utf8.count
        guard length <= limit else { return result + "…" }
        result += shown
    }
    return result
}

private func shown(_ scalar: Unicode.Scalar, keepingNewlines: Bool) -> String {
    switch scalar.value {
    case 0x0A: keepingNewlines ? "\n" : "\\n"
    case 0x0D: "\\r"
    case 0x09: "\\t"
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0xFEFF:
        "\\u{\(String(scalar.value, radix: 16))}"
    default: String(scalar)
    }
}
