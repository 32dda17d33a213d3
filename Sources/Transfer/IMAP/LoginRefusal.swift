/// A server's NO, BAD or BYE before the session is ours.
struct LoginRefusal: Sendable, Equatable {
    /// The response code (RFC 5530), such as `AUTHENTICATIONFAILED`; the text after it may name the user.
    let code: String?
    let isBye: Bool

    /// Whether it says nothing about the user and the password: the same login may succeed later.
    var isPassing: Bool { isBye || code.map { Self.passing.contains($0) } ?? false }

    private static let passing: Set = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"]

    /// Nil for a line that refuses nothing. STARTTLS and AUTHENTICATE are libcurl's commands; a refusal of CAPABILITY
    /// would look the same and ends the login as well.
    init?(_ line: some Collection<UInt8>) {
        let line = line.prefix { $0 != 0x0D && $0 != 0x0A }
        guard line.count <= 8192 else { return nil }
        let frame = IMAPFrame(lines: [Array(line)])
        let status: IMAPStatus
        switch try? IMAPParser.parse(frame) {
        case .status(let untagged) where untagged.condition == .bye: status = untagged
        case .completion(_, let end) where end.condition == .no || end.condition == .bad: status = end
        default: return nil
        }
        isBye = status.condition == .bye
        code = status.code.flatMap { code in
            code.name.utf8.count <= 40 && Wire.isToken(code.name) ? code.name : nil
        }
    }
}
