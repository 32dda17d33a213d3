/// What is said while libcurl opens an SMTP session: our last command, the server's last reply. Fed with what libcurl reports.
struct SMTPDialogue {
    /// The command under way; empty while waiting for the greeting.
    private(set) var command = ""
    private(set) var code: Int?
    private(set) var text = ""
    private var isReplyOpen = false
    /// The answer to QUIT, which follows a refusal, must not hide the refusal.
    private var isOver = false

    private static let commands = ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL FROM", "RCPT TO", "DATA"]
    private static let maximumText = 1000

    /// A line we sent. The secrets of AUTH pass here too: only known commands are kept, never the line.
    mutating func sent(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "QUIT".utf8) { isOver = true }
        guard !isOver else { return }
        if let known = Self.commands.first(where: { line.starts(with: $0.utf8) }) { command = known }
        code = nil
        text = ""
        isReplyOpen = false
    }

    /// A line of a reply (RFC 5321, 4.2): `250-text` is followed by more, `250 text` is the last.
    mutating func received(_ line: UnsafeRawBufferPointer) {
        guard !isOver, line.count >= 3, line.count == 3 || " -\r\n".utf8.contains(line[3]) else { return }
        let digits = line.prefix(3).map { Int($0) - 48 }
        guard digits.allSatisfy((0...9).contains) else { return }
        if !isReplyOpen { text = "" }
        code = digits[0] * 100 + digits[1] * 10 + digits[2]
        isReplyOpen = line.count > 3 && line[3] == UInt8(ascii: "-")
        let words = line.dropFirst(4).filter { $0 >= 0x20 && $0 != 0x7F }
        guard text.utf8.count < Self.maximumText, !words.isEmpty else { return }
        if !text.isEmpty { text += " " }
        text += String(decoding: words.prefix(Self.maximumText), as: UTF8.self)
    }

    /// The server's no, if its last whole reply was one.
    var refusal: (code: Int, text: String)? {
        guard let code, !isReplyOpen, (400...599).contains(code) else { return nil }
        return (code, text)
    }

    /// The place of a refusal and its enhanced status (RFC 3463), without the words, which may quote an address.
    static func summary(place: String, code: Int, text: String) -> String {
        let first = text.prefix { $0 != " " }
        let isEnhanced = first.count <= 9 && first.split(separator: ".").count == 3 && first.allSatisfy(Self.isStatus)
        return "\(place) refused: \(code)\(isEnhanced ? " " + first : "")"
    }

    private static func isStatus(_ character: Character) -> Bool {
        character == "." || character.isASCII && character.isNumber
    }
}
