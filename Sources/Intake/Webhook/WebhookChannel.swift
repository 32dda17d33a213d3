import Civic
import Settings

/// One configured generic webhook: its proofs, its bounds and its rate.
public struct WebhookChannel: Sendable {
    let settings: Channel
    let tokenDigest: [UInt8]?
    let signatures: StandardWebhooks?
    let rate: RateLimit
    let bounds: WebhookBody.Bounds
    let bodyLimit: Int

    /// - Throws: if a signing secret is not base64.
    public init(_ channel: Channel, limits: Limits) throws {
        settings = channel
        tokenDigest = channel.token.map { Authentication.digest($0.value) }
        if channel.signingSecrets.isEmpty {
            signatures = nil
        } else if let verifier = StandardWebhooks(secrets: channel.signingSecrets.map(\.value)) {
            signatures = verifier
        } else {
            throw BadSecret(channel: channel.name)
        }
        rate = RateLimit(perMinute: channel.messagesPerMinute ?? limits.messagesPerMinute)
        bounds = WebhookBody.Bounds(text: limits.text, attachments: channel.files.count)
        bodyLimit = limits.body
    }

    /// A signing secret that cannot be read.
    public struct BadSecret: Error, CustomStringConvertible {
        let channel: String
        public var description: String {
            "channel \(channel): its signing_secret is not base64 (Standard Webhooks: whsec_ and 24 to 64 bytes in base64)"
        }
    }
}
