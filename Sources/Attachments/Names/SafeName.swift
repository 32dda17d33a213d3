import Foundation

/// Makes a stranger's file name safe to store, to send in a header and to open on any system.
public enum SafeName {
    /// Bytes of UTF-8. File systems take 255; some are left for those who put something before or behind.
    public static let longest = 200
    /// More of a given name is not looked at: from its beginning and from its end.
    private static let longestGiven = 4096
    private static let fallback = "attachment"

    /// The last component of a path, in NFC, without control, format and unassigned characters (bidirectional overrides
    /// are such), without what Windows forbids, not hidden, not an option, not a device; never empty, at most `longest`
    /// bytes with its extension kept. Applied again it changes nothing.
    ///
    /// - Parameter type: by content, if it is known. The extension then agrees with it: a wrong one of the same kind is
    ///   replaced (`foto.jpg` that is a PNG), any other is kept with the right one behind it (`fattura.pdf.exe`).
    public static func make(_ name: String?, type: String? = nil) -> String {
        let plain = cleaned(name ?? "")
        let (stem, given) = split(plain)
        guard let type else { return bounded(stem: stem, extension: given) }
        let kept = agrees(given.lowercased(), with: type)
        guard !kept, let right = FileTypes.extensions[type]?.first ?? (claimsAnything(given) ? "bin" : nil) else {
            return bounded(stem: stem, extension: given)
        }
        let claimed = FileTypes.typeByExtension[given.lowercased()]
        let isSameKind = claimed.map { kind($0) == kind(type) && !FileTypes.active.contains($0) } ?? false
        if given.isEmpty || (isSameKind && !FileTypes.active.contains(type)) {
            return bounded(stem: stem, extension: right)
        }
        return bounded(stem: stem + "." + given, extension: right)
    }

    /// In lower case; empty if there is none.
    static func `extension`(of name: String?) -> String { split(cleaned(name ?? "")).extension.lowercased() }

    /// `image` of `image/png`; each application is its own kind.
    private static func kind(_ type: String) -> Substring {
        let top = type.prefix { $0 != "/" }
        return top == "application" ? type[...] : top
    }

    private static func agrees(_ given: String, with type: String) -> Bool {
        if let known = FileTypes.extensions[type] { return known.contains(given) || isOther(given, than: type) }
        return !claimsAnything(given)
    }

    /// A text may have an extension that nobody knows: `note.bak`, `dati.2024`.
    private static func isOther(_ given: String, than type: String) -> Bool {
        type == "text/plain" && !given.isEmpty && FileTypes.typeByExtension[given] == nil
    }

    /// The extension is of a type that the content would have shown.
    private static func claimsAnything(_ given: String) -> Bool {
        guard let claimed = FileTypes.typeByExtension[given.lowercased()] else { return false }
        return !FileTypes.active.contains(claimed)
    }
}

// MARK: - Characters

extension SafeName {
    private static func cleaned(_ name: String) -> String {
        var scalars = Array(name.unicodeScalars.suffix(longestGiven * 2))
        if let slash = scalars.lastIndex(where: { $0 == "/" || $0 == "\\" }) { scalars.removeFirst(slash + 1) }
        if scalars.count > longestGiven { scalars.removeSubrange(longestGiven / 2..<scalars.count - longestGiven / 2) }
        // Composing may make characters that are to be replaced (U+037E is a semicolon), and replacing such that compose.
        let first = filtered(text(scalars).precomposedStringWithCanonicalMapping)
        return trimmed(first.precomposedStringWithCanonicalMapping)
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// A path inside an archive, to be shown: as `make`, but with its slashes. Of a long one, the end.
    static func path(_ path: String) -> String {
        let scalars = Array(path.unicodeScalars.suffix(longestGiven))
        let clean = filtered(text(scalars).precomposedStringWithCanonicalMapping, slash: "/")
        var room = longest
        let end = clean.reversed().prefix {
            room -= $0.utf8.count
            return room >= 0
        }
        return String(end.reversed())
    }

    private static func filtered(_ name: String, slash: Unicode.Scalar = "_") -> String {
        var kept: [Unicode.Scalar] = []
        var marks = 0
        for scalar in name.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned: continue
            case .spaceSeparator, .lineSeparator, .paragraphSeparator:
                if kept.last != " " { kept.append(" ") }
            case .nonspacingMark, .enclosingMark:
                // Languages put up to three on a letter; more climb over the lines around.
                marks += 1
                if marks <= 3 { kept.append(scalar) }
                continue
            case _ where scalar == "/" || scalar == "\\": kept.append(slash)
            default: kept.append("<>:\"|?*;`".unicodeScalars.contains(scalar) ? "_" : scalar)
            }
            marks = 0
        }
        return text(kept)
    }

    /// Without dots, spaces and hyphens before it, and dots and spaces behind it, which Windows drops.
    private static func trimmed(_ name: String) -> String {
        let start = name.unicodeScalars.drop { $0 == "." || $0 == " " || $0 == "-" }
        let end = start.reversed().drop { $0 == "." || $0 == " " }
        return text(end.reversed())
    }
}

// MARK: - Parts

extension SafeName {
    /// ASCII letters and digits, as all known extensions are; anything else behind a dot is part of the stem.
    private static func split(_ name: String) -> (stem: String, extension: String) {
        let scalars = name.unicodeScalars
        guard let dot = scalars.lastIndex(of: "."), dot != scalars.startIndex else { return (name, "") }
        let last = scalars[scalars.index(after: dot)...]
        let isPlain = last.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0)) }
        guard isPlain, (1...12).contains(last.count) else { return (name, "") }
        return (String(scalars[..<dot]), String(last))
    }

    private static func bounded(stem: String, extension: String) -> String {
        var stem = trimmed(stem)
        if stem.isEmpty { stem = fallback }
        if isDevice(stem) { stem = "_" + stem }
        let tail = `extension`.isEmpty ? "" : "." + `extension`
        var room = longest - tail.utf8.count
        // By characters as people count them; a character that alone is too long is no character.
        var cut = ""
        for character in stem {
            room -= character.utf8.count
            guard room >= 0 else { break }
            cut.append(character)
        }
        let isShorter = cut.utf8.count < stem.utf8.count
        cut = trimmed(cut)
        // Cutting may leave behind a dot what was no extension before (`….gz è` cut to `….gz`): it would claim a type.
        while isShorter, `extension`.isEmpty, case let (rest, claimed) = split(cut), !claimed.isEmpty {
            cut = trimmed(rest)
        }
        return (cut.isEmpty ? fallback : cut) + tail
    }

    /// Windows opens these as devices, whatever stands behind the first dot ("Naming Files, Paths, and Namespaces").
    private static func isDevice(_ stem: String) -> Bool {
        let base = stem.prefix { $0 != "." }.uppercased().trimmingCharacters(in: .whitespaces)
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(base) { return true }
        let digits = "0123456789¹²³"
        return base.count == 4 && (base.hasPrefix("COM") || base.hasPrefix("LPT")) && digits.contains(base.last ?? " ")
    }
}
