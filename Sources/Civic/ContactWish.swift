/// How a citizen says that they want to be told.
public enum ContactWish: Hashable, Sendable {
    /// On this medium, where there is an address for it.
    case by(Medium)
    /// No news. What they say themselves is answered all the same.
    case silence
    /// As the city's policy has it.
    case any

    /// The media that a citizen may choose; a messenger and certified mail are chosen by writing there.
    public static let media: [Medium] = [.appIO, .email]
    public static let all: [ContactWish] = media.map(ContactWish.by) + [.silence, .any]

    /// `app_io`, `email`, `none` or `any`.
    public init?(_ text: String) {
        guard let wish = ContactWish.all.first(where: { $0.text == text }) else { return nil }
        self = wish
    }

    public var text: String {
        switch self {
        case .by(let medium): medium.rawValue
        case .silence: "none"
        case .any: "any"
        }
    }
}
