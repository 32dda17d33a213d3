import Civic

/// On which medium a citizen is told: the city's part of the decision. Pure.
///
/// In this order:
/// 1. A way exists only where there is an address (`Contact.ways`), and on a medium that the city has.
/// 2. What the office demands: where it names media, no other is used for news. An answer to what the citizen has just
///    said goes out all the same where that leaves no way: it says that the message came, and under which number.
/// 3. Certified mail is answered by certified mail, and repeated on nothing else unless the office names both; a
///    messenger's chat is answered there.
/// 4. What the citizen chose, for this ticket or for all: it moves to the front of what is allowed.
/// 5. Else the city's order. A medium that is not in it is not used.
/// 6. What lately did not reach the citizen moves to the end; it is not given up, for it may be the only way.
///
/// Who wants no news gets none: it is on record as cancelled. Answers to what they say themselves, what the office needs
/// of them, payments and corrections still go out, and so does everything in an exchange by certified mail.
public struct MediumChoice: Sendable {
    /// Empty: in the order of the ways.
    public var order: [Medium]
    /// Chats aside: those that the city has an account for.
    public var configured: Set<Medium>
    /// The only media on which an office's citizens are told, by the office's code.
    public var demands: [String: [Medium]]

    public init(
        order: [Medium] = [], configured: Set<Medium> = [.appIO, .email, .pec], demands: [String: [Medium]] = [:]
    ) {
        self.order = order
        self.configured = configured
        self.demands = demands
    }

    /// What is to be told.
    public enum Occasion: Hashable, Sendable, CaseIterable {
        /// An answer to what the citizen has just said.
        case answer
        /// How their matter stands.
        case news
        /// What they must hear although they want no news.
        case duty

        /// - Parameter isOwn: the citizen did it themselves.
        public init(_ kind: TicketEvent.Kind, isOwn: Bool, asksPayment: Bool) {
            self = isOwn ? .answer : asksPayment || !Occasion.newsKinds.contains(kind) ? .duty : .news
        }

        /// Their names are those of the templates.
        static let newsKinds: [TicketEvent.Kind] = [
            .acknowledged, .inProgress, .forwarded, .resolved, .rejected, .reopened, .moved,
        ]
    }

    /// What was decided, and why.
    public struct Chosen: Hashable, Sendable {
        /// Where it goes first, with its chain.
        public var contact: Contact
        /// The same with all ways that are known: what the ticket remembers.
        public var known: Contact
        /// For operators; nothing personal.
        public var why: String
        /// Why it is not sent at all.
        public var withheld: String?
    }

    public static let muted = "the citizen wants no news"

    /// - Parameter ways: where the citizen can be told, a chat or certified mail first.
    /// - Returns: nil if there is no way.
    public func choose(
        among ways: [Contact], office: String, standing: CitizenStanding, occasion: Occasion, at now: Timestamp
    ) -> Chosen? {
        guard !ways.isEmpty else { return nil }
        let open = ways.filter { $0.medium.isChat || configured.contains($0.medium) }
        // What the city has no account for is refused by name when it is tried.
        var (candidates, why) = allowed(of: open.isEmpty ? ways : open, office: office, isAnswer: occasion == .answer)
        if candidates.isEmpty {
            return chosen(from: ways, candidates: [ways[0]], why: why, withheld: why)
        }
        move(what: standing.effective, in: &candidates, isAnswer: occasion == .answer, why: &why)
        let first = candidates[0]
        let missing = candidates.filter { standing.isUnreached(on: $0.medium, at: now) }
        candidates = candidates.filter { !missing.contains($0) } + missing
        if candidates[0] != first { why += "; \(first.medium.rawValue) lately did not reach them" }
        let isSilenced = standing.effective == .silence && occasion == .news && candidates[0].medium != .pec
        return chosen(
            from: ways, candidates: candidates, why: why, withheld: isSilenced ? MediumChoice.muted : nil)
    }

