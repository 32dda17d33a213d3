import CMail

/// From a charset's bytes to text. Labels are wrong or missing as often as not.
enum Charset {
    /// What `label` says if the bytes agree; else UTF-8 if they are, else a superset of what is most common here.
    /// - Parameter most: bytes of UTF-8; the rest is cut.
    static func decode(_ bytes: ArraySlice<UInt8>, label: String?, most: Int = Limits.text) -> String {
        let name = label.map(canonical) ?? ""
        let isASCII = !bytes.contains { $0 >= 0x80 || $0 == 0x1B }
        if isASCII, !wide.contains(name), !name.hasPrefix("utf-7") {
            return String(decoding: bytes.prefix(most), as: UTF8.self)
        }
        if name == "utf-8" || trusts(name) == false, let text = valid(bytes, most: most) { return text }
        if trusts(name), let (text, wrong) = convert(bytes, from: name, most: most) {
            // Wrongly labelled UTF-8 is almost never valid by chance.
            if wrong == 0 && !(single.contains(name) && mixed(bytes)) { return text }
            if let text = valid(bytes, most: most) { return text }
            return text
        }
        if let (text, wrong) = detected(bytes, most: most), wrong == 0 { return text }
        // A label that nobody knows says nothing.
        if trusts(name), !wide.contains(name), let text = valid(bytes, most: most) { return text }
        if name == "utf-8", mostlyUTF8(bytes) { return String(decoding: bytes.prefix(most), as: UTF8.self) }
        return convert(bytes, from: "windows-1252", most: most)?.text
            ?? String(decoding: bytes.prefix(most), as: UTF8.self)
    }

    /// A label that says something of its own: not ASCII, not UTF-8, not unknown.
    private static func trusts(_ name: String) -> Bool { !["", "us-ascii", "utf-8", "unknown-8bit"].contains(name) }

    private static func valid(_ bytes: ArraySlice<UInt8>, most: Int) -> String? {
        guard let text = String(validating: bytes.prefix(most), as: UTF8.self) else {
            guard bytes.count > most else { return nil }
            return (1...3).lazy.compactMap { String(validating: bytes.prefix(most - $0), as: UTF8.self) }.first
        }
        return text
    }

