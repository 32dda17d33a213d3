import Civic
import Rules
import Webhooks

/// How citizens and offices are told.
extension MainFile {
    static func notifications(_ fields: Fields, zone: Zone) -> NotificationPolicy {
        var policy = NotificationPolicy(expire: .seconds(72 * 3600), attempts: 100)
        policy.expire = duration(fields, "expire") ?? policy.expire
        policy.attempts = fields.number("attempts") ?? policy.attempts
        let media = fields.texts("media").compactMap { Medium(rawValue: $0.value) }
        if !media.isEmpty { policy.media = media }
        policy.bundle = expandedDuration(fields, "bundle") ?? policy.bundle
        policy.unread = duration(fields, "unread")
        policy.alarm = duration(fields, "alarm") ?? policy.alarm
        let kinds = lists(fields, "kinds", Shapes.notificationKind)
        policy.kinds = kinds.map { kind in
            NotificationPolicy.Kind(
                templates: kind.texts("templates").map(\.value), categories: kind.texts("categories").map(\.value),
                expire: duration(kind, "expire"), bundle: duration(kind, "bundle"), isQuiet: kind.flag("quiet"))
        }
        if let quiet = fields.fields("quiet", Shapes.quiet) {
            let (from, to) = (minute(quiet, "from"), minute(quiet, "to"))
            if let from, let to, from != to { policy.quiet = QuietHours(from: from, to: to, zone: zone) }
            let media = quiet.texts("media").compactMap { Medium(rawValue: $0.value) }
            policy.quietMedia = Set(quiet["media"] == nil ? Shapes.ringingMedia : media)
        }
        warnOfShortTimes(policy, fields, kinds)
        return policy
    }

    /// What is worth less time than the night is long is held until it is hardly news.
    private static func warnOfShortTimes(_ policy: NotificationPolicy, _ fields: Fields, _ kinds: [Fields]) {
        guard let quiet = policy.quiet, !policy.quietMedia.isEmpty else { return }
        func warn(_ expire: Duration?, _ fields: Fields) {
            guard let expire, expire < quiet.length, let place = fields["expire"]?.place else { return }
            fields.reader.warn(
                "expire: shorter than the quiet hours: what is owed in them goes out when they are over; "
                    + "write quiet: false if it cannot wait", at: place)
        }
        warn(policy.expire, fields)
        for (kind, given) in zip(policy.kinds, kinds) where kind.isQuiet != false { warn(kind.expire, given) }
    }

    static func escalation(_ fields: Fields) -> Escalation {
        let escalation = Escalation(
            remind: duration(fields, "remind"),
            levels: fields.texts("levels").compactMap { duration($0, "levels", fields.reader) })
        if let place = fields["levels"]?.place,
            zip(escalation.levels, escalation.levels.dropFirst()).contains(where: { $0 >= $1 })
        {
            fields.reader.error("levels: each must be later than the one before it, such as [0h, 48h]", at: place)
        }
        return escalation
    }

    static func work(_ fields: Fields, email: String?) -> OfficeWork {
        let reader = fields.reader
        var work = OfficeWork(email: fields.flag("email") ?? false)
        if work.email, email == nil {
            reader.error("work: the office has no e-mail address: add email", at: fields.place)
        }
        if let webhook = fields.fields("webhook", Shapes.officeWebhook), let url = address(webhook) {
            let secrets = (webhook["secret"]?.entries ?? []).compactMap { entry -> Secret? in
                guard let secret = entry.node.text.flatMap({ reader.secret($0, name: "secret", at: entry.place) })
                else {
                    return nil
                }
                if !secret.value.isEmpty, StandardWebhooks(secrets: [secret.value]) == nil {
                    reader.error("secret: expected whsec_ and base64, as Standard Webhooks has it", at: entry.place)
                }
                return secret
            }
            if let place = webhook["url"]?.place, isOpenToStrangers(url) {
                reader.warn(
                    "url: over http:// anybody on the way reads what citizens wrote: use https://", at: place)
            }
            work.webhook = OfficeWebhook(
                url: url, secrets: secrets, expire: duration(webhook, "expire") ?? .seconds(5 * 86_400))
        }
        if let open311 = fields.fields("open311", Shapes.officeOpen311), var url = address(open311) {
            while url.hasSuffix("/") { url.removeLast() }
            work.open311 = OfficeOpen311(
                url: url, jurisdiction: open311.expanded("jurisdiction"), key: open311.secret("key"),
                services: lists(open311, "services", Shapes.officeService).compactMap { service in
                    guard let category = service.text("category"), let code = service.text("code") else { return nil }
                    return OfficeOpen311.Service(category: category, code: code)
                }, poll: duration(open311, "poll") ?? .seconds(600), sharesContact: open311.flag("contact") ?? false,
                format: open311.text("format").flatMap(OfficeOpen311.Format.init) ?? .json)
        }
        return work
    }

    /// Not encrypted, and not to this machine or a network of the house's own.
    static func isOpenToStrangers(_ url: String) -> Bool {
        guard url.lowercased().hasPrefix("http://") else { return false }
        let host = url.dropFirst(7).prefix { !"/?#".contains($0) }.lowercased()
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        if ["localhost", "[::1]"].contains(String(name)) || name.hasPrefix("127.") || name.hasPrefix("10.")
            || name.hasPrefix("192.168.")
        {
            return false
        }
        // A name without a point is one of the local network's.
        return name.contains(".") && ![".local", ".internal", ".lan"].contains { name.hasSuffix($0) }
            || name.hasPrefix("[")
    }

    private static func address(_ fields: Fields) -> String? {
        guard let place = fields["url"]?.place, let url = fields.expanded("url") else { return nil }
        guard isAddress(url, schemes: ["https", "http"]) else {
            fields.reader.error("url: expected http:// or https:// and a host", at: place)
            return nil
        }
        return url
    }

    /// Minutes, hours or days.
    static func duration(_ fields: Fields, _ key: String) -> Duration? {
        fields.placed(key).flatMap { duration($0, key, fields.reader) }
    }

    private static func expandedDuration(_ fields: Fields, _ key: String) -> Duration? {
        guard let place = fields[key]?.place, let text = fields.expanded(key) else { return nil }
        return duration(Placed(text, at: place), key, fields.reader)
    }

    private static func duration(_ text: Placed<String>, _ key: String, _ reader: Reader) -> Duration? {
        let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.value.last.flatMap({ units[$0] }), let number = Int64(text.value.dropLast()),
            (0...100_000).contains(number)
        else {
            reader.error("\(key): expected minutes, hours or days, such as 3m, 72h or 3d", at: text.place)
            return nil
        }
        return .seconds(number * unit)
    }

    /// Of a day: `07:30`.
    private static func minute(_ fields: Fields, _ key: String) -> Int? {
        guard let place = fields[key]?.place, let text = fields.expanded(key) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { part in
            part.utf8.count == 2 ? Int(part) : nil
        }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else {
            fields.reader.error("\(key): expected a time of day such as 22:00, found \(text)", at: place)
            return nil
        }
        return hour * 60 + minute
    }
}
