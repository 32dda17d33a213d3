import CMail

/// Content-Transfer-Encoding (RFC 2045, 6), with what people wrote instead.
enum TransferEncoding: String {
    case none = "", base64, quotedPrintable = "quoted-printable", uuencode = "x-uuencode"

    init(_ value: String) {
        switch value {
        case "base64", "base-64", "b": self = .base64
        case "quoted-printable", "quotedprintable", "quoted printable", "qp": self = .quotedPrintable
        case "x-uuencode", "uuencode", "x-uue", "uue": self = .uuencode
        default: self = .none
        }
    }

    /// What cannot be base64 stays as it is, for a person to judge; other faults are passed over.
    func decode(_ bytes: ArraySlice<UInt8>, defects: inout Set<String>) -> ArraySlice<UInt8> {
        guard self != .none, !bytes.isEmpty else { return bytes }
        if self == .base64 {
            if Base64.isLikely(bytes) { return Base64.decode(bytes)[...] }
            defects.insert("a part that is not base64 as it says")
            return bytes
        }
        if self == .uuencode { return Uuencoded.decode(bytes)[...] }
        return Self.withoutAddedBlanks(bytes).withUnsafeBufferPointer { buffer -> ArraySlice<UInt8> in
            var count = 0
            guard let decoded = cmail_decode_transfer(rawValue, buffer.baseAddress, buffer.count, &count) else {
                return bytes
            }
            defer { cmail_free(decoded) }
            return Array(UnsafeBufferPointer(start: decoded, count: count))[...]
        }
    }

    /// Blanks between a soft line break's `=` and the end of the line were added on the way (RFC 2045, 6.7).
    private static func withoutAddedBlanks(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var result: [UInt8] = []
        var kept = bytes.startIndex
        var at = bytes.startIndex
        while let equals = bytes[at...].firstIndex(of: 0x3D) {
            let end = bytes[(equals + 1)...].firstIndex { !$0.isBlank } ?? bytes.endIndex
            if end > equals + 1, end == bytes.endIndex || bytes[end] == 0x0A || bytes[end] == 0x0D {
                result.append(contentsOf: bytes[kept...equals])
                kept = end
            }
            at = end
        }
        return result.isEmpty ? bytes : (result + bytes[kept...])[...]
    }
}
