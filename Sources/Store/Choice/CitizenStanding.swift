import Civic
import Postgres

/// How a citizen wants to be told, and what lately did not reach them.
public struct CitizenStanding: Hashable, Sendable {
    /// Chosen for everything that the city tells them.
    public var prefers: Medium?
    /// They want no news, whatever they are about.
    public var isMuted: Bool
    /// What they said of the ticket at hand: it goes before what they said of all.
    public var wish: ContactWish?
    /// Media that did not reach them although an address was there, and until when that counts.
    public var unreached: [Medium: Timestamp]

    public init(
        prefers: Medium? = nil, isMuted: Bool = false, wish: ContactWish? = nil, unreached: [Medium: Timestamp] = [:]
    ) {
        self.prefers = prefers
        self.isMuted = isMuted
        self.wish = wish
        self.unreached = unreached
    }

    /// What counts for the ticket at hand.
    public var effective: ContactWish {
        if let wish { return wish }
        return isMuted ? .silence : prefers.map(ContactWish.by) ?? .any
    }

    func isUnreached(on medium: Medium, at now: Timestamp) -> Bool { unreached[medium].map { $0 > now } ?? false }
}

extension CitizenStanding {
    /// Four columns of the citizen whose id `citizen` names.
    static func columns(of citizen: String) -> String {
        """
        (select p.medium from preference p where p.citizen = \(citizen)),
        exists (select from preference p where p.citizen = \(citizen) and p.muted_at is not null),
        (select array_agg(u.medium order by u.medium) from unreached u where u.citizen = \(citizen)),
        (select array_agg(extract(epoch from u.until)::bigint::text order by u.medium)
            from unreached u where u.citizen = \(citizen))
        """
    }

    /// - Parameter first: the first of the four.
    init(_ row: PostgresRow, from first: Int, wish: String? = nil) {
        let media = (row.strings(first + 2) ?? []).map { $0.flatMap(Medium.init) }
        let until = (row.strings(first + 3) ?? []).map { $0.flatMap { Int64($0) } }
        var unreached: [Medium: Timestamp] = [:]
        for (medium, seconds) in zip(media, until) {
            if let medium, let seconds { unreached[medium] = Timestamp(seconds: seconds) }
        }
        self.init(
            prefers: row.string(first).flatMap(Medium.init), isMuted: row.bool(first + 1) ?? false,
            wish: wish.flatMap(ContactWish.init), unreached: unreached)
    }
}
