/// Folds one scalar: the definition of folding, of which `FoldedText` is the fast walk.
struct ScalarFolder: Sendable {
    let form: FoldedForm
    /// The answers for all scalars of one or two UTF-8 bytes.
    let narrow: [UInt64]

    static let words = ScalarFolder(.words)
    static let light = ScalarFolder(.light)

    private init(_ form: FoldedForm) {
        self.form = form
        narrow = (0..<0x800).map { value in
            Unicode.Scalar(UInt32(value)).map { ScalarFolder.fold($0, form) } ?? 0
        }
    }

    /// The folded scalar's UTF-8 bytes, the first one lowest; 0 if it vanishes, 0x20 for a separator.
    ///
    /// Never more than three bytes for each byte of the scalar's own UTF-8.
    func packed(_ scalar: Unicode.Scalar) -> UInt64 {
        scalar.value < 0x800 ? narrow[Int(scalar.value)] : ScalarFolder.fold(scalar, form)
    }

    private static func fold(_ scalar: Unicode.Scalar, _ form: FoldedForm) -> UInt64 {
        let value = scalar.value
        if value < 0x80 { return ascii(value, form) }
        if vanishes(value) { return 0 }
        if let plain = plain(value) { return ascii(plain, form) }
        if let expansion = FoldTables.expansion(value) { return pack(expansion) }
        if let entry = FoldTables.entry(value) {
            switch entry {
            case 0x5F: return 0
            case 0x20: return form == .words ? 0x20 : pack(scalar)
            default:
                if let expansion = FoldTables.expansion(entry) { return pack(expansion) }
                return Unicode.Scalar(entry).map(pack) ?? 0
            }
        }
        if isPartOfWord(scalar) { return lowerCased(scalar, form) }
        return form == .words ? 0x20 : pack(scalar)
    }

    private static func ascii(_ value: UInt32, _ form: FoldedForm) -> UInt64 {
        switch value {
        case 0x41...0x5A: UInt64(value + 0x20)
        case 0x30...0x39, 0x61...0x7A: UInt64(value)
        // A NUL packs to nothing, so it is a space in both forms.
        case 0: 0x20
        default: form == .words ? 0x20 : UInt64(value)
        }
    }

    /// Zero-width characters, soft hyphens, directional and variation marks, and combining marks of Latin, Greek and Cyrillic.
    private static func vanishes(_ value: UInt32) -> Bool {
        switch value {
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF, 0xFE00...0xFE0F: true
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F: true
        default: false
        }
    }

    /// The ASCII character that a typographic one stands for.
    private static func plain(_ value: UInt32) -> UInt32? {
        switch value {
        case 0xA0, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: 0x20
        case 0xB2: 0x32
        case 0xB3: 0x33
        case 0xB9: 0x31
        // Ordinals: `1º` and `1°` are both one word, the number.
        case 0xAA, 0xBA: 0x20
        case 0xAB, 0xBB, 0x201C...0x201F, 0x2033: 0x22
        case 0xB4, 0x2018...0x201B, 0x2032, 0x2BC: 0x27
        case 0x2010...0x2015, 0x2212: 0x2D
        case 0xFF01...0xFF5E: value - 0xFEE0
        default: nil
        }
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        case .decimalNumber, .letterNumber, .otherNumber: true
        // Vowel signs of scripts that write them as marks are part of their words.
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    private static func lowerCased(_ scalar: Unicode.Scalar, _ form: FoldedForm) -> UInt64 {
        let mapping = scalar.properties.lowercaseMapping
        // The lower case may stand in a table: the Ångström sign's is `å`.
        if mapping.unicodeScalars.count == 1, let lower = mapping.unicodeScalars.first, lower != scalar {
            return fold(lower, form)
        }
        // No such mapping exists today; the buffers rely on it.
        guard mapping.utf8.count <= 6 else { return pack(scalar) }
        return pack(mapping.utf8)
    }

    private static func pack(_ scalar: Unicode.Scalar) -> UInt64 {
        pack(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    private static func pack(_ text: StaticString) -> UInt64 { text.withUTF8Buffer { pack($0) } }

    private static func pack(_ bytes: some Collection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
