/// Whether opening a file may run something.
enum Activity {
    /// - Parameters:
    ///   - type: by content, refined.
    ///   - extension: of the name under which it is handed out: a system that trusts names runs `x.exe` whatever it holds.
    static func isActive(type: String, content: [UInt8], archive: ArchiveContents?, extension: String) -> Bool {
        if FileTypes.active.contains(type) || isActive(extension: `extension`) { return true }
        switch type {
        case "application/pdf":
            // Compressed objects hide from this; readers ask before they run anything.
            return ["/JavaScript", "/Launch"].contains { (name: StaticString) in content[...].place(of: name) != nil }
        case "text/rtf": return content[...].place(of: "\\objdata") != nil
        case "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
            "application/x-ole-storage":
            // Every project of macros has a stream of this name (MS-OVBA §2.2.1), in UTF-16.
            return content[...].place(of: "_\0V\0B\0A\0_\0P\0R\0O\0J\0E\0C\0T\0") != nil
        case _ where type.hasPrefix("application/vnd.oasis"):
            return archive?.entries.contains { $0.path.hasPrefix("Basic/") || $0.path.hasPrefix("Scripts/") } ?? false
        case _ where type.hasPrefix("text/") || type == "application/json": return MarkupSniffer(content).runs
        default: return false
        }
    }

    /// Begins as a program of Windows or Linux, or as a script that names its interpreter.
    static func isProgram(head: ArraySlice<UInt8>) -> Bool {
        head.has("MZ") || head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) || head.has("#!")
    }

    static func isActive(extension: String) -> Bool {
        FileTypes.typeByExtension[`extension`].map(FileTypes.active.contains) ?? false
    }
}
