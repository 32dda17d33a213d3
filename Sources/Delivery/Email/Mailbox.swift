/// Somebody's name and address, checked to be something that any mail server can take.
///
/// The address is a dot-atom and a host name, both ASCII (RFC 5321, 4.1.2). Quoted local parts and address literals
/// are refused: no citizen's form holds them except by mistake or ill will.
public struct Mailbox: Hashable, Sendable {
    public let name: String?
    public let address: String

    /// Why an address cannot be written to. The reason does not contain it.
    public struct Undeliverable: Error, Hashable, Sendable, CustomStringConvertible {
        public let reason: String
        public var description: String { reason }
    }

    public init(name: String? = nil, address: String) throws(Undeliverable) {
        func refused(_ reason: String) -> Undeliverable { Undeliverable(reason: reason) }
        guard let at = address.lastIndex(of: "@"), at != address.startIndex else {
            throw refused("the address has no @ between a name and a domain")
        }
        let local = address[..<at]
        let domain = address[address.index(after: at)...]
        // Not `allSatisfy(\.isASCII)`: the single character CR LF is ASCII to that.
        guard local.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw refused("the address needs SMTPUTF8, which is not supported")
        }
        guard domain.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw refused("the address's domain must be written in its ASCII form (xn--)")
        }
        guard local.utf8.count <= 64, address.utf8.count <= 254 else { throw refused("the address is too long") }
        guard Mailbox.isDotAtom(local) else { throw refused("the address's local part is not valid") }
        guard Mailbox.isHostName(domain) else { throw refused("the address's domain is not valid") }
        let name = name.map(PlainText.singleLine) ?? ""
        self.name = name.isEmpty ? nil : name
        self.address = address
    }

    var domain: Substring { address[address.index(after: address.lastIndex(of: "@") ?? address.startIndex)...] }

    static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), 0x23...0x27, UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), 0x5E...0x60, 0x7B...0x7E:
            true
        default: isAlphanumeric(byte)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isDotAtom(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.utf8.allSatisfy(isAtomByte)
        }
    }

    private static func isHostName(_ text: Substring) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D }
        }
    }
}
