import Civic

/// What the other side said, made fit for a log and for the record: one short line in which nobody can be recognised.
enum Reason {
    private static let limit = 200

    /// Leaves out e-mail addresses, fiscal codes and long runs of digits (VAT, phone and card numbers).
    static func cleaned(_ text: String) -> String {
        // Whatever is far beyond the limit need not be looked at.
        let line = PlainText.singleLine(String(text.unicodeScalars.prefix(limit * 10)))
        let words = line.split(separator: " ").map { $0.contains("@") ? "[…]" : masked($0) }
        return PlainText.shortened(words.joined(separator: " "), toUTF16: limit)
    }

    /// Masks, in one word, each run of letters and digits that may name somebody.
    private static func masked(_ word: Substring) -> String {
        var result = ""
        var run = ""
        for character in word {
            if character.isASCII, character.isLetter || character.isNumber {
                run.append(character)
            } else {
                result += maskedRun(run)
                result.append(character)
                run = ""
            }
        }
        return result + maskedRun(run)
    }

    private static func maskedRun(_ run: String) -> String {
        if holdsFiscalCode(run) { return "[…]" }
        var digits = 0
        for byte in run.utf8 {
            digits = (0x30...0x39).contains(byte) ? digits + 1 : 0
            if digits >= 7 { return "[…]" }
        }
        return run
    }

    private static func holdsFiscalCode(_ run: String) -> Bool {
        let letters = Array(run.uppercased().utf8)
        guard letters.count >= 16 else { return false }
        return (0...letters.count - 16).contains { start in
            FiscalCode.matchesPattern(String(decoding: letters[start..<start + 16], as: UTF8.self))
        }
    }
}
