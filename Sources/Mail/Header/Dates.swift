import CMail
import Civic

/// The date of a mail (RFC 5322, 3.3), with what some programs write instead.
enum Dates {
    static func read(_ raw: ArraySlice<UInt8>) -> Timestamp? {
        let text = String(decoding: EncodedWords.unfold(raw.prefix(200)), as: UTF8.self)
        if let date = Timestamp(rfc3339: text) { return date }
        var words = text.split(separator: " ").map(String.init)
        let hasTime = words.contains { $0.contains(":") && $0.first?.isNumber ?? false }
        let hasZone = words.contains { ($0.hasPrefix("+") || $0.hasPrefix("-")) && $0.count > 4 }
        var leap: Int64 = 0
        for (index, word) in words.enumerated() {
            if word.hasPrefix("+") || word.hasPrefix("-"), word.count == 6, word.dropFirst(3).first == ":" {
                words[index] = word.filter { $0 != ":" }
            } else if !hasZone, let zone = zones[word.uppercased()] {
                words[index] = zone
            } else if !hasTime, isDottedTime(word) {
                words[index] = String(word.map { $0 == "." ? ":" : $0 })
            } else if word.hasSuffix(":60") {
                words[index] = word.dropLast(2) + "59"
                leap = 1
            }
        }
        var isValid: Int32 = 0
        let seconds = cmail_date(words.joined(separator: " ").utf8.cString, &isValid)
        return isValid == 0 ? nil : Timestamp(seconds: seconds + leap)
    }

    /// `9.12` or `09.12.00`.
    private static func isDottedTime(_ word: String) -> Bool {
        let groups = word.split(separator: ".", omittingEmptySubsequences: false)
        return (2...3).contains(groups.count) && groups.allSatisfy { (1...2).contains($0.count) && Int($0) != nil }
    }

    /// Of Europe; RFC 5322 knows those of America only.
    private static let zones = [
        "CET": "+0100", "CEST": "+0200", "MET": "+0100", "MEST": "+0200", "WET": "+0000", "WEST": "+0100",
        "EET": "+0200", "EEST": "+0300", "BST": "+0100",
    ]
}
