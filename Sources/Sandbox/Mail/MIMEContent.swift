import Foundation

/// The readable parts of a mail, for display. Tolerant: whatever cannot be decoded is shown as it is.
struct MIMEContent {
    private(set) var text: String?
    private(set) var html: String?

    /// Nested deeper, or in more parts, is an attack and not a mail.
    private static let maximumDepth = 8
    private static let maximumParts = 100

    private var parts = 0

    init(_ raw: [UInt8]) { collect(raw[...], depth: 0) }

    private mutating func collect(_ bytes: ArraySlice<UInt8>, depth: Int) {
        parts += 1
        guard depth < Self.maximumDepth, parts < Self.maximumParts else { return }
        let headers = MIMEHeaders(bytes)
        let body = bytes[headers.bodyStart...]
        let type = headers.mediaType
        if type.hasPrefix("multipart/"), let boundary = headers.parameter("boundary"), !boundary.isEmpty {
            for part in Self.split(body, boundary) { collect(part, depth: depth + 1) }
        } else if type == "text/html", html == nil {
            html = Self.decode(body, headers)
        } else if type == "text/plain", text == nil {
            text = Self.decode(body, headers)
        }
    }

    private static func split(_ body: ArraySlice<UInt8>, _ boundary: String) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var position = body.startIndex
        while position < body.endIndex, parts.count < maximumParts {
            let end = body[position...].firstIndex(of: 10) ?? body.endIndex
            let line = body[position..<end]
            if line.starts(with: mark) {
                if let start { parts.append(body[start..<max(start, position)]) }
                start = min(end + 1, body.endIndex)
                if line.dropFirst(mark.count).starts(with: "--".utf8) { return parts }
            }
            position = end + 1
        }
        if let start, start < body.endIndex { parts.append(body[start...]) }
        return parts
    }

    private static func decode(_ body: ArraySlice<UInt8>, _ headers: MIMEHeaders) -> String {
        let encoding = (headers["content-transfer-encoding"] ?? "").lowercased()
        let bytes: [UInt8] =
            switch encoding {
            case "quoted-printable": TransferEncoding.quotedPrintable(body)
            case "base64": TransferEncoding.base64(body) ?? Array(body)
            default: Array(body)
            }
        return Charset.decode(bytes, headers.parameter("charset") ?? "utf-8")
    }
}

/// The two encodings that make eight-bit content fit for mail (RFC 2045).
enum TransferEncoding {
    static func base64(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        Data(base64Encoded: Data(bytes), options: .ignoreUnknownCharacters).map { Array($0) }
    }

    /// A lone `=` stays as it is.
    static func quotedPrintable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var position = bytes.startIndex
        while position < bytes.endIndex {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "=") else {
                decoded.append(byte)
                continue
            }
            let rest = bytes[position...].prefix(2)
            if rest.first == 10 {
                position += 1
            } else if rest.elementsEqual([13, 10]) {
                position += 2
            } else if rest.count == 2, let value = UInt8(String(decoding: rest, as: UTF8.self), radix: 16) {
                decoded.append(value)
                position += 2
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }
}

/// The character sets seen in practice; the rest is read as UTF-8.
enum Charset {
    static func decode(_ bytes: [UInt8], _ name: String) -> String {
        switch name.lowercased() {
        case "iso-8859-1", "latin1":
            String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        case "windows-1252", "cp1252", "iso-8859-15":
            String(bytes: bytes, encoding: .windowsCP1252) ?? String(decoding: bytes, as: UTF8.self)
        default: String(decoding: bytes, as: UTF8.self)
        }
    }
}
