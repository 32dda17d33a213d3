import CCLD2

/// In which language a text is written, by CLD2: it knows some eighty, also in texts of a few words.
enum LanguageDetector {
    /// Bytes that are looked at: more tell nothing new.
    private static let most = 1000

    /// - Parameter home: the city's own language (ISO 639-1), the likelier one in doubt.
    /// - Returns: an ISO 639-1 code (ISO 639-2 or -3 where that has none), or nil if the text does not tell.
    static func language(of text: String, home: String) -> String? {
        var text = text
        var code = [CChar](repeating: 0, count: 16)
        let isSure = text.withUTF8 { utf8 in
            var end = min(utf8.count, most)
            // Not within a character.
            while end > 0, end < utf8.count, utf8[end] & 0xC0 == 0x80 { end -= 1 }
            return utf8.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { ccld2_detect($0, end, home, &code, code.count) == 1 } ?? false
            }
        }
        let found = String(decoding: code.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // `xx` and a script: signs, not a language.
        guard isSure, !found.hasPrefix("xx") else { return nil }
        return official[found] ?? String(found.prefix { $0 != "-" })
    }

    /// Codes that CLD2 still calls by their former names.
    private static let official = ["iw": "he", "in": "id", "ji": "yi", "jw": "jv"]
}
