/// One reply: a code and its lines.
struct SMTPReply: Equatable {
    let code: Int
    let lines: [String]

    init(_ code: Int, _ lines: String...) {
        self.code = code
        self.lines = lines
    }

    /// As it goes over the wire: all lines but the last with a hyphen.
    var wire: String {
        lines.enumerated().map { index, line in
            "\(code)\(index == lines.count - 1 ? " " : "-")\(line)\r\n"
        }.joined()
    }

    static let ok = SMTPReply(250, "2.0.0 Ok")
    static let badSequence = SMTPReply(503, "5.5.1 Bad sequence of commands")
    static let badArguments = SMTPReply(501, "5.5.4 Syntax error in arguments")
    static let unknown = SMTPReply(500, "5.5.2 Command not recognised")
    static let notImplemented = SMTPReply(502, "5.5.1 Command not implemented")
    static let lineTooLong = SMTPReply(500, "5.5.6 Line too long")
    static let tooBig = SMTPReply(552, "5.3.4 Message exceeds \(SMTPLimits.message) octets")
    static let noRoom = SMTPReply(452, "4.3.1 Insufficient storage, try again later")
    static let busy = SMTPReply(421, "4.3.2 Too many connections")
    static let tooManyErrors = SMTPReply(421, "4.7.0 Too many errors")
    static let timeout = SMTPReply(421, "4.4.2 Idle for too long")
}
