import Civic
import Settings
import Testing

@testable import Intake
@testable import Store

@Suite("The citizen's status page") struct StatusPagesTests {
    private func ticket(
        language: String = "it", status: TicketStatus = .acknowledged, category: String? = "sicurezza.voragine",
        office: String = "municipio-vii", openedAt: Timestamp = Rome.monday, events: [TicketEvent] = []
    ) -> TicketRecord {
        TicketRecord(
            number: 7, code: "RM-7Q4K2MXD", status: status, category: category, office: office, priority: "urgent",
            area: "municipio-vii", channel: "portale", language: language, openedAt: openedAt,
            dueAt: openedAt + .seconds(4 * 3600), closedAt: nil, citizen: Identifier(high: 1, low: 2),
            contact: Contact(medium: .email, address: "anna@example.org"), tags: ["feriti"], undecided: false,
            decision: "{}", subject: "what she wrote above", text: "what she wrote", events: events)
    }

    private func page(_ ticket: TicketRecord, in configuration: Configuration? = nil) throws -> String {
        try StatusPages().found(ticket, in: configuration ?? Rome.configuration())
    }

    @Test("Status, topic, office and what happened, by the city's clocks")
    func found() throws {
        let events = [
            TicketEvent(
                at: Rome.monday, kind: .opened, by: "rules", note: "a.zip was left out", office: "municipio-vii"),
            TicketEvent(at: Rome.monday + .seconds(60), kind: .note, by: "operator:anna", note: "not for the citizen"),
            TicketEvent(at: Rome.monday + .seconds(3600), kind: .acknowledged, by: "urp", note: "Squadra in arrivo"),
            TicketEvent(at: Rome.monday + .seconds(7200), kind: .message, by: "citizen", note: "her own words"),
            TicketEvent(at: Rome.monday + .seconds(7260), kind: .reopened, by: "citizen", note: "her own words"),
        ]
        let page = try page(ticket(events: events))
        for words in [
            "<html lang=\"it\">", "RM-7Q4K2MXD", "presa in carico", "Voragine", "Municipio Roma VII", "Roma Capitale",
            "23/11/2026, 10:00", "23/11/2026, 11:00", "datetime=\"2026-11-23T09:00:00Z\"", "Squadra in arrivo",
            "23/11/2026, 14:00", "tel:060606", "noindex",
        ] { #expect(page.contains(words), "\(words)") }
        #expect(page.components(separatedBy: "<li>").count == 5)
        for secret in [
            "not for the citizen", "was left out", "her own words", "operator:anna", "what she wrote",
            "anna@example.org", "feriti", "{{",
        ] { #expect(!page.contains(secret), "\(secret)") }
    }

    @Test("One that waits says so, with what it waits for, and promises no date; what offices are told stays with them")
    func waiting() throws {
        let events = [
            TicketEvent(at: Rome.monday, kind: .waiting, by: "urp", note: "Quale numero civico?"),
            TicketEvent(at: Rome.monday, kind: .reminded, by: "rules", note: "not in time", office: "urp"),
            TicketEvent(at: Rome.monday, kind: .escalated, by: "rules", office: "roma-capitale"),
        ]
        let page = try page(ticket(status: .waiting, events: events))
        for words in ["in attesa di una tua risposta", "Quale numero civico?"] { #expect(page.contains(words)) }
        for hidden in ["not in time", "Risposta prevista"] { #expect(!page.contains(hidden), "\(hidden)") }
        #expect(page.components(separatedBy: "<li>").count == 2)
    }

    @Test("English, and English for any language without words of its own", arguments: ["en", "fr"])
    func english(_ language: String) throws {
        let page = try page(ticket(language: language))
        #expect(page.contains("<html lang=\"en\">"))
        #expect(page.contains("taken in charge"))
        #expect(page.contains(language == "en" ? "Sinkhole" : "Voragine"))
    }

    @Test("Every status and every step has words, in every language")
    func words() {
        for language in StatusWords.languages {
            let words = StatusWords(language: language)
            #expect(Set(TicketStatus.allCases.map(words.status)).count == TicketStatus.allCases.count)
            let kinds = TicketEvent.Kind.allCases.filter { !$0.isInternal }
            let steps = kinds.map { words.step($0, office: nil) }
            #expect(Set(steps).count == kinds.count)
            #expect(!steps.contains(""))
            #expect(words.step(.forwarded, office: "AMA").hasSuffix(": AMA"))
        }
        #expect(Set(StatusWords.languages.map { StatusWords(language: $0).title }).count == 5)
        #expect(Set(StatusWords.languages.map { StatusWords(language: $0).missing }).count == 5)
    }

    @Test(
        "The first language asked for that has words",
        arguments: [
            ("uk-UA,uk;q=0.9,en;q=0.8", "uk"), ("fr, ro;q=0.5", "ro"), ("ES-419", "es"), ("", nil), ("*", nil),
            ("fr", nil), ("zz,,;;, it", "it"),
        ] as [(String, String?)])
    func accepted(header: String, language: String?) {
        #expect(StatusWords.language(accepted: header) == language)
    }

    @Test(
        "Each language has its page; names that it lacks are in the city's own",
        arguments: [
            ("es", "admitida a trámite"), ("ro", "Sesizarea dumneavoastră"), ("uk", "взято до розгляду"),
        ])
    func moreLanguages(language: String, words: String) throws {
        let page = try page(ticket(language: language))
        #expect(page.contains("<html lang=\"\(language)\">"))
        #expect(page.contains(words) && page.contains("Voragine") && page.contains("Municipio Roma VII"))
    }

    @Test("Closed: no answer is expected any more", arguments: [TicketStatus.resolved, .rejected])
    func closed(_ status: TicketStatus) throws {
        #expect(try !page(ticket(status: status)).contains("Risposta prevista"))
        #expect(try page(ticket(status: .reopened)).contains("Risposta prevista"))
    }

    @Test("Whatever an office or the configuration says is text, never markup")
    func escaping() throws {
        let mark = #"<script>alert("x")</script>&'"#
        var configuration = try Rome.configuration()
        configuration.city.name = mark
        configuration.city.phone = "\"><script>"
        configuration.categories["sicurezza.voragine"]?.names = ["it": mark]
        configuration.directory = OfficeDirectory(
            offices: [Office(code: "municipio-vii", names: ["it": mark])], lastResort: "municipio-vii")
        let events = [TicketEvent(at: Rome.monday, kind: .moved, by: "urp", note: mark, office: "municipio-vii")]
        let page = try page(ticket(events: events), in: configuration)
        #expect(!page.contains("<script"))
        #expect(page.components(separatedBy: "&lt;script&gt;alert(").count - 1 >= 5)
        #expect(!page.contains("tel:\">"))
        #expect(try !StatusPages().notFound(in: configuration, language: "it").contains("<script"))
    }

    @Test("The office by the name that it had when the ticket was opened; one that is gone by its code")
    func offices() throws {
        var configuration = try Rome.configuration()
        let former = Office.Alias(
            name: "Circoscrizione X", until: CivilDate(year: 2013, month: 5, day: 31))
        let office = Office(code: "municipio-vii", names: ["it": "Municipio Roma VII"], aliases: [former])
        configuration.directory = OfficeDirectory(offices: [office], lastResort: "municipio-vii")
        let old = try page(ticket(openedAt: moment("2013-05-31T10:00:00Z")), in: configuration)
        #expect(old.contains("Circoscrizione X"))
        #expect(try !page(ticket(), in: configuration).contains("Circoscrizione X"))
        #expect(try page(ticket(office: "soppresso"), in: configuration).contains("<dd>soppresso</dd>"))
    }

    @Test("Without a topic or a telephone number there is no line for it")
    func absent() throws {
        var configuration = try Rome.configuration()
        configuration.city.phone = nil
        let page = try page(ticket(category: nil), in: configuration)
        #expect(!page.contains("Argomento"))
        #expect(!page.contains("<footer>"))
    }

    @Test("A wrong key: the same page for every code, in the reader's language")
    func notFound() throws {
        let configuration = try Rome.configuration()
        let pages = try StatusPages()
        #expect(pages.notFound(in: configuration, language: "it").contains("Questo indirizzo non è valido"))
        let english = pages.notFound(in: configuration, language: "en")
        #expect(english.contains("This address is not valid"))
        #expect(english.contains("<html lang=\"en\">"))
        #expect(!english.contains("RM-"))
        #expect(!english.contains("{{"))
    }
}
