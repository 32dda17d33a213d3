/// What the server offers in its answer to EHLO, as far as it matters here.
struct SMTPOffers: OptionSet, Equatable {
    let rawValue: UInt8
    /// RFC 2920.
    static let pipelining = SMTPOffers(rawValue: 1)
    /// RFC 1870.
    static let size = SMTPOffers(rawValue: 2)
    /// RFC 6531.
    static let internationalised = SMTPOffers(rawValue: 4)

    /// A line of the answer, such as `250-PIPELINING`.
    init(_ line: UnsafeRawBufferPointer) {
        let word = line.dropFirst(4).prefix { $0 > 0x20 }
        switch String(decoding: word, as: UTF8.self).uppercased() {
        case "PIPELINING": self = .pipelining
        case "SIZE": self = .size
        case "SMTPUTF8": self = .internationalised
        default: self = []
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init() { rawValue = 0 }
}

/// One mail on its way through an SMTP session (RFC 5321, 3.3): what is said next. No I/O.
///
/// Where the server offers pipelining, commands go together (RFC 2920); DATA among them only if there is one recipient,
/// for otherwise it could be accepted although some of them were refused, and the mail must reach all or none.
struct MailTransaction {
    enum Command: String {
        case reset = "RSET"
        case sender = "MAIL FROM"
        case recipient = "RCPT TO"
        case data = "DATA"
        case text = "message text"
    }

    enum Step: Equatable {
        case wait
        case say([UInt8])
        /// The mail itself, and the final dot.
        case sayText
        case taken(MailReceipt)
        /// `isSpoiled`: the session can carry no other mail.
        case refused(Command, SMTPReply, isSpoiled: Bool)
        /// The server does not speak SMTP.
        case broken
    }

    private let groups: [[UInt8]]
    private let commands: [Command]
    /// How many groups were said, and the number of commands in each.
    private var said = 0
    private let sizes: [Int]
    /// Commands whose reply is here, and those that were said.
    private var answered = 0
    private var asked = 0
    private var refusal: (command: Command, reply: SMTPReply)?
    /// The server has asked for the text.
    private(set) var isTextBegun = false

    /// - Parameter needsReset: the mail before was refused half-way.
    init(_ mail: MailSubmission, offers: SMTPOffers, needsReset: Bool) {
        var lines: [(Command, String)] = needsReset ? [(.reset, "RSET\r\n")] : []
        var sender = "MAIL FROM:<\(mail.from)>"
        if offers.contains(.size) { sender += " SIZE=\(mail.message.count)" }
        if offers.contains(.internationalised), !mail.hasOnlyPlainAddresses { sender += " SMTPUTF8" }
        lines.append((.sender, sender + "\r\n"))
        lines += mail.recipients.map { (.recipient, "RCPT TO:<\($0)>\r\n") }
        lines.append((.data, "DATA\r\n"))
        commands = lines.map(\.0)
        if offers.contains(.pipelining) {
            let last = mail.recipients.count == 1 ? lines.count : lines.count - 1
            let parts = [lines[..<last], lines[last...]].filter { !$0.isEmpty }
            groups = parts.map { $0.flatMap { $0.1.utf8 } }
            sizes = parts.map(\.count)
        } else {
            groups = lines.map { Array($0.1.utf8) }
            sizes = lines.map { _ in 1 }
        }
    }

    /// The first words.
    mutating func begin() -> [UInt8] { sayMore() }

    private mutating func sayMore() -> [UInt8] {
        defer {
            asked += sizes[said]
            said += 1
        }
        return groups[said]
    }

    mutating func received(_ reply: SMTPReply) -> Step {
        if isTextBegun {
            if reply.isPositive { return .taken(MailReceipt(code: reply.code, text: reply.text)) }
            return reply.isRefusal ? .refused(.text, reply, isSpoiled: reply.code == 421) : .broken
        }
        guard answered < asked else { return .broken }
        let command = commands[answered]
        answered += 1
        let isGood = command == .data ? reply.code == 354 : reply.isPositive
        if isGood, command == .data {
            // Asked for the text of a mail that not everybody gets: without it the session cannot go on.
            if let refusal { return .refused(refusal.command, refusal.reply, isSpoiled: true) }
            isTextBegun = true
            return .sayText
        }
        if !isGood {
            guard reply.isRefusal, command != .reset else { return .broken }
            if reply.code == 421 { return .refused(command, reply, isSpoiled: true) }
            if refusal == nil { refusal = (command, reply) }
        }
        guard answered == asked else { return .wait }
        if let refusal { return .refused(refusal.command, refusal.reply, isSpoiled: false) }
        return .say(sayMore())
    }
}

extension MailSubmission {
    fileprivate var hasOnlyPlainAddresses: Bool {
        from.utf8.allSatisfy { $0 < 0x80 } && recipients.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }
    }

    /// As it goes over the wire (RFC 5321, 4.5.2): dots stuffed, the final dot after it.
    var textOnTheWire: [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(message.count + 8)
        var rest = message[...]
        if rest.first == UInt8(ascii: ".") { wire.append(UInt8(ascii: ".")) }
        // Nearly no mail has a line that begins with a dot: pieces are copied whole.
        while let dot = rest.firstDotAfterLineFeed {
            wire += rest[..<dot]
            wire.append(UInt8(ascii: "."))
            wire.append(UInt8(ascii: "."))
            rest = rest[(dot + 1)...]
        }
        wire += rest
        if !message.suffix(2).elementsEqual([0x0D, 0x0A]) { wire += [0x0D, 0x0A] }
        wire += [UInt8(ascii: "."), 0x0D, 0x0A]
        return wire
    }
}

extension ArraySlice<UInt8> {
    fileprivate var firstDotAfterLineFeed: Int? {
        withUnsafeBufferPointer { bytes in
            guard bytes.count > 1 else { return nil }
            for index in 1..<bytes.count where bytes[index] == UInt8(ascii: ".") && bytes[index - 1] == 0x0A {
                return startIndex + index
            }
            return nil
        }
    }
}
