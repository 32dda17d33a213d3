import Civic
import Mail
import Settings

/// Reads messages as a channel would take them, for `explain` and the bench: the same checks, nothing stored.
public struct MessageReader: Sendable {
    private let channel: Channel
    private let limits: Limits
    private let zone: Zone
    private let bounds: WebhookBody.Bounds
    private let open311: Open311Server?
    private let mapper: MessageMapper?

    public init(channel: Channel, in configuration: Configuration) {
        self.init(
            channel: channel, limits: configuration.limits, zone: configuration.city.zone,
            open311: Open311Server(channel, in: configuration))
    }

    init(channel: Channel, limits: Limits, zone: Zone, open311: Open311Server? = nil) {
        self.channel = channel
        self.limits = limits
        self.zone = zone
        self.open311 = open311
        bounds = WebhookBody.Bounds(text: limits.text, attachments: channel.files.count)
        mapper = MessageMapper(channel, bounds: bounds, zone: zone)
    }

    /// What a channel would make of what is posted to it.
    public struct Taken: Sendable {
        public let message: Message
        /// What could not be used, of foreign data.
        public let notes: [String]
        /// Why it would open no ticket whatever the rules say; null if it may.
        public let ignored: String?
    }

    /// The field that names what of foreign data could not be used.
    public static let unmapped = MessageMapper.unmapped

    /// Whether it looks like what is posted to the channel, rather than like somebody's words.
    public func looksPosted(_ bytes: [UInt8]) -> Bool {
        let type = ForeignBody.type(guessedFrom: bytes)
        return mapper == nil ? type == "application/json" : type != nil
    }

    /// - Parameter type: the content type, if it is known.
    /// - Throws: `Problem`: why it would be refused, or of foreign data, kept for an operator.
    public func take(_ bytes: [UInt8], type: String?, now: Timestamp) throws(Problem) -> Taken {
        guard let mapper else { return Taken(message: try read(bytes, now: now), notes: [], ignored: nil) }
        switch try mapper.map(bytes, type: type, now: now) {
        case .message(let message, let notes): return Taken(message: located(message), notes: notes, ignored: nil)
        case .ignored(let message, let reason): return Taken(message: message, notes: [], ignored: reason)
        }
    }

    /// Reads the webhook's JSON, or what the channel's own sender posts; on a channel of type email also a raw mail, on
    /// one of type open311 also a report's form.
    /// - Throws: `Problem`, as the webhook would answer. An `id` may be missing here.
    public func read(_ json: [UInt8], now: Timestamp) throws(Problem) -> Message {
        // No mail begins with a brace: a field's name has none (RFC 5322, 2.2). No form either, for it would be escaped.
        if json.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) != UInt8(ascii: "{") {
            if channel.email != nil { return mail(json, now: now) }
            if let open311 { return try form(json, open311, now: now) }
        }
        if mapper != nil {
            let taken = try take(json, type: nil, now: now)
            if let reason = taken.ignored { throw .invalid("", "it opens no ticket: \(reason)") }
            return taken.message
        }
        var body: WebhookBody = try JSONBody.decode(json)
        body.id = body.id ?? "explain"
        let message = try body.message(channel: channel.name, attests: channel.attests, bounds: bounds, now: now)
        return located(message)
    }

    private func form(_ kept: [UInt8], _ server: Open311Server, now: Timestamp) throws(Problem) -> Message {
        let form = try Open311Form.reading(kept)
        let key = server.intake.keys.first { $0.name == form["api_key"] }
        do throws(Open311Failure) {
            return located(
                try Open311Report(form: form, server: server).message(
                    from: key, externalID: "explain", text: bounds.text, now: now))
        } catch {
            throw Problem(error.status, error.reasons.map(\.description).joined(separator: "; "))
        }
    }

    /// A raw mail, as a channel of type email takes it.
    public func mail(_ raw: [UInt8], now: Timestamp) -> Message {
        let letter = Letter(
            MailReader().read(raw), raw: raw, certified: channel.email?.isCertified ?? false, own: [], prefix: "",
            instance: nil)
        return located(letter.message(channel: channel, limits: limits, now: now))
    }

    /// With what the daemon finds in its files.
    private func located(_ message: Message) -> Message {
        guard !message.attachments.isEmpty, let files = try? FileDesk.standard() else { return message }
        return message.with(files.take(message.attachments, bounds: channel.files, zone: zone))
    }

    /// A message of nothing but text.
    public func plain(_ text: String, now: Timestamp) -> Message {
        Message(
            id: .timeOrdered(at: now), channel: channel.name, externalID: "explain", receivedAt: now,
            text: String(text.storable.unicodeScalars.prefix(bounds.text)))
    }
}

extension MessageReader: Equatable {
    /// Whether two read every message alike.
    public static func == (a: MessageReader, b: MessageReader) -> Bool {
        a.channel.name == b.channel.name && a.channel.attests == b.channel.attests && a.bounds == b.bounds
            && a.mapper?.mapping == b.mapper?.mapping
            && a.channel.email?.isCertified == b.channel.email?.isCertified
            // What is offered, and asked, is part of it.
            && a.open311 == nil && b.open311 == nil
    }
}
