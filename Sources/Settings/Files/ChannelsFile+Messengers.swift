/// Reads the messengers' own settings.
extension Channel.Kind {
    /// - Parameter isOpen: a closed channel's secrets need not be there.
    /// - Returns: nil if it lacks what it cannot do without; that was said.
    init?(messenger type: String, of name: String, _ fields: Fields, isOpen: Bool) {
        guard let key = Shapes.messengers.first(where: { $0.name == type }), case .mapping(let shape) = key.kind else {
            return nil
        }
        guard fields[type] != nil else {
            fields.reader.error(
                "the channel \(name) of type \(type) needs the key \(type): \(key.meaning)", at: fields.place)
            return nil
        }
        guard let own = fields.fields(type, shape()) else { return nil }
        let reader = MessengerReader(fields: own, isOpen: isOpen)
        switch type {
        case "telegram": self = .telegram(reader.telegram())
        case "whatsapp": self = .whatsapp(reader.meta(id: "number"))
        case "messenger": self = .messenger(reader.meta(id: "page"))
        case "instagram": self = .instagram(reader.meta(id: "account"))
        case "sms": self = .sms(reader.sms())
        case "mastodon": self = .mastodon(reader.mastodon())
        default: return nil
        }
    }
}

private struct MessengerReader {
    let fields: Fields
    let isOpen: Bool

    func telegram() -> TelegramAccount {
        let secret = secret("secret")
        // As setWebhook takes it (core.telegram.org/bots/api#setwebhook).
        if isOpen, !secret.value.isEmpty, let place = fields["secret"]?.place,
            secret.value.utf8.count > 256 || !secret.value.utf8.allSatisfy(isTokenByte)
        {
            fields.reader.error("secret: Telegram takes 1 to 256 of A-Z a-z 0-9 _ -", at: place)
        }
        return TelegramAccount(
            api: address("api", "https://api.telegram.org"), token: self.secret("token"), secret: secret)
    }

    func meta(id: String) -> MetaAccount {
        MetaAccount(
            api: address("api", "https://graph.facebook.com/v23.0"), id: text(id), token: secret("token"),
            appSecrets: secrets("app_secret"), verifyToken: secret("verify_token"),
            template: fields.fields("template", Shapes.whatsappTemplate).flatMap { template in
                guard let name = template.text("name"), let language = template.text("language") else { return nil }
                return MetaAccount.Template(name: name, language: language)
            })
    }

    func sms() -> SMSAccount {
        SMSAccount(
            api: address("api", "https://api.twilio.com/2010-04-01"), account: text("account"), token: secret("token"),
            from: text("from"), url: fields["url"].map { _ in address("url", "") })
    }

    func mastodon() -> MastodonAccount {
        MastodonAccount(
            server: address("server", ""), token: secret("token"), pause: .seconds(fields.number("pause") ?? 20))
    }

    private func text(_ key: String) -> String { fields.expanded(key) ?? "" }

    private func secret(_ key: String) -> Secret { (isOpen ? fields.secret(key) : nil) ?? Secret("") }

    private func secrets(_ key: String) -> [Secret] {
        guard isOpen else { return [] }
        return (fields[key]?.entries ?? []).compactMap { entry in
            entry.node.text.flatMap { fields.reader.secret($0, name: key, at: entry.place) }
        }
    }

    /// Without a slash at its end.
    private func address(_ key: String, _ standard: String) -> String {
        guard let place = fields[key]?.place, let text = fields.expanded(key) else { return standard }
        let address = text.hasSuffix("/") ? String(text.dropLast()) : text
        if !MainFile.isAddress(address, schemes: ["https", "http"]) {
            fields.reader.error("\(key): expected https://HOST, without user, password, query and fragment", at: place)
        }
        return address
    }

    private func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
