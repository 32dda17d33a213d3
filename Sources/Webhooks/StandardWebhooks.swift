import Crypto
import Foundation

/// Standard Webhooks signatures (standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`. What is
/// posted to us is verified with it, and what we post to offices is signed.
public struct StandardWebhooks: Sendable {
    /// A message is refused if its time differs from ours by more: a recorded request cannot be played again later.
    public static let tolerance: Int64 = 5 * 60

    private let keys: [SymmetricKey]

    /// - Parameter secrets: `whsec_` and base64, or the base64 alone; several while a secret is being changed.
    /// - Returns: nil if one is not base64.
    public init?(secrets: [String]) {
        var keys: [SymmetricKey] = []
        for secret in secrets {
            let text = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
            // The reference libraries take a secret without its padding, too.
            let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
            guard let data = Data(base64Encoded: text + padding), !data.isEmpty else { return nil }
            keys.append(SymmetricKey(data: data))
        }
        self.keys = keys
    }

    /// - Parameters:
    ///   - signatures: the header `webhook-signature`: one or more `v1,BASE64`, separated by spaces.
    ///   - now: seconds since the epoch.
    public func accepts(id: String, timestamp: String, signatures: String, body: [UInt8], now: Int64) -> Bool {
        guard isPlausible(timestamp: timestamp, signatures: signatures, now: now) else { return false }
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let given = StandardWebhooks.given(in: signatures)
        return keys.contains { key in
            given.contains { HMAC<SHA256>.isValidAuthenticationCode($0, authenticating: signed, using: key) }
        }
    }

    /// The header fields that prove a body: a signature by each secret, so that the reader may change to a new one when
    /// it likes.
    public func sign(id: String, body: [UInt8], now: Int64) -> [(name: String, value: String)] {
        let signed = Array("\(id).\(now).".utf8) + body
        let signatures = keys.map { key in
            "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
        }
        guard !signatures.isEmpty else { return [] }
        return [
            ("webhook-id", id), ("webhook-timestamp", String(now)),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// What can be said before the body is there: the time is near enough, and there is something like a signature.
    public func isPlausible(timestamp: String, signatures: String, now: Int64) -> Bool {
        guard let time = Int64(timestamp), time > 0, (now - 1_000_000_000_000..<now + 1_000_000_000_000).contains(time),
            abs(now - time) <= StandardWebhooks.tolerance, signatures.utf8.count <= 8192
        else { return false }
        return !StandardWebhooks.given(in: signatures).isEmpty
    }

    /// The signatures of version 1 that have the length of one.
    private static func given(in header: String) -> [Data] {
        header.split(separator: " ").compactMap { entry in
            guard entry.hasPrefix("v1,"), let given = Data(base64Encoded: String(entry.dropFirst(3))),
                given.count == SHA256.byteCount
            else { return nil }
            return given
        }
    }
}
