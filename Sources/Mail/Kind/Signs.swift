/// What a mail's own header tells about who or what speaks.
struct Signs {
    let header: MailHeader
    let subject: String
    private let fields: [String: String]

    init(_ header: MailHeader) {
        self.header = header
        subject = (header.subject ?? "").lowercased().trimmingSpaces
        var fields: [String: String] = [:]
        for field in header.fields.prefix(400) where fields[field.name.lowercased()] == nil {
            fields[field.name.lowercased()] = field.value.lowercased().trimmingSpaces
        }
        self.fields = fields
    }

    /// In lower case; null if there is no such field.
    subscript(_ name: String) -> String? { fields[name] }

    func has(_ names: [String]) -> String? { names.first { fields[$0] != nil } }

    /// `<>`: nobody is to be told of trouble with this mail, so a system sent it (RFC 5321, 4.5.5).
    var hasNullReturnPath: Bool { header.returnPath?.isEmpty ?? false }

    /// Programs say so themselves (RFC 3834, 5).
    var isAutoSubmitted: Bool { self["auto-submitted"].map { !$0.hasPrefix("no") } ?? false }

    var senderLocalPart: String {
        let address = header.from.first.map { $0.address.isEmpty ? $0.name ?? "" : $0.address } ?? ""
        return address.lowercased().prefix { $0 != "@" }.trimmingSpaces
    }

    private var senderName: String { (header.from.first?.name ?? "").lowercased() }

    /// The name that mail systems give themselves, and no person has.
    var isFromDaemon: Bool {
        let local = senderLocalPart
        return local.hasPrefix("mailer-daemon") || local.hasPrefix("mailerdaemon") || local.hasPrefix("mailer_daemon")
            || local == "mail.delivery.system" || local == "mailer" || local == "mdaemon" || local == "post_master"
            || senderName.hasPrefix("mail deliver") || senderName.hasPrefix("mailer-daemon")
            || senderName.hasPrefix("mailer daemon") || senderName == "internet mail delivery"
            || (self["from"] ?? "").contains("mailer-daemon")
    }

    /// A system's box, in which a person may write too.
    var isFromPostmaster: Bool {
        senderLocalPart.hasPrefix("postmaster") || senderLocalPart == "sysadmin" || senderName == "system administrator"
            || senderName == "microsoft outlook" || (header.returnPath ?? "").lowercased().hasPrefix("mailer-daemon")
            || (header.returnPath ?? "").lowercased().hasPrefix("postmaster")
    }

    /// A box that nobody reads.
    var isFromNobody: Bool {
        let local = senderLocalPart.filter { $0 != "-" && $0 != "_" && $0 != "." && $0 != "+" }
        return [
            "noreply", "donotreply", "dontreply", "nonrispondere", "norispondere", "nepasrepondre", "keineantwort",
            "noresponder", "nobody", "bounce", "autoreply", "automailer",
        ]
        .contains { local.hasPrefix($0) || local.hasSuffix($0) }
    }

    /// `Re:`, `R:`, `Fwd:`, `I:` …: a person answers or passes on.
    var isAnswerOrForward: Bool {
        ["re:", "r:", "rif:", "fw:", "fwd:", "i:", "aw:", "wg:", "tr:", "rv:", "sv:", "vs:"].contains {
            subject.hasPrefix($0)
        }
    }
}
