import Civic
import Settings
import Testing

@testable import Intake
@testable import Store

@Suite("How a citizen says how they want to be told") struct ContactFormTests {
    private static let person = "MRTNTN23M02D969P"
    private static let both = Contact(medium: .appIO, address: person, fallback: "anna@example.org")
    private static let email = Contact(medium: .email, address: "anna@example.org")

    private func ticket(
        _ contact: Contact?, attested: Identity? = nil, standing: CitizenStanding = CitizenStanding(),
        office: String = "municipio-vii"
    ) -> TicketRecord {
        TicketRecord(
            number: 7, code: "RM-7Q4K2MXD", status: .open, category: nil, office: office, priority: "normal",
            area: nil, channel: "portale", language: "it", openedAt: Rome.monday, dueAt: nil, closedAt: nil,
            citizen: attested.map(Identifier.init(citizenOf:)) ?? Identifier(high: 1, low: 2), contact: contact,
            tags: [], undecided: false, decision: "{}", subject: nil, text: nil, standing: standing)
    }

    private func form(_ ticket: TicketRecord) throws -> ContactForm? {
        ContactForm(ticket, in: try Rome.configuration())
    }

    private func said(_ form: ContactForm?, _ text: String) throws -> PreferenceTable.Said {
        try #require(form).said(try FormBody(urlencoded: text))
    }

    @Test("The media that the ticket knows, the city's order, and no more news")
    func options() throws {
        #expect(try form(ticket(Self.both))?.options == [.any, .by(.appIO), .by(.email), .silence])
        #expect(try form(ticket(Self.email))?.options == [.any, .silence])
        let chat = Contact(medium: .telegram, address: "telegram/4711", fallback: "anna@example.org")
        #expect(try form(ticket(chat))?.options == [.any, .by(.email), .silence])
        #expect(try form(ticket(Contact(medium: .pec, address: "anna@pec.example.org"))) == nil)
        #expect(try form(ticket(nil)) == nil)
    }

    @Test("It shows what was chosen")
    func chosen() throws {
        #expect(try form(ticket(Self.both))?.chosen == .any)
        #expect(try form(ticket(Self.both, standing: CitizenStanding(prefers: .email)))?.chosen == .by(.email))
        #expect(try form(ticket(Self.both, standing: CitizenStanding(isMuted: true)))?.chosen == .silence)
        #expect(try form(ticket(Self.email, standing: CitizenStanding(prefers: .appIO)))?.chosen == .any)
    }

    @Test("For all that concerns them speaks only whom the channel vouched for")
    func scope() throws {
        let attested = Identity(kind: .fiscalCode, value: Self.person, attested: true)
        let declared = Identity(kind: .fiscalCode, value: Self.person, attested: false)
        let vouched = try form(ticket(Self.both, attested: attested))
        #expect(try said(vouched, "contact=email&all=1") == .init(wish: .by(.email), isForAll: true))
        #expect(try said(vouched, "contact=email") == .init(wish: .by(.email), isForAll: false))
        let stranger = try form(ticket(Self.both, attested: declared))
        #expect(try said(stranger, "contact=email&all=1") == .init(wish: .by(.email), isForAll: false))
        let chat = Contact(medium: .whatsapp, address: "whatsapp/39333")
        #expect(try form(ticket(chat))?.isForAll == true)
        #expect(try form(ticket(Contact(medium: .sms, address: "sms/39333")))?.isForAll == false)
    }

    @Test(
        "What is not offered is refused",
        arguments: ["", "contact=", "contact=pec", "contact=telegram", "contact=email%00", "all=1", "contact=EMAIL"])
    func refused(_ body: String) throws {
        let form = try form(ticket(Self.both))
        #expect { _ = try said(form, body) } throws: {
            ($0 as? Problem)?.status == .unprocessableContent && ($0 as? Problem)?.pointer == "/contact"
        }
        #expect(throws: Problem.self) { try said(self.form(ticket(Self.email)), "contact=app_io") }
    }

    @Test("The page holds the form with its key, in both languages, and no address of the citizen's")
    func page() throws {
        let attested = Identity(kind: .fiscalCode, value: Self.person, attested: true)
        let ticket = ticket(Self.both, attested: attested, standing: CitizenStanding(prefers: .email))
        let page = try StatusPages().found(ticket, in: Rome.configuration(), key: "0123", isSaved: true)
        for words in [
            #"<form method="post" action="?k=0123">"#, "Come vuoi ricevere le notizie?", "Nessuna notizia",
            #"value="email" checked>"#, #"value="app_io">"#, #"name="all""#, "La tua scelta è salvata",
        ] { #expect(page.contains(words), "\(words)") }
        for secret in [Self.person, "anna@", "{{", "example.org"] { #expect(!page.contains(secret), "\(secret)") }
        let bare = try StatusPages().found(self.ticket(nil), in: Rome.configuration(), key: "0123")
        #expect(!bare.contains("<form") && !bare.contains("salvata"))
    }

    @Test("The page behind a mail's List-Unsubscribe: a question with a button, then the answer")
    func silence() throws {
        let pages = try StatusPages()
        let configuration = try Rome.configuration()
        func page(_ language: String, isDone: Bool) -> String {
            pages.silence("RM-7Q4K2MXD", key: "0123", language: language, isDone: isDone, in: configuration)
        }
        #expect(page("it", isDone: false).contains(#"name="List-Unsubscribe" value="One-Click""#))
        #expect(page("it", isDone: false).contains("Vuoi non ricevere più notizie"))
        #expect(page("en", isDone: false).contains("Send me no more news"))
        #expect(!page("it", isDone: true).contains("<form"))
        #expect(page("en", isDone: true).contains("You will get no more news"))
        #expect(page("en", isDone: true).contains(#"href="../RM-7Q4K2MXD?k=0123""#))
    }
}
