import Civic

/// How the offices that answer for a ticket hear of it, by their codes. Each hears of an event once by each of its media.
public struct OfficeNotices: Sendable {
    /// Where an office is told, and how long that is worth trying.
    public struct Address: Hashable, Sendable {
        /// With what takes its place if it does not reach the office.
        public var contact: Contact
        public var lifetime: Duration
        public init(contact: Contact, lifetime: Duration) {
            self.contact = contact
            self.lifetime = lifetime
        }
    }

    /// Of a ticket that has become its own; none: it reads its tickets in its own system.
    public var work: @Sendable (_ office: String) -> [Address]
    /// Of what the citizen says on one that it has.
    public var news: @Sendable (_ office: String) -> [Address]
    public var language: String

    public init(
        language: String, work: @escaping @Sendable (_ office: String) -> [Address],
        news: @escaping @Sendable (_ office: String) -> [Address]
    ) {
        self.language = language
        self.work = work
        self.news = news
    }

    /// No office hears anything.
    public static let none = OfficeNotices(language: "it", work: { _ in [] }, news: { _ in [] })

    /// The template of what an office gets to do, and of what is new on it.
    static let workTemplate = "office_work"
    static let newsTemplate = "office_reply"

    /// Who hears of a step, and by which template.
    ///
    /// An office is not told of what it said itself. That others have moved a ticket of its own on goes to its system
    /// only: nobody wants a letter for each step.
    /// - Parameters:
    ///   - office: that answers for the ticket after the step; `before`: before it.
    ///   - destination: to which the step hands the ticket on.
    func hearers(
        of kind: TicketEvent.Kind, by actor: String, office: String, before: String, destination: String?
    ) -> [(template: String, address: Address)] {
        switch kind {
        case .moved:
            guard office != before, office != actor else { return [] }
            return work(office).map { (Self.workTemplate, $0) }
        case .forwarded:
            let told = destination.flatMap { $0 == actor ? nil : work($0) } ?? []
            return told.map { (Self.workTemplate, $0) }
                + (destination == office ? [] : followers(office, actor).map { (Self.newsTemplate, $0) })
        case .reopened:
            // One that has no `work` reads its tickets in its own system.
            guard office != actor, !work(office).isEmpty else { return [] }
            return news(office).map { (Self.newsTemplate, $0) }
        case .acknowledged, .inProgress, .waiting, .resolved, .rejected:
            return followers(office, actor).map { (Self.newsTemplate, $0) }
        case .opened, .message, .note, .answered, .corrected, .reminded, .escalated: return []
        }
    }

    private func followers(_ office: String, _ actor: String) -> [Address] {
        office == actor ? [] : work(office).filter { $0.contact.medium == .webhook }
    }
}
