/// The textual forms App IO accepts, as its published patterns have them (pagopa/io-ts-commons).
enum AppIOPatterns {
    /// A citizen's fiscal code. Pattern only: the check character is not verified, omocodes are accepted.
    static func isFiscalCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 16 else { return false }
        return bytes.indices.allSatisfy { index in
            switch index {
            case 6, 7, 9, 10, 12, 13, 14: isDigit(bytes[index]) || omocode.contains(bytes[index])
            case 8: months.contains(bytes[index])
            default: (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index])
            }
        }
    }

    private static let omocode = Array("LMNPQRSTUV".utf8)
    private static let months = Array("ABCDEHLMPRST".utf8)

    /// An organisation's fiscal code: eleven digits.
    static func isOrganisationCode(_ text: String) -> Bool {
        text.utf8.count == 11 && text.utf8.allSatisfy(isDigit)
    }

    /// A pagoPA notice number: eighteen digits, the first from 0 to 3.
    static func isNoticeNumber(_ text: String) -> Bool {
        guard text.utf8.count == 18, let first = text.utf8.first else { return false }
        return first <= UInt8(ascii: "3") && text.utf8.allSatisfy(isDigit)
    }

    /// The identifier of a remote-content configuration: a ULID.
    static func isULID(_ text: String) -> Bool {
        text.utf8.count == 26 && text.utf8.allSatisfy { crockford.contains($0) }
    }

    private static let crockford = Array("0123456789abcdefghjkmnpqrstvwxyzABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// `YYYY-MM-DDThh:mm:ss`, an optional fraction, an optional `Z` or `±hh:mm`; the values in their ranges.
    static func isTimestamp(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, matches(bytes[..<19], "dddd-dd-ddTdd:dd:dd") else { return false }
        let inRange =
            (1...12).contains(number(bytes, 5)) && (1...31).contains(number(bytes, 8))
            && number(bytes, 11) < 24 && number(bytes, 14) < 60 && number(bytes, 17) < 60
        var rest = bytes[19...]
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix(while: isDigit)
            guard !digits.isEmpty else { return false }
            rest = rest.dropFirst(1 + digits.count)
        }
        let zone = rest.isEmpty || rest.elementsEqual("Z".utf8) || matches(rest, "+dd:dd") || matches(rest, "-dd:dd")
        return inRange && zone
    }

    /// In `form`, `d` stands for a digit, everything else for itself.
    private static func matches(_ bytes: ArraySlice<UInt8>, _ form: String) -> Bool {
        bytes.count == form.utf8.count
            && zip(bytes, form.utf8).allSatisfy { byte, mark in
                mark == UInt8(ascii: "d") ? isDigit(byte) : byte == mark
            }
    }

    private static func number(_ bytes: [UInt8], _ index: Int) -> Int {
        Int(bytes[index] - 48) * 10 + Int(bytes[index + 1] - 48)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
