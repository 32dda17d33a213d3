import Civic
import Testing

@testable import Store

@Suite("which medium") struct MediumChoiceTests {
    private static let now = Sample.moment
    private static let email = Contact(medium: .email, address: "anna@example.org")
    private static let appIO = Contact(medium: .appIO, address: "MRTNTN23M02D969P")
    private static let pec = Contact(medium: .pec, address: "anna@pec.example.org")
    private static let chat = Contact(medium: .telegram, address: "telegram/4711")

    /// One line of the table of decisions.
    struct Line: Sendable, CustomTestStringConvertible {
        var says: String
        var ways: [Contact]
        var order: [Medium] = [.appIO, .email]
        var configured: Set<Medium> = [.appIO, .email, .pec]
        var demand: [Medium] = []
        var standing = CitizenStanding()
        var occasion = MediumChoice.Occasion.news
        /// The chain.
        var media: [Medium]
        var why: String
        var withheld: String?
        var testDescription: String { says }
    }

    private static let soon = now + .seconds(60)

    @Test(
        "the table of decisions",
        arguments: [
            Line(
                says: "the city's order", ways: [email, appIO], media: [.appIO, .email], why: "the city's order"),
            Line(
                says: "another order", ways: [email, appIO], order: [.email, .appIO], media: [.email, .appIO],
                why: "the city's order"),
            Line(
                says: "a medium that is not in the order is not used", ways: [email, appIO], order: [.email],
                media: [.email], why: "the city's order"),
            Line(
                says: "no address on any of the city's media", ways: [appIO], order: [.email], media: [.appIO],
                why: "the city tells by email only, and there is no address for it",
                withheld: "the city tells by email only, and there is no address for it"),
            Line(
                says: "but what was just said is answered", ways: [appIO], order: [.email], occasion: .answer,
                media: [.appIO], why: "an answer, on the only way that is known"),
            Line(
                says: "a medium that the city does not have", ways: [email, appIO], configured: [.email],
                media: [.email], why: "the city's order"),
            Line(
                says: "certified mail, and nothing else", ways: [pec, appIO], media: [.pec],
                why: "certified mail is answered by certified mail"),
            Line(
                says: "unless the office names both", ways: [pec, appIO], demand: [.pec, .appIO],
                media: [.pec, .appIO], why: "the office urp demands it"),
            Line(
                says: "a chat, then the rest", ways: [chat, email], media: [.telegram, .email],
                why: "a chat is answered there"),
            Line(
                says: "the office's demand", ways: [email, appIO], demand: [.email], media: [.email],
                why: "the office urp demands it"),
            Line(
                says: "a chat that the office does not want", ways: [chat, email], demand: [.email], media: [.email],
                why: "the office urp demands it"),
            Line(
                says: "no address for what the office demands", ways: [chat], demand: [.email, .appIO],
                media: [.telegram],
                why: "the office urp tells by email, app_io only, and there is no address for it",
                withheld: "the office urp tells by email, app_io only, and there is no address for it"),
            Line(
                says: "the first answer goes out all the same", ways: [chat], demand: [.email], occasion: .answer,
                media: [.telegram], why: "a chat is answered there"),
            Line(
                says: "the citizen's choice", ways: [email, appIO], standing: CitizenStanding(prefers: .email),
                media: [.email, .appIO], why: "the citizen chose it"),
            Line(
                says: "for this ticket before for all", ways: [email, appIO],
                standing: CitizenStanding(prefers: .email, wish: .by(.appIO)), media: [.appIO, .email],
                why: "the citizen chose it"),
            Line(
                says: "and back to the city's order", ways: [email, appIO],
                standing: CitizenStanding(prefers: .email, wish: .any), media: [.appIO, .email],
                why: "the city's order"),
            Line(
                says: "a choice within the demand", ways: [email, appIO], demand: [.appIO, .email],
                standing: CitizenStanding(prefers: .email), media: [.email, .appIO], why: "the citizen chose it"),
            Line(
                says: "a choice against the demand", ways: [email, appIO], demand: [.appIO],
                standing: CitizenStanding(prefers: .email), media: [.appIO],
                why: "the office urp demands it; the citizen chose email, which cannot be used here"),
            Line(
                says: "a choice instead of the chat", ways: [chat, email], standing: CitizenStanding(prefers: .email),
                media: [.email, .telegram], why: "the citizen chose it"),
            Line(
                says: "whoever speaks in a chat is answered there", ways: [chat, email],
                standing: CitizenStanding(prefers: .email), occasion: .answer, media: [.telegram, .email],
                why: "a chat is answered there"),
            Line(
                says: "certified mail is not a choice", ways: [pec, email], standing: CitizenStanding(prefers: .email),
                media: [.pec],
                why: "certified mail is answered by certified mail; the citizen chose email, which cannot be used here"
            ),
            Line(
                says: "what lately did not reach them is tried last", ways: [email, appIO],
                standing: CitizenStanding(unreached: [.appIO: soon]), media: [.email, .appIO],
                why: "the city's order; app_io lately did not reach them"),
            Line(
                says: "until it is over", ways: [email, appIO], standing: CitizenStanding(unreached: [.appIO: now]),
                media: [.appIO, .email], why: "the city's order"),
            Line(
                says: "whatever they chose", ways: [email, appIO],
                standing: CitizenStanding(prefers: .email, unreached: [.email: soon]), media: [.appIO, .email],
                why: "the citizen chose it; email lately did not reach them"),
            Line(
                says: "the only way is tried again", ways: [email],
                standing: CitizenStanding(unreached: [.email: soon]), media: [.email], why: "the city's order"),
            Line(
                says: "no news", ways: [email, appIO], standing: CitizenStanding(isMuted: true),
                media: [.appIO, .email], why: "the city's order", withheld: MediumChoice.muted),
            Line(
                says: "no news of this ticket", ways: [email], standing: CitizenStanding(wish: .silence),
                media: [.email], why: "the city's order", withheld: MediumChoice.muted),
            Line(
                says: "news of this ticket all the same", ways: [email],
                standing: CitizenStanding(isMuted: true, wish: .by(.email)), media: [.email],
                why: "the citizen chose it"),
            Line(
                says: "what they must hear", ways: [email], standing: CitizenStanding(isMuted: true), occasion: .duty,
                media: [.email], why: "the city's order"),
            Line(
                says: "an answer to what they said", ways: [email], standing: CitizenStanding(isMuted: true),
                occasion: .answer, media: [.email], why: "the city's order"),
            Line(
                says: "an exchange by certified mail", ways: [pec], standing: CitizenStanding(isMuted: true),
                media: [.pec], why: "certified mail is answered by certified mail"),
        ])
    func table(_ line: Line) throws {
        let choice = MediumChoice(order: line.order, configured: line.configured, demands: ["urp": line.demand])
        let chosen = try #require(
            choice.choose(
                among: line.ways, office: "urp", standing: line.standing, occasion: line.occasion, at: Self.now))
        #expect(chosen.contact.ways.map(\.medium) == line.media)
        #expect(chosen.why == line.why)
        #expect(chosen.withheld == line.withheld)
    }

    /// Every subset, in its order.
    private static func subsets<Element>(_ all: [Element]) -> [[Element]] {
        all.reduce([[]]) { found, next in found + found.map { $0 + [next] } }
    }

    @Test("what holds for every city, office, citizen and occasion")
    func wholeSpace() {
        let wishes: [ContactWish?] = [nil, .by(.appIO), .by(.email), .silence]
        let unreached: [[Medium]] = [[], [.appIO], [.telegram, .email], [.appIO, .email]]
        let demands: [[Medium]] = [[], [.email], [.appIO, .email], [.pec, .appIO]]
        let orders: [[Medium]] = [[.appIO, .email], [.email, .appIO], [.email]]
        let has: [[Medium]] = [[.appIO, .email, .pec], [.email, .pec], [.appIO], []]
        var seen = 0
        for ways in Self.subsets([Self.chat, Self.pec, Self.email, Self.appIO])
        where !(ways.contains(Self.chat) && ways.contains(Self.pec)) {
            for configured in has {
                for demand in demands {
                    for order in orders {
                        let choice = MediumChoice(
                            order: order, configured: Set(configured), demands: demand.isEmpty ? [:] : ["urp": demand])
                        for wish in wishes {
                            for missing in unreached {
                                let standing = CitizenStanding(
                                    wish: wish,
                                    unreached: Dictionary(uniqueKeysWithValues: missing.map { ($0, Self.soon) }))
                                for occasion in MediumChoice.Occasion.allCases {
                                    seen += 1
                                    check(choice, ways, demand, order, standing, occasion)
                                }
                            }
                        }
                    }
                }
            }
        }
        #expect(seen == 12 * 4 * 4 * 3 * 4 * 4 * 3)
    }

    /// Compares once and reports only what is wrong: a million expectations would take minutes.
    private func check(
        _ choice: MediumChoice, _ ways: [Contact], _ demand: [Medium], _ order: [Medium], _ standing: CitizenStanding,
        _ occasion: MediumChoice.Occasion
    ) {
        let chosen = choice.choose(among: ways, office: "urp", standing: standing, occasion: occasion, at: Self.now)
        var wrong: [String] = []
        func hold(_ condition: Bool, _ rule: String) { if !condition { wrong.append(rule) } }
        guard let chosen else {
            if !ways.isEmpty { Issue.record("nobody is told although there is a way") }
            return
        }
        let chain = chosen.contact.ways
        let media = chain.map(\.medium)
        hold(!ways.isEmpty, "somebody is told without a way")
        hold(Set(chain).isSubset(of: ways) && Set(media).count == media.count, "the chain is of ways, each once")
        hold(
            Set(chosen.known.ways) == Set(ways) && chosen.known.ways.count == ways.count, "the ticket forgets a way")
        hold(chosen.known.ways.first == chain.first, "the ticket shows another way")
        func has(_ medium: Medium) -> Bool { medium.isChat || choice.configured.contains(medium) }
        if ways.contains(where: { has($0.medium) }), chosen.withheld == nil {
            hold(media.allSatisfy(has), "a medium that the city does not have")
        }
        let isSilent = standing.effective == .silence && occasion == .news && media[0] != .pec
        if isSilent { hold(chosen.withheld != nil, "news for who wants none") }
        if occasion != .news { hold(chosen.withheld != MediumChoice.muted, "what must go out is muted") }
        if occasion == .answer { hold(chosen.withheld == nil, "no answer") }
        if chosen.withheld == nil || chosen.withheld == MediumChoice.muted {
            if !demand.isEmpty, occasion != .answer {
                hold(Set(media).isSubset(of: demand), "another medium than the office's")
            }
            if demand.isEmpty, media.contains(.pec) { hold(media == [.pec], "certified mail is repeated elsewhere") }
            if demand.isEmpty, occasion != .answer {
                hold(media.allSatisfy { $0.isConversation || order.contains($0) }, "another medium than the city's")
            }
            let isLate = media.map { standing.unreached[$0] != nil }
            hold(isLate == isLate.sorted { !$0 && $1 }, "what did not reach them goes before what may")
            if case .by(let medium) = standing.effective, media.contains(medium), standing.unreached[medium] == nil,
                !(occasion == .answer && media.contains(where: \.isChat))
            {
                hold(media[0] == medium, "the citizen's choice comes later")
            }
        } else {
            hold(media.count == 1, "a chain for what is not sent")
        }
        if !wrong.isEmpty {
            Issue.record("\(wrong): \(ways.map(\.medium)) \(choice) \(standing) \(occasion): \(media) \(chosen.why)")
        }
    }

    @Test("what goes out though the citizen wants no news")
    func occasions() {
        typealias Occasion = MediumChoice.Occasion
        for kind in TicketEvent.Kind.allCases {
            #expect(Occasion(kind, isOwn: true, asksPayment: false) == .answer)
            #expect(Occasion(kind, isOwn: false, asksPayment: true) == .duty)
        }
        let duties: [TicketEvent.Kind] = [.waiting, .answered, .corrected]
        for kind in duties { #expect(Occasion(kind, isOwn: false, asksPayment: false) == .duty) }
        for kind in [TicketEvent.Kind.acknowledged, .inProgress, .forwarded, .resolved, .rejected, .reopened] {
            #expect(Occasion(kind, isOwn: false, asksPayment: false) == .news)
        }
    }

    @Test("a declared fiscal code is a way only where there is no other")
    func ways() {
        let all = Sender(email: "anna@example.org", fiscalCode: "MRTNTN23M02D969P", attested: [.fiscalCode])
        var declared = all
        declared.attested = []
        var alone = declared
        alone.email = nil
        #expect(Contact.ways(of: all, appIO: true) == [Self.email, Self.appIO])
        #expect(Contact.ways(of: declared, appIO: true) == [Self.email])
        #expect(Contact.ways(of: alone, appIO: true) == [Self.appIO])
        #expect(Contact.ways(of: alone, appIO: true, chat: Self.chat) == [Self.chat])
        #expect(Contact.ways(of: all, appIO: false) == [Self.email])
        #expect(Contact.ways(of: all, appIO: true, chat: Self.chat) == [Self.chat, Self.email, Self.appIO])
        let certified = Contact.ways(of: all, appIO: true, certified: true)
        #expect(certified == [Contact(medium: .pec, address: "anna@example.org"), Self.appIO])
        #expect(Contact.ways(of: Sender(phone: "+393331234567"), appIO: true).isEmpty)
    }

    @Test("what a citizen is offered: what may be used for the ticket, never in an exchange by certified mail")
    func offered() {
        let choice = MediumChoice(order: [.appIO, .email], demands: ["tributi": [.email]])
        #expect(choice.offered(among: [Self.email, Self.appIO], office: "urp") == [.appIO, .email])
        #expect(choice.offered(among: [Self.email, Self.appIO], office: "tributi") == [.email])
        #expect(choice.offered(among: [Self.chat, Self.email], office: "urp") == [.email])
        #expect(choice.offered(among: [Self.pec, Self.appIO], office: "urp").isEmpty)
        let small = MediumChoice(order: [.appIO, .email], configured: [.email])
        #expect(small.offered(among: [Self.email, Self.appIO], office: "urp") == [.email])
    }

    @Test("words on the wire", arguments: ["app_io", "email", "none", "any"])
    func wishes(_ text: String) { #expect(ContactWish(text)?.text == text) }

    @Test("and no others", arguments: ["", "pec", "telegram", "App_IO", "email ", "webhook"])
    func noWishes(_ text: String) { #expect(ContactWish(text) == nil) }

    @Test("each owed notification with those that took its place, and one outcome")
    func chains() {
        func sent(_ low: UInt64, _ medium: String, _ status: String, insteadOf: UInt64? = nil)
            -> TicketRecord.Notification
        {
            TicketRecord.Notification(
                id: Identifier(high: 1, low: low), medium: medium, recipient: "x", status: status, attempts: 1,
                reason: nil, template: "opened", createdAt: Self.now, doneAt: nil, receipt: nil,
                insteadOf: insteadOf.map { Identifier(high: 1, low: $0) }, together: [])
        }
        let chains = NotificationChain.all(in: [
            sent(10, "app_io", "refused"), sent(20, "app_io", "delivered"), sent(11, "email", "refused", insteadOf: 10),
            sent(12, "telegram", "waiting", insteadOf: 11), sent(21, "email", "refused", insteadOf: 20),
            // What it took the place of is gone.
            sent(31, "email", "delivered", insteadOf: 30),
        ])
        #expect(chains.map { $0.links.map(\.id.low) } == [[10, 11, 12], [20, 21], [31]])
        #expect(chains.map(\.outcome.id.low) == [12, 20, 31])
        // Nothing hangs on a circle, which the table cannot hold.
        _ = NotificationChain.all(in: [
            sent(1, "email", "refused"), sent(2, "app_io", "refused", insteadOf: 1),
            sent(1, "email", "refused", insteadOf: 2),
        ])
    }
}
