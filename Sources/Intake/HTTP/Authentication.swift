import Crypto
import Foundation

/// How a sender proves itself.
public enum Authentication {
    /// SHA-256, so that comparing takes the same time whatever was sent, and a token need not stay in memory.
    public static func digest(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    static func digest(bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The token of `Authorization: Bearer …` (RFC 6750), or nil.
    public static func bearer(_ header: String?) -> String? {
        guard let header, header.utf8.count <= 4096, header.prefix(7).lowercased() == "bearer " else { return nil }
        let token = header.dropFirst(7).drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }

    /// Compares in time that depends on the lengths only.
    public static func equal(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Standard Webhooks signatures (standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`.
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
        let expected = keys.map { HMAC<SHA256>.authenticationCode(for: signed, using: $0) }
        return StandardWebhooks.given(in: signatures).contains { given in
            expected.contains { Authentication.equal(Array($0), given) }
        }
    }

    /// The header fields that prove a body.
    func sign(id: String, body: [UInt8], now: Int64) -> [(name: String, value: String)] {
        guard let key = keys.first else { return [] }
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(id).\(now).".utf8) + body, using: key)
        return [
            ("webhook-id", id), ("webhook-timestamp", String(now)),
            ("webhook-signature", "v1," + Data(code).base64EncodedString()),
        ]
    }

    /// What can be said before the body is there: the time is near enough, and there is something like a signature.
    func isPlausible(timestamp: String, signatures: String, now: Int64) -> Bool {
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
