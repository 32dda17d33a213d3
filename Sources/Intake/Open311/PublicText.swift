import Foundation

/// A citizen's words for everybody's eyes: without what names or reaches a person, as far as a program can tell.
///
/// E-mail addresses, telephone and card numbers, fiscal codes. A name in a sentence stays: who publishes texts must know
/// that.
enum PublicText {
    static let gap = "[…]"

    static func cleaned(_ text: String) -> String {
        var out = ""
        var word = ""
        for character in text {
            if character.isWhitespace {
                out += shown(word)
                out.append(character)
                word = ""
            } else {
                word.append(character)
            }
        }
        return numbers(hiddenIn: out + shown(word))
    }

    private static func shown(_ word: String) -> String {
        if word.dropFirst().contains("@") { return gap }
        let code = word.filter { $0.isLetter || $0.isNumber }.uppercased()
        return word.utf8.count >= 16 && isFiscalCode(code) ? gap : word
    }

    /// The shape of a person's code, also with the letters that stand for digits where two people would have the same.
    private static func isFiscalCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 16 else { return false }
        func letter(_ index: Int) -> Bool { (0x41...0x5A).contains(bytes[index]) }
        func digit(_ index: Int) -> Bool {
            (0x30...0x39).contains(bytes[index]) || "LMNPQRSTUV".utf8.contains(bytes[index])
        }
        return (0..<6).allSatisfy(letter) && [6, 7, 9, 10, 12, 13, 14].allSatisfy(digit) && letter(8) && letter(11)
            && letter(15)
    }

    /// Seven digits or more in a row, with what people write between them. Dates and house numbers have fewer.
    private static func numbers(hiddenIn text: String) -> String {
        var out = ""
        var run = ""
        var digits = 0
        func flush() {
            // What follows the last digit belongs to the sentence.
            let end = run.lastIndex(where: \.isNumber).map { run.index(after: $0) } ?? run.startIndex
            out += digits >= 7 && !isDate(run[..<end]) ? gap + run[end...] : run
            run = ""
            digits = 0
        }
        for character in text {
            if character.isNumber {
                run.append(character)
                digits += 1
            } else if !run.isEmpty, " -./()+\u{A0}".contains(character) {
                run.append(character)
            } else if run.isEmpty, character == "+" {
                run.append(character)
            } else {
                flush()
                out.append(character)
            }
        }
        flush()
        return out
    }

    /// `21/11/2026`, `2026-11-21`.
    private static func isDate(_ text: Substring) -> Bool {
        let parts = text.split(whereSeparator: { "-./".contains($0) }).map(\.count)
        return parts == [2, 2, 4] || parts == [4, 2, 2] || parts == [1, 2, 4] || parts == [2, 1, 4]
            || parts == [1, 1, 4]
    }
}
