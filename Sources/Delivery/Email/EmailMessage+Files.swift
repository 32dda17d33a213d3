extension EmailMessage {
    /// A file that goes along.
    public struct File: Hashable, Sendable {
        public var name: String
        /// A media type; what is none goes as bytes.
        public var type: String
        public var content: [UInt8]

        public init(name: String, type: String, content: [UInt8]) {
            self.name = name
            self.type = type
            self.content = content
        }

        var safeName: String { File.safeName(name) }

        /// One line, no path, never empty.
        static func safeName(_ name: String) -> String {
            let name = PlainText.singleLine(name).map { $0 == "/" || $0 == "\\" ? "_" : $0 }
            let short = String(String.UnicodeScalarView(String(name).unicodeScalars.prefix(200)))
            return short.isEmpty || short.allSatisfy { $0 == "." } ? "file" : short
        }

        /// `multipart` and `message` must not be in base64 (RFC 2046, 5.1 and 5.2.1); a text's character set is unknown.
        private var safeType: String {
            let parts = type.lowercased().split(separator: "/", omittingEmptySubsequences: false)
            let isType =
                parts.count == 2
                && parts.allSatisfy { part in
                    (1...60).contains(part.utf8.count)
                        && part.utf8.allSatisfy {
                            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || "-.+".utf8.contains($0)
                        }
                }
            guard isType, parts[0] != "multipart", parts[0] != "message" else { return "application/octet-stream" }
            return parts.joined(separator: "/")
        }

        func append(to result: inout [UInt8]) {
            result += Array(EmailHeader.field("Content-Type", safeType).utf8)
            result += Array("Content-Disposition: attachment;\r\n \(EmailHeader.fileName(safeName))\r\n".utf8)
            result += Array("Content-Transfer-Encoding: base64\r\n\r\n".utf8)
            Base64.appendLines(content, to: &result)
        }
    }

    /// What a mail's reader may use to gather all such mail, or to end it.
    struct List {
        /// `List-Id` (RFC 2919): one for all of the city's mail about tickets.
        static func id(name: String, domain: some StringProtocol) -> String {
            EmailHeader.phrase("List-Id", name, before: "<tickets.\(domain)>")
        }

        /// `List-Unsubscribe` (RFC 2369), and for https that one click is enough (RFC 8058). Nothing for what is no
        /// address of a page: lines have limits.
        static func unsubscribe(_ url: String) -> String {
            let lower = url.lowercased()
            let isSecure = lower.hasPrefix("https://")
            guard isSecure || lower.hasPrefix("http://"), url.utf8.count <= 900,
                url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3C && $0 != 0x3E && $0 != 0x2C })
            else { return "" }
            return "List-Unsubscribe: <\(url)>\r\n"
                + (isSecure ? "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" : "")
        }
    }
}

extension EmailHeader {
    /// The parameter `filename`: in quotes, or, where it is long or has more than ASCII, in numbered pieces with the
    /// character set (RFC 2231, 3 and 4; RFC 8187 is the same for what fits one piece).
    static func fileName(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C && $0 != 0x25 }
        if isPlain, name.utf8.count <= lineLength - 14 { return "filename=\"\(name)\"" }
        var pieces: [String] = ["UTF-8''"]
        for byte in name.utf8 {
            let isAttribute =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._".utf8.contains(byte)
            let hex = String(byte, radix: 16, uppercase: true)
            let sign =
                isAttribute ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0" + hex : hex)
            // ` filename*NNN*=…;`
            if pieces[pieces.count - 1].utf8.count + sign.utf8.count > lineLength - 18 { pieces.append("") }
            pieces[pieces.count - 1] += sign
        }
        guard pieces.count > 1 else { return "filename*=\(pieces[0])" }
        return pieces.enumerated().map { "filename*\($0)*=\($1)" }.joined(separator: ";\r\n ")
    }
}
