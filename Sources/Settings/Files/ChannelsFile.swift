import Civic
import Rules

/// `channels.yaml`, read.
struct ChannelsFile {
    /// A channel, and the places of what others must confirm.
    struct Entry {
        let channel: Channel
        let category: Placed<String>?
        let language: Placed<String>?
        var open311 = Open311Names()
    }
    var channels: [Entry] = []

    /// - Parameter most: files of one message, where a channel does not say otherwise.
    init(_ file: YAMLFile, _ reader: Reader, most: Int) {
        for fields in reader.entries(file, Shapes.channels, "channels", Shapes.channel) {
            guard let name = fields.placed("name") else { continue }
            if !isCode(name.value) { reader.error(badCode("name", name.value), at: name.place) }
            if channels.contains(where: { $0.channel.name == name.value }) {
                reader.error("there is a channel \(name.value) already: names are unique", at: name.place)
                continue
            }
            let isOpen = isOpen(fields, reader)
            // Those of a closed channel need not be there.
            let token = isOpen ? fields.secret("token") : nil
            let signing = (isOpen ? fields["signing_secret"]?.entries ?? [] : []).compactMap { entry in
                entry.node.text.flatMap { reader.secret($0, name: "signing_secret", at: entry.place) }
            }
            let type = fields.text("type") ?? ""
            let kind: Channel.Kind? =
                switch type {
                case "webhook": .webhook
                case "email": .email(EmailIntake(fields, isOpen: isOpen))
                case "open311": Channel.Kind(open311: name.value, fields, isOpen: isOpen)
                default: Channel.Kind(messenger: type, of: name.value, fields, isOpen: isOpen)
                }
            guard let kind else { continue }
            checkKeys(of: name.value, type, kind, fields, reader)
            if let language = fields.placed("language"), !isLanguage(language.value) {
                reader.error("language: expected an ISO 639-1 code such as it or en", at: language.place)
            }
            let defaults = fields.fields("defaults", Shapes.channelDefaults)
            let category = defaults?.placed("category")
            var channel = Channel(
                name: name.value, kind: kind, isOpen: isOpen, token: token, signingSecrets: signing,
                attests: Set(fields.texts("attests").compactMap { IdentityKind(rawValue: $0.value) }),
                language: fields.text("language"), areaField: fields.text("area_field") ?? "municipio",
                messagesPerMinute: fields.number("messages_per_minute"), defaultCategory: category?.value,
                defaultTags: defaults?.texts("tags").map(\.value) ?? [],
                files: FileBounds(fields.fields("files", Shapes.fileBounds), most: most))
            if channel.isWebhook { ChannelsFile.readWebhook(fields, isOpen: isOpen, into: &channel) }
            channels.append(
                Entry(
                    channel: channel, category: category, language: fields.placed("language"),
                    open311: Open311Names(fields)))
        }
    }

    private func isOpen(_ fields: Fields, _ reader: Reader) -> Bool {
        guard let value = fields["enabled"], let text = fields.expanded("enabled") else { return true }
        if !["true", "false"].contains(text) {
            reader.error("enabled: expected true or false, found \(text)", at: value.place)
        }
        return text != "false"
    }

    private func checkKeys(of name: String, _ type: String, _ kind: Channel.Kind, _ fields: Fields, _ reader: Reader) {
        func refuse(_ keys: [String], _ reason: String) {
            for key in keys { if let value = fields[key] { reader.error("\(key): \(reason)", at: value.keyPlace) } }
        }
        switch kind {
        case .webhook:
            if fields["token"] == nil, fields["signature"] == nil, fields["signing_secret"]?.entries.isEmpty ?? true {
                reader.error("the channel \(name) has no secret: add token or signing_secret", at: fields.place)
            }
        case .email(let intake):
            if fields["token"] == nil, intake.mailboxes.isEmpty, fields["mailboxes"]?.entries.isEmpty ?? true {
                reader.error(
                    "nothing brings mail to the channel \(name): add mailboxes, or a token for pasquino deliver",
                    at: fields.place)
            }
            refuse(["signing_secret", "attests", "messages_per_minute"], "a channel of type email has no such key")
        case .telegram, .whatsapp, .messenger, .instagram, .sms, .mastodon:
            refuse(
                ["token", "signing_secret", "attests", "area_field"], "a channel of type \(type) has no such key")
        case .open311(let intake):
            refuse(["token", "signing_secret", "attests"], "a channel of type open311 has no such key: its keys do")
            checkJurisdiction(of: name, intake, fields, reader)
        }
        if type != "webhook" { refuse(Shapes.webhookKeys.map(\.name), "only a channel of type webhook has it") }
        if type != "email" { refuse(Shapes.emailKeys.map(\.name), "only a channel of type email has it") }
        for key in Shapes.messengers + [Shapes.open311Key] where key.name != type {
            refuse([key.name], "only a channel of that type has it")
        }
    }