    /// What a citizen may choose among, for a ticket of this office.
    public func offered(among ways: [Contact], office: String) -> [Medium] {
        // In an exchange by certified mail there is nothing to choose.
        guard !ways.contains(where: { $0.medium == .pec }) else { return [] }
        let open = ways.filter { $0.medium.isChat || configured.contains($0.medium) }
        let allowed = allowed(of: open, office: office, isAnswer: false).0.map(\.medium)
        return ContactWish.media.filter(allowed.contains)
    }

    /// The media that may be used, the best first.
    private func allowed(of ways: [Contact], office: String, isAnswer: Bool) -> ([Contact], String) {
        func inOrder(_ media: [Medium]) -> [Contact] {
            media.reduce(into: []) { found, medium in
                if let way = ways.first(where: { $0.medium == medium }), !found.contains(way) { found.append(way) }
            }
        }
        func words(_ media: [Medium]) -> String { media.map(\.rawValue).joined(separator: ", ") }
        if let demanded = demands[office], !demanded.isEmpty {
            let candidates = inOrder(demanded)
            if !candidates.isEmpty { return (candidates, "the office \(office) demands it") }
            guard isAnswer else {
                return ([], "the office \(office) tells by \(words(demanded)) only, and there is no address for it")
            }
        }
        let others = order.isEmpty ? ways.filter { !$0.medium.isConversation } : inOrder(order)
        if let origin = ways.first(where: \.medium.isConversation) {
            return origin.medium == .pec
                ? ([origin], "certified mail is answered by certified mail")
                : ([origin] + others, "a chat is answered there")
        }
        if !others.isEmpty { return (others, "the city's order") }
        return isAnswer
            ? (ways, "an answer, on the only way that is known")
            : ([], "the city tells by \(words(order)) only, and there is no address for it")
    }

    private func move(what wish: ContactWish, in candidates: inout [Contact], isAnswer: Bool, why: inout String) {
        guard case .by(let medium) = wish else { return }
        guard let index = candidates.firstIndex(where: { $0.medium == medium }) else {
            why += "; the citizen chose \(medium.rawValue), which cannot be used here"
            return
        }
        // Who has just spoken in a chat looks for the answer there.
        if isAnswer && candidates[0].medium.isChat { return }
        candidates.insert(candidates.remove(at: index), at: 0)
        why = "the citizen chose it"
    }

    private func chosen(
        from ways: [Contact], candidates: [Contact], why: String, withheld: String?
    ) -> Chosen {
        let first = candidates[0]
        let rest = Array(candidates.dropFirst())
        let others = ways.filter { !candidates.contains($0) }
        return Chosen(
            contact: Contact(medium: first.medium, address: first.address, fallback: Fallback.text(rest)),
            known: Contact(medium: first.medium, address: first.address, fallback: Fallback.text(rest + others)),
            why: why, withheld: withheld)
    }
}

extension Medium {
    /// Who writes there is answered there.
    var isConversation: Bool { isChat || self == .pec }
}

extension Contact {
    /// The ways that a message opens. Personal data is kept as little as can be: what would not be used is no way.
    ///
    /// App IO only goes to a fiscal code that the channel vouches for, unless there is no other way: a declared one may
    /// be somebody else's.
    /// - Parameters:
    ///   - appIO: the city has it.
    ///   - certified: what they said came by certified mail, and the city can answer so.
    ///   - chat: in which they spoke.
    public static func ways(of sender: Sender, appIO: Bool, certified: Bool = false, chat: Contact? = nil) -> [Contact]
    {
        var ways = chat.map { [Contact(medium: $0.medium, address: $0.address)] } ?? []
        if let email = sender.email { ways.append(Contact(medium: certified ? .pec : .email, address: email)) }
        let person = sender.fiscalCode.flatMap { FiscalCode.matchesPattern($0) ? $0 : nil }
        if appIO, let person, sender.attested.contains(.fiscalCode) || ways.isEmpty {
            ways.append(Contact(medium: .appIO, address: person))
        }
        return ways
    }

    /// Itself and what follows, each without a chain: what a ticket knows.
    public var ways: [Contact] { [Contact(medium: medium, address: address)] + Fallback.chain(fallback) }
}
