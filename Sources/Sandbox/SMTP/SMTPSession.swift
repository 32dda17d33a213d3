import Foundation

/// One conversation with a mail client: takes command lines, gives replies. No I/O.
///
/// RFC 5321 with SIZE (1870), 8BITMIME (6152), SMTPUTF8 (6531), PIPELINING (2920), AUTH (4954) and enhanced status
/// codes (2034). There is no STARTTLS: the sandbox has no certificate that a client could trust.
struct SMTPSession {
    /// What a line leads to.
    enum Step: Equatable {
        case reply(SMTPReply)
        /// Reply, and read the mail's text from here on.
        case readText(SMTPReply)
        /// Reply, and close.
        case close(SMTPReply)
        /// Close without a word.
        case drop
    }

    /// The mail under way.
    struct Envelope: Equatable {
        var from: String
        var to: [String] = []
        var allowsUTF8 = false
        var refusedRecipients = 0
    }

    private enum Phase: Equatable {
        case commands
        case authPlain
        case authLoginUser
        case authLoginPassword(user: String)
    }

    private var phase = Phase.commands
    private var greeted = false
    private var errors = 0
    private(set) var user: String?
    private(set) var envelope: Envelope?

    static let greeting = SMTPReply(220, "sandbox.invalid ESMTP Pasquino sandbox: delivers nothing to anybody")

    /// Takes one line without its ending.
    mutating func receive(_ line: [UInt8], faults: MailFaults, failure: () -> Int?) -> Step {
        let step: Step
        if phase == .commands {
            step = command(line, faults, failure)
        } else {
            step = .reply(authenticate(line))
        }
        return counted(step)
    }

    /// A line beyond the limit came in.
    mutating func receiveTooLong() -> Step {
        phase = .commands
        return counted(.reply(.lineTooLong))
    }

    /// The mail's text is complete or given up; the next mail may begin.
    mutating func finish() -> Envelope? {
        defer { envelope = nil }
        return envelope
    }

    /// A client that only makes mistakes does not speak SMTP.
    private mutating func counted(_ step: Step) -> Step {
        guard case .reply(let reply) = step, [500, 501, 502, 503, 555].contains(reply.code) else { return step }
        errors += 1
        return errors > SMTPLimits.errors ? .close(.tooManyErrors) : step
    }

    private mutating func command(_ line: [UInt8], _ faults: MailFaults, _ failure: () -> Int?) -> Step {
        // Without the NUL test, C programs behind us would see another line than we do.
        guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else { return .reply(.unknown) }
        let verb = text.prefix { $0 != " " }.uppercased()
        let rest = text.dropFirst(verb.count).drop { $0 == " " }
        switch verb {
        case "EHLO", "HELO": return .reply(greet(rest, extended: verb == "EHLO"))
        case "MAIL": return faults.mode == .reset ? .drop : .reply(mail(rest, faults, failure))
        case "RCPT": return .reply(recipient(rest, faults))
        case "DATA": return data(rest)
        case "AUTH": return .reply(startAuthentication(rest))
        case "RSET":
            envelope = nil
            return .reply(.ok)
        case "NOOP": return .reply(.ok)
        case "VRFY": return .reply(SMTPReply(252, "2.0.0 Cannot verify, but will take the mail"))
        case "QUIT": return .close(SMTPReply(221, "2.0.0 Goodbye"))
        case "EXPN", "HELP", "STARTTLS", "BDAT", "ETRN", "TURN": return .reply(.notImplemented)
        default: return .reply(.unknown)
        }
    }

    private mutating func greet(_ name: Substring, extended: Bool) -> SMTPReply {
        guard !name.isEmpty else { return .badArguments }
        greeted = true
        envelope = nil
        guard extended else { return SMTPReply(250, "sandbox.invalid") }
        return SMTPReply(
            250, "sandbox.invalid", "SIZE \(SMTPLimits.message)", "8BITMIME", "SMTPUTF8", "PIPELINING",
            "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
    }

    private mutating func data(_ rest: Substring) -> Step {
        guard let envelope else { return .reply(.badSequence) }
        guard rest.isEmpty else { return .reply(.badArguments) }
        guard !envelope.to.isEmpty else {
            return .reply(envelope.refusedRecipients > 0 ? SMTPReply(554, "5.5.1 No valid recipients") : .badSequence)
        }
        return .readText(SMTPReply(354, "End data with <CR><LF>.<CR><LF>"))
    }
}

extension SMTPSession {
    private mutating func mail(_ rest: Substring, _ faults: MailFaults, _ failure: () -> Int?) -> SMTPReply {
        guard greeted, envelope == nil else { return .badSequence }
        guard rest.prefix(5).uppercased() == "FROM:", let path = SMTPPath(rest.dropFirst(5)) else {
            return .badArguments
        }
        var envelope = Envelope(from: path.address)
        for (name, value) in path.parameters {
            if let refusal = Self.apply(name, value, &envelope) { return refusal }
        }
        if !envelope.allowsUTF8, !path.address.utf8.allSatisfy({ $0 < 128 }) { return Self.needsUTF8 }
        if let code = failure() {
            return SMTPReply(code, "\(code / 100).3.0 Failure asked for through the control API")
        }
        if faults.mode == .tempfail { return SMTPReply(451, "4.3.0 Try again later (asked for)") }
        self.envelope = envelope
        return SMTPReply(250, "2.1.0 Ok")
    }

