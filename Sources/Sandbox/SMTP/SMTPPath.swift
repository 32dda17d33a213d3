/// The argument of MAIL FROM and RCPT TO: `<path>` and what follows (RFC 5321, section 4.1.2).
struct SMTPPath: Equatable {
    /// Without angle brackets and source route; empty for the null path.
    let address: String
    /// In upper case, with the value where there is one.
    let parameters: [(name: String, value: String?)]

    static func == (left: SMTPPath, right: SMTPPath) -> Bool { left.address == right.address }

    init?(_ text: some StringProtocol) {
        let text = text.drop { $0 == " " }
        guard text.first == "<", let end = Self.closing(text) else { return nil }
        var path = text[text.index(after: text.startIndex)..<end]
        if path.first == "@", let colon = path.firstIndex(of: ":") { path = path[path.index(after: colon)...] }
        guard path.isEmpty || Self.isMailbox(path) else { return nil }
        address = String(path)
        let rest = text[text.index(after: end)...]
        guard rest.isEmpty || rest.first == " " else { return nil }
        parameters = rest.split(separator: " ").map { part in
            let pair = part.split(separator: "=", maxSplits: 1)
            return (pair.first.map { $0.uppercased() } ?? "", pair.count == 2 ? String(pair[1]) : nil)
        }
    }

    /// The `>` that is not inside a quoted local part.
    private static func closing(_ text: some StringProtocol) -> String.Index? {
        var quoted = false
        var escaped = false
        for index in text.indices {
            switch text[index] {
            case _ where escaped: escaped = false
            case "\\": escaped = quoted
            case "\"": quoted.toggle()
            case ">" where !quoted: return index
            default: break
            }
        }
        return nil
    }

    private static func isMailbox(_ path: some StringProtocol) -> Bool {
        guard path.utf8.count <= SMTPLimits.path, let at = path.lastIndex(of: "@") else { return false }
        let local = path[..<at]
        let domain = path[path.index(after: at)...]
        guard (1...SMTPLimits.localPart).contains(local.utf8.count) else { return false }
        guard (1...SMTPLimits.domain).contains(domain.utf8.count) else { return false }
        let quoted = local.count >= 2 && local.first == "\"" && local.last == "\""
        return (quoted || isDotString(local)) && isDomain(domain)
    }

    private static func isDotString(_ local: some StringProtocol) -> Bool {
        let special: Set<Character> = ["(", ")", "<", ">", "[", "]", ":", ";", "@", "\\", ",", "\"", " "]
        return local.first != "." && local.last != "." && !local.contains("..")
            && local.allSatisfy { !special.contains($0) && !isControl($0) }
    }

    private static func isDomain(_ domain: some StringProtocol) -> Bool {
        if domain.first == "[" { return domain.last == "]" && domain.count > 2 }
        return domain.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.allSatisfy { !$0.isASCII || $0.isLetter || $0.isNumber || $0 == "-" }
        }
    }

    private static func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
    }
}
