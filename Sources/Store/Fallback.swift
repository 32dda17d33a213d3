import Civic

/// The rest of the declared chain: the media that take a notification's place, one after the other, if it does not reach
/// the citizen.
///
/// In the database a line for each: an e-mail's address as it is, anything else as `MEDIUM:ADDRESS`.
public enum Fallback {
    public static func text(_ chain: [Contact]) -> String? {
        chain.isEmpty
            ? nil
            : chain.map { $0.medium == .email ? $0.address : "\($0.medium.rawValue):\($0.address)" }
                .joined(separator: "\n")
    }

    public static func chain(_ text: String?) -> [Contact] {
        (text ?? "").split(separator: "\n").map { line in
            if let colon = line.firstIndex(of: ":"), let medium = Medium(rawValue: String(line[..<colon])) {
                Contact(medium: medium, address: String(line[line.index(after: colon)...]))
            } else {
                Contact(medium: .email, address: String(line))
            }
        }
    }
}

extension OwedNotification {
    /// What takes its place on the next medium of its chain, if there is one.
    public func succeeded(at now: Timestamp) -> OwedNotification? {
        let chain = Fallback.chain(fallback).filter { $0.medium != medium }
        guard let next = chain.first else { return nil }
        var owed = self
        owed.id = id.fallback
        owed.insteadOf = id
        owed.medium = next.medium
        owed.recipient = next.address
        owed.fallback = Fallback.text(Array(chain.dropFirst()))
        owed.attempts = 0
        owed.createdAt = now
        owed.nextAttemptAt = now
        // A day more at most, and not more than it was worth in all.
        owed.expiresAt = max(expiresAt, now + min(.seconds(24 * 3600), expiresAt - createdAt))
        return owed
    }
}

extension Identifier {
    /// The id of the notification that takes this one's place: always the same, so that it can only be owed once.
    public var fallback: Identifier { Identifier(high: high, low: low &+ 1) }
}