    /// Open311 has one address for all of them: the jurisdiction tells which is meant.
    private func checkJurisdiction(of name: String, _ intake: Open311Intake, _ fields: Fields, _ reader: Reader) {
        for other in channels {
            guard let known = other.channel.open311, known.jurisdiction == intake.jurisdiction else { continue }
            reader.error(
                "the channel \(other.channel.name) of type open311 has the same jurisdiction: give each its own",
                at: fields["open311"]?.place ?? fields.place)
        }
    }
}

extension FileBounds {
    fileprivate init(_ fields: Fields?, most: Int) {
        self.init()
        count = fields?.number("count") ?? most
        func size(_ key: String, _ standard: Int) -> Int {
            guard let fields, let text = fields.placed(key) else { return standard }
            if let bytes = MainFile.bytes(text.value) { return bytes }
            fields.reader.error("\(key): expected a size from 1KiB to 256MiB, such as 25MiB", at: text.place)
            return standard
        }
        bytesEach = size("each", bytesEach)
        bytesTogether = size("together", bytesTogether)
    }
}

extension EmailIntake {
    /// Reads a channel of type email; what is wrong is said.
    /// - Parameter isOpen: whether the mailboxes are read, and so their secrets needed.
    init(_ fields: Fields, isOpen: Bool) {
        self.init()
        isCertified = fields.flag("certified") ?? false
        answersPerHour = fields.number("answers_per_hour") ?? answersPerHour
        ticketsPerHour = fields.number("tickets_per_hour") ?? ticketsPerHour
        if let text = fields.placed("size") {
            if let bytes = MainFile.bytes(text.value) {
                size = bytes
            } else {
                fields.reader.error("size: expected a size from 1KiB to 256MiB, such as 30MiB", at: text.place)
            }
        }
        if let text = fields.placed("reopen_within") {
            switch TargetTime(text.value) {
            case nil where text.value == "never": reopenWithin = .zero
            case .hours(let hours): reopenWithin = .seconds(hours * 3600)
            case .days(let days): reopenWithin = .seconds(days * 86_400)
            default: fields.reader.error("reopen_within: expected hours or days, such as 14d, or never", at: text.place)
            }
        }
        guard isOpen else { return }
        mailboxes = lists(fields, "mailboxes", Shapes.mailbox).compactMap(Mailbox.init)
        let twice = Dictionary(grouping: mailboxes) { [$0.server, $0.user, $0.folder] }.values.first { $0.count > 1 }
        if let box = twice?.first, let value = fields["mailboxes"] {
            fields.reader.error("the folder \(box.folder) of \(box.user) is listed twice", at: value.place)
        }
    }
}

extension EmailIntake.Mailbox {
    fileprivate init?(_ fields: Fields) {
        let reader = fields.reader
        // First, so that what is wrong with it is said whatever else is.
        let password = fields.secret("password")
        guard let place = fields["server"]?.place, let server = fields.expanded("server"),
            let user = fields.expanded("user"), let password
        else { return nil }
        if !MainFile.isAddress(server, schemes: ["imap", "imaps"]) {
            reader.error("server: expected imaps://HOST:PORT or imap://HOST:PORT, without user and password", at: place)
        }
        let tls = fields.text("tls").flatMap(Mail.TLS.init) ?? .required
        if server.hasPrefix("imaps:"), tls != .required {
            reader.error("tls: imaps is TLS from the first byte; leave it out", at: fields["tls"]?.place ?? place)
        }
        let folder = fields.text("folder") ?? "INBOX"
        let done = fields.text("done")
        let failed = fields.text("failed") ?? "Pasquino/failed"
        for name in [done, failed] where name == folder {
            reader.error("mail would be moved to \(folder), the folder that is read", at: fields.place)
        }
        self.init(
            server: server, tls: tls, authority: fields.expanded("authority").flatMap { $0.isEmpty ? nil : $0 },
            user: user, password: password, folder: folder, done: done, failed: failed,
            pause: .seconds(fields.number("pause") ?? 60), perMinute: fields.number("per_minute") ?? 600)
    }
}
