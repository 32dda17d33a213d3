/// Which bytes may stand where on the wire. What fails here could end a line early and smuggle a second command.
enum Wire {
    /// RFC 9110 token: a method, a header's name.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// No space, no control character.
    static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F }

    /// A header's value: no control character but the tab.
    static func isHeaderText(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// What may stand between the angle brackets of MAIL FROM and RCPT TO; RFC 5321 allows 254 bytes and some.
    static func isMailbox(_ address: String) -> Bool {
        address.utf8.count <= 320
            && address.utf8.allSatisfy { isVisible($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }

    /// A host name or an address literal, for EHLO.
    static func isHelloName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: ".-:[]".utf8.contains(byte)
                }
            }
    }

    /// Whether every CR is followed by LF and every LF preceded by CR. A lone one ends a line for some servers and not
    /// for others, which lets a mail's text carry a second mail (SMTP smuggling).
    static func hasOnlyWholeLineEnds(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var previous: UInt8 = 0
            for byte in bytes {
                if (byte == 0x0A) != (previous == 0x0D) { return false }
                previous = byte
            }
            return previous != 0x0D
        }
    }
}
