/// The Italian fiscal code (codice fiscale): 16 characters of a person, or 11 digits of a body or, provisionally, of a
/// person.
///
/// The literal code is the identity. Two persons may share all but the substituted digits of an omocode, so codes are
/// never compared decoded. A place of birth is not checked against a list: places are founded and abolished.
/// Rules: D.M. 23 December 1976.
public struct FiscalCode: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// 16 characters.
        case person
        /// 11 digits: a body, or a person with a provisional code. App IO knows neither.
        case numeric
    }

    /// Why a text is not a fiscal code.
    public enum Rejection: Error, Hashable, Sendable, CustomStringConvertible {
        case length, format, date, checkCharacter

        public var description: String {
            switch self {
            case .length: "a fiscal code has 16 characters, or 11 digits"
            case .format: "a fiscal code has letters and digits in fixed places, and one is not in its place"
            case .date: "the fiscal code's date of birth does not exist"
            case .checkCharacter: "the fiscal code's last character does not fit the others"
            }
        }
    }

    /// Normalised: capital letters, no separators.
    public let text: String
    public let kind: Kind

    public init?(_ text: String) {
        guard let code = try? FiscalCode(checking: text) else { return nil }
        self = code
    }

    /// - Parameter placeholders: accepts the invented codes of the official documentation too.
    public init(checking text: String, placeholders: Bool = true) throws(Rejection) {
        // Far more than any code with separators: a long text is not worth normalising.
        guard text.utf8.count <= 128 else { throw .length }
        let normalised = FiscalCode.normalise(text)
        let bytes = Array(normalised.utf8)
        switch bytes.count {
        case 16 where placeholders && FiscalCode.placeholders.contains(normalised): kind = .person
        case 16:
            try FiscalCode.checkPerson(bytes)
            kind = .person
        case 11:
            try FiscalCode.checkNumeric(bytes)
            kind = .numeric
        default: throw .length
        }
        self.text = normalised
    }

    public var description: String { text }
    public var isPerson: Bool { kind == .person }
    /// One of the documentation's invented codes: good for trying things, nobody's identity.
    public var isPlaceholder: Bool { FiscalCode.placeholders.contains(text) }

    /// Without white space, hyphens and colons, in capitals. Only ASCII letters change: `ı` does not become `I`.
    public static func normalise(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar == "-" || scalar == ":" { continue }
            if (0x61...0x7A).contains(scalar.value), let upper = Unicode.Scalar(scalar.value - 0x20) {
                result.append(upper)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }

    /// Whether App IO would take this text, which looks at the characters only:
    /// `^[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]$`.
    public static func matchesPattern(_ text: String) -> Bool { matchesPattern(Array(text.utf8.prefix(17))) }
}

extension FiscalCode {
    private static let placeholders: Set<String> = [
        "AAAAAA00A00A000A", "SPNDNL80R13C555X", "GLABNC72H25H501Y", "QXJNTX9RCRVD6V4O", "TCNZRO80R13C555Y",
        "DIXDPZ44E08F367A", "RSSMRA85M01H501U", "ABCXYZ00W00Z000Z",
    ]

    private static let months = Array("ABCDEHLMPRST".utf8)
    private static let digitPlaces = [6, 7, 9, 10, 12, 13, 14]

    private static func matchesPattern(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            if digitPlaces.contains(place) { return digit(byte) != nil }
            return place == 8 ? months.contains(byte) : (0x41...0x5A).contains(byte)
        }
    }

    /// The digit, or the one for which an omocode's letter stands (L is 0 … V is 9, without O).
    private static func digit(_ byte: UInt8) -> Int? {
        if (0x30...0x39).contains(byte) { return Int(byte - 0x30) }
        return Array("LMNPQRSTUV".utf8).firstIndex(of: byte)
    }

    private static func checkPerson(_ bytes: [UInt8]) throws(Rejection) {
        guard matchesPattern(bytes) else { throw .format }
        let digits = digitPlaces.compactMap { digit(bytes[$0]) }
        guard digits.count == digitPlaces.count, let month = months.firstIndex(of: bytes[8]) else { throw .format }
        guard checkCharacter(bytes.dropLast()) == bytes[15] else { throw .checkCharacter }
        let day = digits[2] * 10 + digits[3]
        // The code tells no century; 2000 + year is a leap year whenever 1900 + year is, and 1900 is the exception
        // that must not refuse those born in 2000.
        let year = 2000 + digits[0] * 10 + digits[1]
        guard CivilDate(year: year, month: month + 1, day: day > 40 ? day - 40 : day) != nil else { throw .date }
    }

    private static let oddValues = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ]

    private static func checkCharacter(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var sum = 0
        for (place, byte) in bytes.enumerated() {
            let value = Int(byte < 0x41 ? byte - 0x30 : byte - 0x41)
            sum += place % 2 == 0 ? oddValues[value] : value
        }
        return 0x41 + UInt8(sum % 26)
    }

    /// Luhn's sum, as for VAT numbers.
    private static func checkNumeric(_ bytes: [UInt8]) throws(Rejection) {
        guard bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { throw .format }
        var sum = 0
        for (place, byte) in bytes.enumerated() {
            let value = Int(byte - 0x30) * (place % 2 == 0 ? 1 : 2)
            sum += value > 9 ? value - 9 : value
        }
        guard sum % 10 == 0 else { throw .checkCharacter }
    }
}
