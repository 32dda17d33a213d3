import Civic
import HTTPTypes
import Settings
import Webhooks

/// One configured generic webhook: its proofs, its bounds and its rate.
public struct WebhookChannel: Sendable {
    let settings: Channel
    let tokenDigest: [UInt8]?
    let signatures: StandardWebhooks?
    /// Of the body alone, as foreign senders make them.
    let bodySignatures: BodySignatures?
    /// Where a token stands that is no bearer token, if it is a header field.
    let tokenHeader: HTTPField.Name?
    /// The same, if it is a parameter of the address.
    let tokenParameter: String?
    /// Null: the body is the contract's.
    let mapper: MessageMapper?
    let rate: RateLimit
    let bounds: WebhookBody.Bounds
    let bodyLimit: Int

    /// - Throws: if a signing secret is not base64.
    public init(_ channel: Channel, limits: Limits, zone: Zone = .utc) throws {
        settings = channel
        tokenDigest = channel.token.map { Authentication.digest($0.value) }
        if channel.signingSecrets.isEmpty {
            signatures = nil
        } else if let verifier = StandardWebhooks(secrets: channel.signingSecrets.map(\.value)) {
            signatures = verifier
        } else {
            throw BadSecret(channel: channel.name)
        }
        bodySignatures = channel.bodySignature.flatMap(BodySignatures.init)
        switch channel.tokenPlace {
        case .header(let name): (tokenHeader, tokenParameter) = (HTTPField.Name(name), nil)
        case .query(let name): (tokenHeader, tokenParameter) = (nil, name)
        case nil: (tokenHeader, tokenParameter) = (nil, nil)
        }
        rate = RateLimit(perMinute: channel.messagesPerMinute ?? limits.messagesPerMinute)
        bounds = WebhookBody.Bounds(text: limits.text, attachments: channel.files.count)
        bodyLimit = limits.body
        mapper = MessageMapper(channel, bounds: bounds, zone: zone)
    }

    /// The header fields with which a body can be handed over here, as its sender does.
    public func proof(of body: [UInt8], now: Timestamp) -> [(String, String)] {
        if let token = settings.token, !token.value.isEmpty { return [("Authorization", "Bearer \(token.value)")] }
        if let bodySignatures { return bodySignatures.sign(body) }
        return signatures?.sign(id: Identifier.timeOrdered(at: now).description, body: body, now: now.seconds) ?? []
    }

    /// A signing secret that cannot be read.
    public struct BadSecret: Error, CustomStringConvertible {
        let channel: String
        public var description: String {
            "channel \(channel): its signing_secret is not base64 (Standard Webhooks: whsec_ and 24 to 64 bytes in base64)"
        }
    }
}
