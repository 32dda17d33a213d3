/// The media type of a file: by its content, refined by what its archive lists and, only among types that the same bytes
/// may have, by its name and what the sender declared.
enum ContentType {
    /// - Parameters:
    ///   - magic: libmagic's answer.
    ///   - archive: what the file lists, if it is an archive.
    ///   - extension: of the sender's name, in lower case; may be empty.
    static func refine(
        magic: String, content: [UInt8], archive: ArchiveContents?, declared: String, extension: String
    ) -> String {
        let lower = magic.lowercased()
        let type = FileTypes.aliases[lower] ?? lower
        let claims = [FileTypes.typeByExtension[`extension`], normalise(declared)].compactMap(\.self)
        switch type {
        case "application/octet-stream", "application/x-empty": return binary(content, claims: claims)
        case "application/x-ole-storage": return claims.first { oleTypes.contains($0) } ?? type
        case "text/xml": return MarkupSniffer(content).type ?? type
        case _ where isZip(type): return zip(type, content, archive)
        case _ where type.hasPrefix("text/") || FileTypes.plainTexts.contains(type):
            return text(type, content, claims: claims)
        // libmagic sees plotters' and other old languages in two letters at the beginning of a text.
        case _ where FileTypes.extensions[type] == nil && isText(content):
            return text("text/plain", content, claims: claims)
        default: return type
        }
    }

    private static let certainTexts: Set = [
        "application/json", "message/rfc822", "text/calendar", "text/rtf", "text/vcard",
    ]

    /// In lower case, without parameters and by one name.
    static func normalise(_ declared: String) -> String {
        let bare = declared.prefix(200).prefix { $0 != ";" }.lowercased().filter { !$0.isWhitespace }
        return FileTypes.aliases[bare] ?? bare
    }

    private static let oleTypes: Set = [
        "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook",
        "application/x-msi",
    ]

    private static func isZip(_ type: String) -> Bool {
        type == "application/zip" || type == "application/java-archive" || type == "application/vnd.google-earth.kmz"
            || type.hasPrefix("application/vnd.openxmlformats") || type.hasPrefix("application/vnd.oasis")
    }

    /// By the names that the formats prescribe (ECMA-376 part 2, JAR, APK).
    private static func zip(_ type: String, _ content: [UInt8], _ archive: ArchiveContents?) -> String {
        if let stated = statedType(content), stated.hasPrefix("application/vnd.oasis.opendocument.") { return stated }
        let names = archive?.entries.filter { $0.depth == 1 }.map { $0.path.lowercased() } ?? []
        let hasMacros = names.contains { $0.hasSuffix("vbaproject.bin") }
        if names.contains("[content_types].xml") {
            for (folder, plain, macros) in [
                ("word/", OfficeTypes.word, OfficeTypes.wordMacros),
                ("xl/", OfficeTypes.sheet, OfficeTypes.sheetMacros),
                ("ppt/", OfficeTypes.slides, OfficeTypes.slidesMacros),
            ] where names.contains(where: { $0.hasPrefix(folder) }) {
                return hasMacros ? macros : plain
            }
        }
        if names.contains("androidmanifest.xml") { return "application/vnd.android.package-archive" }
        if names.contains("meta-inf/manifest.mf") { return "application/java-archive" }
        if names.contains("doc.kml") { return "application/vnd.google-earth.kmz" }
        return type.hasPrefix("application/vnd.openxmlformats") ? "application/zip" : type
    }

    /// What a first entry of the name `mimetype` says, uncompressed (ODF 1.3 part 2 §3.3; local header: APPNOTE 4.3.7).
    private static func statedType(_ content: [UInt8]) -> String? {
        let bytes = content[...]
        guard bytes.has("mimetype", at: 30), bytes.little16(26) == 8, let extra = bytes.little16(28) else { return nil }
        let letters = bytes.dropFirst(38 + extra).prefix(100).prefix {
            (0x61...0x7A).contains($0) || (0x2D...0x2F).contains($0)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// What libmagic does not know.
    private static func binary(_ content: [UInt8], claims: [String]) -> String {
        // DER: a sequence whose first member is pkcs7-signedData, 1.2.840.113549.1.7.2 (RFC 5652 §5.1).
        let pkcs7: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07]
        guard content.first == 0x30, let data = place(of: pkcs7 + [2], in: content.prefix(32)) else {
            return "application/octet-stream"
        }
        // What is signed follows the type of it, pkcs7-data, as [0] (§5.2); a detached signature has none.
        let type = place(of: pkcs7 + [1], in: content.prefix(256)[data...])
        let isDetached = type.map { content.dropFirst($0 + pkcs7.count + 1).first != 0xA0 }
        let signature = "application/pkcs7-signature"
        return isDetached ?? claims.contains(signature) ? signature : "application/pkcs7-mime"
    }

    private static func place(of part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first { bytes[$0...].starts(with: part) }
    }

    /// No control characters but those of lines and pages.
    private static func isText(_ content: [UInt8]) -> Bool {
        content.prefix(64 << 10).allSatisfy { $0 >= 0x20 ? $0 != 0x7F : (0x08...0x0D).contains($0) }
    }

    private static func text(_ type: String, _ content: [UInt8], claims: [String]) -> String {
        if let markup = MarkupSniffer(content).type { return markup }
        // Base64 of a DER sequence: a signed file as some mail programs write it.
        let isSigned = claims.contains("application/pkcs7-mime") && content.starts(with: "MI".utf8)
        if isSigned || content.starts(with: "-----BEGIN PKCS7-----".utf8) { return "application/pkcs7-mime" }
        // libmagic takes prose for source code, for tables and, if it quotes some, for HTML.
        let isGuess = type == "text/javascript" || type == "text/html"
        if certainTexts.contains(type) || (FileTypes.active.contains(type) && !isGuess) { return type }
        return claims.first { $0 != "text/plain" && FileTypes.plainTexts.contains($0) } ?? "text/plain"
    }
}
