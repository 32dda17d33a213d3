import Civic
import Settings

/// Reads messages as a channel would take them, for `explain` and the bench: the same checks, nothing stored.
public struct MessageReader: Sendable {
    private let channel: Channel
    private let bounds: WebhookBody.Bounds

    public init(channel: Channel, limits: Limits) {
        self.channel = channel
        bounds = WebhookBody.Bounds(text: limits.text, attachments: limits.attachments)
    }

    /// - Throws: `Problem`, as the webhook would answer. An `id` may be missing here.
    public func read(_ json: [UInt8], now: Timestamp) throws(Problem) -> Message {
        var body: WebhookBody = try JSONBody.decode(json)
        body.id = body.id ?? "explain"
        return try body.message(channel: channel.name, attests: channel.attests, bounds: bounds, now: now)
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
    }
}
