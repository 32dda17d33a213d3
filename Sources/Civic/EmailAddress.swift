/// An e-mail address within RFC 5321's limits, as people really have them.
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
        let bytes = Array(text.utf8)
        guard let from = bytes.firstIndex(where: { $0 != 0x20 }), let to = bytes.lastIndex(where: { $0 != 0x20 }),
            let at = bytes.firstIndex(of: 0x40), from <= at, at <= to, !bytes[(at + 1)...].contains(0x40)
        else { return nil }
        let local = String(decoding: bytes[from..<at], as: UTF8.self)
        let domain = String(decoding: bytes[(at + 1)..<(to + 1)], as: UTF8.self).lowercased()
        guard (1...64).contains(local.utf8.count), domain.utf8.count <= 253,
            local.utf8.count + 1 + domain.utf8.count <= 254,
            EmailAddress.isDotAtom(local), EmailAddress.isDomain(domain)
        else { return nil }
        self.local = local
        self.domain = domain
    }

    /// Whether any mail server can take it. The others need SMTPUTF8 (RFC 6531), or the domain's ASCII form (`xn--…`).
    public var isASCII: Bool { text.utf8.allSatisfy { $0 < 0x80 } }

    public var text: String { "\(local)@\(domain)" }
    /// The same for two spellings of what is in practice one mailbox.
    public var key: String { text.lowercased() }
    public var description: String { text }

    private static func isDotAtom(_ local: String) -> Bool {
        local.utf8.split(separator: 0x2E, omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
            && local.unicodeScalars.allSatisfy { $0 == "." || isLetterOrDigit($0) || isAtomMark($0) }
    }

    private static func isDomain(_ domain: String) -> Bool {
        let labels = domain.utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard labels.count >= 2, let top = labels.last else { return false }
        // RFC 3696, 2: a top-level domain is never all digits; what looks so is an IPv4 address.
        guard !top.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return labels.allSatisfy { (1...63).contains($0.count) && $0.first != 0x2D && $0.last != 0x2D }
            && domain.unicodeScalars.allSatisfy { $0 == "." || $0 == "-" || isLetterOrDigit($0) }
    }

    /// RFC 5322's marks of an atom.
    private static func isAtomMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "!", "#", "$", "%", "&", "'", "*", "+", "-", "/", "=", "?", "^", "_", "`", "{", "|", "}", "~": true
        default: false
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
