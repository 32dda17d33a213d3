/// An e-mail address that can be written to: within RFC 5321's limits, as people really have them.
///
/// Accepted beyond plain ASCII: letters of any script in the local part (RFC 6531) and in the domain (IDN). Refused,
/// though the RFC allows them: quoted local parts, comments, address literals (`a@[192.0.2.1]`), domains without a dot.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// As the citizen wrote it: only the receiving server knows whether case matters there.
    public let local: String
    /// In lower case.
    public let domain: String

    /// Spaces around the address are dropped; anything else that does not belong there makes it nil.
    public init?(_ text: String) {
        guard text.utf8.count <= 320 else { return nil }
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let local = String(parts[0])
        let domain = String(parts[1]).lowercased()
        guard (1...64).contains(local.utf8.count), domain.utf8.count <= 253,
            local.utf8.count + 1 + domain.utf8.count <= 254,
            EmailAddress.isDotAtom(local), EmailAddress.isDomain(domain)
        else { return nil }
        self.local = local
        self.domain = domain
    }

    public var text: String { "\(local)@\(domain)" }
    /// The same for two spellings of what is in practice one mailbox.
    public var key: String { text.lowercased() }
    public var description: String { text }

    private static let atomMarks: Set<Unicode.Scalar> = Set("!#$%&'*+-/=?^_`{|}~".unicodeScalars)

    private static func isDotAtom(_ local: String) -> Bool {
        local.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { isLetterOrDigit($0) || atomMarks.contains($0) }
        }
    }

    private static func isDomain(_ domain: String) -> Bool {
        let labels = domain.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last else { return false }
        // RFC 3696, 2: a top-level domain is never all digits; what looks so is an IPv4 address.
        guard !top.allSatisfy({ (0x30...0x39).contains($0.value) }) else { return false }
        return labels.allSatisfy { label in
            label.first != nil && label.first != "-" && label.last != "-"
                && label.reduce(0, { $0 + UTF8.width($1) }) <= 63
                && label.allSatisfy { $0 == "-" || isLetterOrDigit($0) }
        }
    }

    /// ASCII ones, and letters, marks and digits of other scripts; never controls, spaces or invisible characters.
    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
        case ..<0x80: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }
}
