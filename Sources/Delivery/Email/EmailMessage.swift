import Civic

/// One notification as an Internet message (RFC 5322), in plain text or plain text and HTML, with files if it has some.
///
/// - The same notification gives the same bytes at every attempt, its Message-ID and boundary included, so that a
///   duplicate after a lost answer can be recognised.
/// - All mails about one ticket refer to the same id, which no mail bears, and to the citizen's own mail if it opened the
///   ticket, so that mail programs show them together.
/// - Message-ID, thread and reply address hold the ticket's token: a reply proves by it what it answers.
/// - `Auto-Submitted` (RFC 3834) and `X-Auto-Response-Suppress` (Exchange) keep absence notes from answering. There is
///   no `Precedence`: it is not standard, and `bulk` would be untrue and cost trust with spam filters.
public struct EmailMessage: Sendable {
    public enum Occasion: Sendable {
        /// The first answer to what a citizen sent.
        case answer
        /// A later step, by the daemon's own motion.
        case news

        var autoSubmitted: String {
            switch self {
            case .answer: "auto-replied"
            case .news: "auto-generated"
            }
        }
    }

    public var id: Identifier
    /// The ticket's token (see `Instance.threadToken`).
    public var token: String
    /// The Message-ID of the mail that opened the ticket, without angle brackets.
    public var original: String?
    public var occasion: Occasion
    public var from: Mailbox
    public var to: Mailbox
    public var replyTo: Mailbox?
    public var subject: String
    public var plain: String
    public var html: String?
    /// ISO 639-1.
    public var language: String
    /// When the notification was owed, not the attempt, so that attempts do not differ.
    public var date: Timestamp
    public var zone: Zone
    /// In this order, after the text.
    public var files: [File]
    /// The city's name, if its mail programs' readers may gather it (see `List`).
    public var list: String?
    /// An address that ends mail about this ticket when it is called.
    public var unsubscribeURL: String?

    public init(
        id: Identifier, token: String, original: String? = nil, occasion: Occasion, from: Mailbox, to: Mailbox,
        replyTo: Mailbox? = nil, subject: String, plain: String,
        html: String? = nil, language: String, date: Timestamp, zone: Zone = .utc, files: [File] = [],
        list: String? = nil, unsubscribeURL: String? = nil
    ) {
        self.id = id
        self.token = token
        self.original = original
        self.occasion = occasion
        self.from = from
        self.to = to
        self.replyTo = replyTo
        self.subject = subject
        self.plain = plain
        self.html = html
        self.language = language
        self.date = date
        self.zone = zone
        self.files = files
        self.list = list
        self.unsubscribeURL = unsubscribeURL
    }

    public var messageID: String { "<\(id).\(token)@\(from.domain)>" }

    /// Who refers to more than a line's worth of an id refers to nothing: lines have limits, and the id is a stranger's.
    private var parent: String? {
        guard let original, original.utf8.count <= 200, original.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !original.contains(where: { "<>".contains($0) })
        else { return nil }
        return "<\(original)>"
    }

    /// Lines end with CRLF and are ASCII; dots are not stuffed.
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        // Mostly ASCII, with its soft line breaks.
        result.reserveCapacity(1024 + (plain.utf8.count + (html?.utf8.count ?? 0)) * 5 / 4)
        result += header.utf8
        guard !files.isEmpty else {
            appendText(to: &result)
            return result
        }
        // Neither quoted-printable nor base64 ever contains =_ , so nothing can hold a boundary; and neither boundary
        // begins like the other, for readers that do not look at its end.
        let boundary = "=_files-\(id)"
        result += Array("Content-Type: multipart/mixed;\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
        result += Array("--\(boundary)\r\n".utf8)
        appendText(to: &result)
        for file in files {
            result += Array("--\(boundary)\r\n".utf8)
            file.append(to: &result)
        }
        result += Array("--\(boundary)--\r\n".utf8)
        return result
    }

    private func appendText(to result: inout [UInt8]) {
        guard let html else {
            result += partHeader("plain")
            QuotedPrintable.append(plain, to: &result)
            return
        }
        let boundary = "=_\(id)"
        result += Array("Content-Type: multipart/alternative;\r\n boundary=\"\(boundary)\"\r\n\r\n".utf8)
        for (type, text) in [("plain", plain), ("html", html)] {
            result += Array("--\(boundary)\r\n".utf8)
            result += partHeader(type)
            QuotedPrintable.append(text, to: &result)
        }
        result += Array("--\(boundary)--\r\n".utf8)
    }

    private var header: String {
        let thread = "<ticket.\(token)@\(from.domain)>"
        var header = EmailHeader.mailbox("From", from)
        header += EmailHeader.mailbox("To", to)
        if let replyTo { header += EmailHeader.mailbox("Reply-To", replyTo) }
        header += EmailHeader.text("Subject", subject)
        header += EmailHeader.field("Date", EmailHeader.date(date, in: zone))
        header += EmailHeader.field("Message-ID", messageID)
        if let parent {
            header += EmailHeader.field("In-Reply-To", parent)
            header += "References: \(parent)\r\n \(thread)\r\n"
        } else {
            if occasion == .news { header += EmailHeader.field("In-Reply-To", thread) }
            header += EmailHeader.field("References", thread)
        }
        header += EmailHeader.field("Auto-Submitted", occasion.autoSubmitted)
        header += EmailHeader.field("X-Auto-Response-Suppress", "All")
        let list = PlainText.singleLine(list ?? "")
        if !list.isEmpty { header += List.id(name: list, domain: from.domain) }
        if let unsubscribeURL { header += List.unsubscribe(unsubscribeURL) }
        let language = language.filter { $0.isASCII && ($0.isLetter || $0 == "-") }
        if (2...35).contains(language.utf8.count) { header += EmailHeader.field("Content-Language", language) }
        return header + EmailHeader.field("MIME-Version", "1.0")
    }

    private func partHeader(_ type: String) -> [UInt8] {
        Array("Content-Type: text/\(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".utf8)
    }
}