    private static func apply(_ name: String, _ value: String?, _ envelope: inout Envelope) -> SMTPReply? {
        switch name {
        case "SIZE":
            guard let size = value.flatMap({ Int($0) }), size >= 0 else { return .badArguments }
            return size > SMTPLimits.message ? .tooBig : nil
        case "BODY":
            return ["7BIT", "8BITMIME"].contains(value?.uppercased()) ? nil : .badArguments
        case "SMTPUTF8":
            envelope.allowsUTF8 = true
            return value == nil ? nil : .badArguments
        case "AUTH": return value == nil ? .badArguments : nil
        default: return SMTPReply(555, "5.5.4 Parameter \(name.count < 40 ? name : "") not recognised")
        }
    }

    private mutating func recipient(_ rest: Substring, _ faults: MailFaults) -> SMTPReply {
        guard let envelope else { return .badSequence }
        guard rest.prefix(3).uppercased() == "TO:", let path = SMTPPath(rest.dropFirst(3)), !path.address.isEmpty else {
            return .badArguments
        }
        if let parameter = path.parameters.first {
            return SMTPReply(555, "5.5.4 Parameter \(parameter.name.count < 40 ? parameter.name : "") not recognised")
        }
        if !envelope.allowsUTF8, !path.address.utf8.allSatisfy({ $0 < 128 }) { return Self.needsUTF8 }
        guard envelope.to.count < SMTPLimits.recipients else { return SMTPReply(452, "4.5.3 Too many recipients") }
        if faults.mode == .refuseRecipient,
            faults.addresses.isEmpty || faults.addresses.contains(path.address.lowercased())
        {
            self.envelope?.refusedRecipients += 1
            return SMTPReply(550, "5.1.1 No such mailbox (asked for)")
        }
        self.envelope?.to.append(path.address)
        return SMTPReply(250, "2.1.5 Ok")
    }

    private static let needsUTF8 = SMTPReply(553, "5.6.7 The address needs SMTPUTF8")
}

extension SMTPSession {
    private static let accepted = SMTPReply(235, "2.7.0 Authentication successful")

    /// Any credentials are right; only the user is remembered.
    private mutating func startAuthentication(_ rest: Substring) -> SMTPReply {
        guard greeted, user == nil, envelope == nil else { return .badSequence }
        let words = rest.split(separator: " ")
        guard let mechanism = words.first?.uppercased(), words.count <= 2 else { return .badArguments }
        let initial = words.count == 2 ? Array(words[1].utf8) : nil
        switch mechanism {
        case "PLAIN":
            phase = .authPlain
            return initial.map { authenticate($0) } ?? SMTPReply(334, "")
        case "LOGIN":
            phase = .authLoginUser
            return initial.map { authenticate($0) } ?? SMTPReply(334, "VXNlcm5hbWU6")
        default: return SMTPReply(504, "5.5.4 Mechanism not supported")
        }
    }

    private mutating func authenticate(_ line: [UInt8]) -> SMTPReply {
        let current = phase
        phase = .commands
        guard line != Array("*".utf8) else { return SMTPReply(501, "5.7.0 Authentication cancelled") }
        let empty = line == Array("=".utf8)
        guard let decoded = empty ? Data() : Data(base64Encoded: Data(line)) else { return .badArguments }
        switch current {
        case .commands: return .badSequence
        case .authPlain:
            let parts = decoded.split(separator: 0, omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[1].isEmpty else { return .badArguments }
            user = String(decoding: parts[1], as: UTF8.self)
            return Self.accepted
        case .authLoginUser:
            phase = .authLoginPassword(user: String(decoding: decoded, as: UTF8.self))
            return SMTPReply(334, "UGFzc3dvcmQ6")
        case .authLoginPassword(let name):
            user = name
            return Self.accepted
        }
    }
}