    /// At least nine in ten of the bytes beyond ASCII belong to proper UTF-8.
    private static func mostlyUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
        let beyond = bytes.reduce(0) { $0 + ($1 >= 0x80 ? 1 : 0) }
        let wrong = String(decoding: bytes, as: UTF8.self).unicodeScalars.reduce(0) { $0 + ($1 == "\u{FFFD}" ? 1 : 0) }
        return wrong * 10 <= beyond
    }

    /// Valid UTF-8 with at least one character of several bytes.
    private static func mixed(_ bytes: ArraySlice<UInt8>) -> Bool { valid(bytes, most: bytes.count) != nil }

    /// Charsets in which any bytes are valid, so that a false label does not show.
    private static let single: Set<String> = [
        "windows-1252", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1251", "iso-8859-5", "koi8-r",
    ]

    /// Whose text is not ASCII where it looks so.
    private static let wide: Set<String> = ["utf-16", "utf-16le", "utf-16be", "utf-32", "ucs-2", "hz-gb-2312", "hz"]

    /// Without a usable label: ISO-2022 by its escapes, UTF-16 by its mark or its zeros.
    private static func detected(_ bytes: ArraySlice<UInt8>, most: Int) -> (text: String, wrong: Int)? {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            return convert(bytes, from: "utf-16", most: most)
        }
        guard let escape = bytes.firstIndex(of: 0x1B), bytes.endIndex - escape > 3 else { return nil }
        switch (bytes[escape + 1], bytes[escape + 2], bytes[escape + 3]) {
        case (0x24, 0x42, _), (0x24, 0x40, _), (0x28, 0x4A, _): return convert(bytes, from: "iso-2022-jp", most: most)
        case (0x24, 0x29, 0x43): return convert(bytes, from: "iso-2022-kr", most: most)
        default: return nil
        }
    }

    static func convert(_ bytes: ArraySlice<UInt8>, from name: String, most: Int) -> (text: String, wrong: Int)? {
        bytes.withUnsafeBufferPointer { buffer in
            var count = 0
            var wrong = 0
            guard let converted = cmail_convert(name, buffer.baseAddress, buffer.count, most, &count, &wrong) else {
                return nil
            }
            defer { cmail_free(converted) }
            return (String(decoding: UnsafeBufferPointer(start: converted, count: count), as: UTF8.self), wrong)
        }
    }

    /// iconv's name for a label: the superset that senders mean (WHATWG Encoding, 4.2).
    static func canonical(_ label: String) -> String {
        // A comment may stand behind it.
        let name = label.lowercased().prefix { $0 != "(" && $0 != ";" }.filter {
            $0 != "\"" && $0 != "'" && !$0.isWhitespace
        }
        if let alias = aliases[name] { return alias }
        for (prefix, target) in prefixes where name.hasPrefix(prefix) { return target + name.dropFirst(prefix.count) }
        return name
    }

    private static let prefixes = [
        ("x-cp", "cp"), ("cp-", "cp"), ("windows", "windows"), ("iso8859-", "iso-8859-"), ("iso-8859_", "iso-8859-"),
        ("iso_8859-", "iso-8859-"), ("iso8859_", "iso-8859-"), ("8859-", "iso-8859-"), ("iso88", "iso-88"),
        ("x-iso-", "iso-"), ("win-", "windows-"), ("ibm-", "ibm"),
    ]

    private static let aliases: [String: String] = [
        "": "", "none": "", "unknown": "", "default": "", "default_charset": "", "x-unknown": "", "8bit": "",
        "unknown-8bit": "", "x-user-defined": "", "x-unknown-8bit": "", "utf8": "utf-8", "utf-8": "utf-8",
        "utf_8": "utf-8", "unicode-1-1-utf-8": "utf-8", "x-utf-8": "utf-8", "utf8mb4": "utf-8", "cp65001": "utf-8",
        "us-ascii": "us-ascii", "ascii": "us-ascii", "usascii": "us-ascii", "ansi_x3.4-1968": "us-ascii",
        "iso646-us": "us-ascii", "ansi": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252",
        "l1": "windows-1252", "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252", "iso_8859-1": "windows-1252",
        "iso88591": "windows-1252", "iso-88591": "windows-1252", "8859-1": "windows-1252", "iso8859_1": "windows-1252",
        "iso-8859-1-windows-3.1-latin-1": "windows-1252", "iso-8859-1-windows-3.0-latin-1": "windows-1252",
        "x-ansi": "windows-1252", "cp1252": "windows-1252", "windows1252": "windows-1252", "iso-8859-8-i": "iso-8859-8",
        "iso-8859-8-e": "iso-8859-8", "iso-8859-6-i": "iso-8859-6", "iso-8859-9": "windows-1254",
        "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874", "gb2312": "gb18030",
        "gb_2312-80": "gb18030",
        "gbk": "gb18030", "x-gbk": "gb18030", "euc-cn": "gb18030", "cn-gb": "gb18030", "chinesebig5": "big5-hkscs",
        "big5": "big5-hkscs", "x-big5": "big5-hkscs", "cn-big5": "big5-hkscs", "hz-gb-2312": "hz",
        "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "korean": "cp949",
        "ks_c_5601-1989": "cp949", "x-windows-949": "cp949", "shift_jis": "cp932", "shift-jis": "cp932",
        "sjis": "cp932", "x-sjis": "cp932", "ms_kanji": "cp932", "windows-31j": "cp932", "csshiftjis": "cp932",
        "x-euc-jp": "euc-jp", "iso-2022-jp": "iso-2022-jp-3", "csiso2022jp": "iso-2022-jp-3",
        "x-mac-roman": "macintosh", "mac": "macintosh", "macroman": "macintosh", "x-mac-cyrillic": "mac-cyrillic",
        "unicode-1-1-utf-7": "utf-7", "utf7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf16": "utf-16",
        "unicode": "utf-16", "ucs-2": "utf-16", "iso-10646-ucs-2": "utf-16be", "x-koi8-r": "koi8-r", "koi8": "koi8-r",
        "x-x-big5": "big5-hkscs", "cp936": "gb18030", "ms936": "gb18030", "windows-936": "gb18030",
        "cp950": "big5-hkscs",
        "windows-932": "cp932", "windows-949": "cp949", "windows-950": "big5-hkscs",
    ]
}
