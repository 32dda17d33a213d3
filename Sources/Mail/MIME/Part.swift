/// One entity of a message (RFC 2045, 2.4): a header and what it describes.
struct Part {
    enum Kind { case leaf, multipart, message }

    var kind = Kind.leaf
    /// Index of the multipart or message that holds it; null for the whole.
    var parent: Int?
    var children: [Int] = []
    var header: [RawField] = []
    /// `text/plain`, in lower case: as declared, or the default of its place (RFC 2045, 5.2; RFC 2046, 5.1.5).
    var type = "text/plain"
    /// The header says a type.
    var isTyped = false
    /// Of Content-Type, names in lower case.
    var parameters: [String: String] = [:]
    var disposition: String?
    var name: String?
    var contentID: String?
    /// Content-Transfer-Encoding, in lower case.
    var encoding = ""
    /// As it stands in the mail, encoded. Of a message: the attached message, with its header.
    var body: ArraySlice<UInt8> = []

    var charset: String? { parameters["charset"] }
    var isText: Bool { type == "text/plain" || type == "text/html" }
    var isAttachment: Bool { disposition == "attachment" }
}

/// A field as it stands: `value` with its folds, without the last line break.
struct RawField {
    var name: String
    var value: ArraySlice<UInt8>
}

extension [RawField] {
    /// The first of this name, in any case.
    func first(_ name: String) -> ArraySlice<UInt8>? { first { $0.name.equalsIgnoringCase(name) }?.value }
}

extension String {
    /// ASCII only: field names, types.
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowered == $1.lowered }
    }
}

extension UInt8 {
    var lowered: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    /// Space or tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
