import Civic
import Settings
import Store
import Testing

@testable import Intake

@Suite("From a decided message to the rows it makes") struct RegistrarTests {
    private static let ticketKey = [UInt8](1...16)
    private static let instance = Instance(ticketKey: ticketKey, statusKey: [UInt8](17...32))

    private func record(
        _ json: String, channel: String = "portale", in given: Configuration? = nil, number: Int64 = 7
    ) throws -> IntakeRecord {
        let configuration = try given ?? Rome.configuration()
        let message = try Rome.message(json, channel: channel, in: configuration)
        let verdict = Classifier(configuration: configuration).decide(message)
        return try Registrar(configuration: configuration, instance: Self.instance).record(
            message, raw: Array(json.utf8), verdict: verdict, number: number)
    }

    private func ticket(
        _ json: String, channel: String = "portale", in configuration: Configuration? = nil
    ) throws -> NewTicket {
        guard case .ticket(let ticket) = try record(json, channel: channel, in: configuration).outcome else {
            throw NoTicket()
        }
        return ticket
    }

    private struct NoTicket: Error {}

    /// A message from somebody.
    private func from(_ members: String) -> String { #"{"text":"C'è una buca","from":{\#(members)}}"# }

    private static let person = #""fiscal_code":"MRTNTN23M02D969P""#
    private static let email = #""email":"anna@example.org""#

    @Test("The ticket is the verdict with a code, and the raw message is kept")
    func complete() throws {
        let json =
            #"{"text":"C'è una buca, mi sono fatta male","language":"en","fields":{"municipio":7},"from":{\#(Self.email)}}"#
        let record = try record(json)
        #expect(record.raw == Array(json.utf8))
        let ticket = try ticket(json)
        let verdict = try Rome.decide(json)
        #expect(ticket.number == 7)
        #expect(TicketCode(parsing: ticket.code, prefix: "RM")?.number(key: Self.ticketKey) == 7)
        #expect(ticket.category == verdict.category)
        #expect(ticket.office == verdict.office)
        #expect(ticket.priority == .high)
        #expect(ticket.area == "municipio-vii")
        #expect(ticket.language == "en")
        #expect(ticket.openedAt == Rome.monday)
        #expect(ticket.dueAt == verdict.dueAt)
        #expect(ticket.tags == verdict.tags)
        #expect(ticket.undecided == verdict.undecided)
        #expect(ticket.decision == verdict.json.text)
        #expect(ticket.config == verdict.config)
    }

    /// Who is told, how: nil for a sender who left no way.
    @Test(
        "App IO before e-mail to a fiscal code that the channel vouches for, with the e-mail behind it",
        arguments: [
            (
                "portale", true, "\(person),\(email)",
                Contact(medium: .appIO, address: "MRTNTN23M02D969P", fallback: "anna@example.org")
            ),
            ("portale", true, person, Contact(medium: .appIO, address: "MRTNTN23M02D969P")),
            ("portale", true, email, Contact(medium: .email, address: "anna@example.org")),
            // Declared only: it may be somebody else's, unless there is no other way.
            ("callcenter", true, "\(person),\(email)", Contact(medium: .email, address: "anna@example.org")),
            ("callcenter", true, person, Contact(medium: .appIO, address: "MRTNTN23M02D969P")),
            // A city without App IO.
            ("portale", false, "\(person),\(email)", Contact(medium: .email, address: "anna@example.org")),
            ("portale", false, person, nil),
            // The code of a body is not on App IO.
            ("portale", true, #""fiscal_code":"02438750586""#, nil),
            (
                "portale", true, #""fiscal_code":"02438750586",\#(email)"#,
                Contact(medium: .email, address: "anna@example.org")
            ),
            ("portale", true, #""phone":"3331234567""#, nil), ("portale", true, "", nil),
        ] as [(String, Bool, String, Contact?)])
    func contact(_ channel: String, _ appIO: Bool, _ sender: String, _ contact: Contact?) throws {
        var configuration = try Rome.configuration()
        if !appIO { configuration.appIO = nil }
        let ticket = try ticket(from(sender), channel: channel, in: configuration)
        #expect(ticket.contact == contact)
        #expect(ticket.notifications.count == (contact == nil ? 0 : 1))
        #expect(ticket.notifications.first?.recipient == contact?.address)
        #expect(ticket.notifications.first?.fallback == contact?.fallback)
        #expect(ticket.notifications.first?.medium == contact?.medium)
    }

    @Test("A wish holds for all that concerns whom the channel vouches for, for others for this ticket")
    func wish() throws {
        let told = #"\#(Self.person),\#(Self.email),"contact":"email""#
        let attested = try record(from(told))
        #expect(attested.wish == .by(.email))
        let declared = try record(from(told), channel: "callcenter")
        #expect(declared.wish == nil)
        let first = try ticket(from(told))
        #expect(first.wish == nil)
        #expect(first.contact?.medium == .email && first.contactWhy == "the citizen chose it")
        #expect(first.notifications.first?.fallback == "app_io:MRTNTN23M02D969P")
        #expect(try ticket(from(told), channel: "callcenter").wish == .by(.email))
        // Their number is owed at once all the same.
        let silent = try ticket(from(#"\#(Self.email),"contact":"none""#))
        #expect(silent.wish == .silence && silent.notifications.first?.withheld == nil)
    }

    @Test("What is known of the citizen counts, and what the office demands")
    func standing() throws {
        var configuration = try Rome.configuration()
        let message = try Rome.message(from("\(Self.person),\(Self.email)"), in: configuration)
        func contact(_ standing: CitizenStanding) throws -> (Contact?, String?) {
            let verdict = Classifier(configuration: configuration).decide(message)
            let record = try Registrar(configuration: configuration, instance: Self.instance).record(
                message, raw: [], verdict: verdict, number: 7, standing: standing)
            guard case .ticket(let ticket) = record.outcome else { throw NoTicket() }
            return (ticket.contact, ticket.contactWhy)
        }
        #expect(try contact(CitizenStanding()).0?.medium == .appIO)
        let absent = CitizenStanding(unreached: [.appIO: Rome.monday + .seconds(60)])
        let (next, why) = try contact(absent)
        #expect(next?.ways.map(\.medium) == [.email, .appIO])
        #expect(why == "the city's order; app_io lately did not reach them")
        let offices = configuration.directory.offices.values.map { office in
            var office = office
            office.media = [.email]
            return office
        }
        configuration.directory = OfficeDirectory(offices: offices, lastResort: "urp")
        #expect(try contact(CitizenStanding()).1?.hasSuffix("demands it") == true)
    }

    @Test("Certified mail answers certified mail, and nothing else, whatever a channel vouches for")
    func certified() throws {
        var configuration = try Rome.configuration()
        let message = try Rome.message(from(Self.email), in: configuration)
        func medium(certified: Bool) throws -> Medium? {
            var message = message
            message.sender.attested = [.email]
            let verdict = Classifier(configuration: configuration).decide(message)
            let record = try Registrar(configuration: configuration, instance: Self.instance).record(
                message, raw: [], verdict: verdict, number: 7, contact: .person(message.sender, certified: certified))
            guard case .ticket(let ticket) = record.outcome else { throw NoTicket() }
            return ticket.contact?.medium
        }
        #expect(try medium(certified: true) == .email)
        configuration.certifiedMail = configuration.mail
        #expect(try medium(certified: true) == .pec)
        #expect(try medium(certified: false) == .email)
    }

    @Test("What was left out of the message is told to offices, not to the citizen")
    func leftOut() throws {
        let configuration = try Rome.configuration()
        let message = try Rome.message(
            #"{"text":"mi sono fatta male","from":{\#(Self.email)}}"#, in: configuration)
        var files = FileDesk.Taken()
        files.refusal = "a.zip was left out"
        let record = try Registrar(configuration: configuration, instance: Self.instance).record(
            message, raw: [], verdict: Classifier(configuration: configuration).decide(message), number: 7,
            files: files)
        guard case .ticket(let ticket) = record.outcome else { throw NoTicket() }
        #expect(ticket.note == "a.zip was left out")
        #expect(ticket.notifications.map(\.template) == ["opened", "office_new"])
        #expect(ticket.notifications.map(\.note) == [nil, "a.zip was left out"])
    }

    @Test("The strongest identity says who the citizen is; attested and declared are never the same citizen")
    func citizen() throws {
        let all = "\(Self.person),\(Self.email),\"phone\":\"3331234567\""
        let attested = try record(from(all))
        #expect(attested.identities.map(\.kind) == [.fiscalCode, .email, .phone])
        #expect(attested.identities.map(\.attested) == [true, false, false])
        #expect(attested.identities.map(\.value) == ["MRTNTN23M02D969P", "anna@example.org", "+393331234567"])
        let declared = try record(from(all), channel: "callcenter")
        #expect(declared.identities.map(\.attested) == [false, false, false])
        #expect(attested.citizen != nil)
        #expect(declared.citizen != nil)
        #expect(attested.citizen != declared.citizen)
        // The same person at the front desk, whatever else she leaves there.
        #expect(try record(from(Self.person), channel: "sportello").citizen == attested.citizen)
        let nobody = try record(from(#""name":"Anna""#))
        #expect(nobody.citizen == nil)
        #expect(nobody.identities.isEmpty)
    }

    @Test("The first answer: the usual template or the rule's, with the facts that its text needs")
    func opened() throws {
        let ticket = try ticket(from(Self.email))
        let owed = try #require(ticket.notifications.first)
        #expect(owed.template == "opened")
        #expect(owed.language == "it")
        #expect(owed.code == ticket.code)
        #expect(owed.ticket == ticket.number)
        #expect(owed.event == ticket.openedEvent)
        #expect(owed.attempts == 0)
        #expect(owed.nextAttemptAt == Rome.monday)
        #expect(owed.expiresAt == Rome.monday + .seconds(72 * 3600))
        #expect(owed.category == ticket.category)
        #expect(owed.office == ticket.office)
        #expect(owed.dueAt == ticket.dueAt)
        let city = try OtherRome(
            rules: "rules:\n  - {name: prova, when: {text: [buca]}, then: {reply: acknowledged, notify: [urp]}}\n")
        let templates = try self.ticket(from(Self.email), in: city.configuration()).notifications.map(\.template)
        #expect(templates == ["acknowledged", "office_new"])
    }

    @Test("An office with work gets the ticket that is opened for it by each of its media, and one letter only")
    func work() throws {
        var configuration = try Rome.configuration()
        let office = try ticket(from(Self.email), in: configuration).office
        configuration.work[office] = OfficeWork(
            email: true,
            webhook: OfficeWebhook(url: "https://example.org", secrets: [], expire: .seconds(5 * 86_400)),
            open311: OfficeOpen311(url: "https://example.org", services: []))
        let email = try #require(configuration.directory.offices[office]?.email)
        let owed = try ticket(from(Self.email), in: configuration).notifications.dropFirst()
        #expect(owed.map(\.medium) == [.email, .webhook, .open311])
        #expect(owed.map(\.recipient) == [email, office, office])
        #expect(owed.allSatisfy { $0.template == "office_work" && $0.fallback == nil && $0.isToOffice })
        #expect(owed.map { $0.expiresAt - $0.createdAt }.contains(.seconds(5 * 86_400)))
        // Its address is the last way to an office that has none for letters of work.
        configuration.work[office]?.email = false
        let others = try ticket(from(Self.email), in: configuration).notifications.dropFirst()
        #expect(others.map(\.medium) == [.webhook, .open311])
        #expect(others.allSatisfy { $0.fallback == email })
        #expect(configuration.news(of: office).map(\.contact.medium) == [.webhook])
        configuration.work[office]?.webhook = nil
        #expect(configuration.news(of: office).map(\.contact) == [Contact(medium: .email, address: email)])
        #expect(configuration.work(of: "nobody").isEmpty && configuration.news(of: "nobody").isEmpty)
    }

    @Test("An office that gets its work by e-mail is not told by a rule as well")
    func workAndNotify() throws {
        let city = try OtherRome(
            rules: "rules:\n  - {name: prova, when: {text: [buca]}, then: {office: ama, notify: [ama, urp]}}\n")
        var configuration = try city.configuration()
        func letters() throws -> [String] {
            try ticket(from(Self.email), in: configuration).notifications.filter(\.isToOffice).map {
                "\($0.template) \($0.recipient)"
            }
        }
        let other = try #require(configuration.directory.offices["urp"]?.email)
        #expect(try letters() == ["office_new ama@example.org", "office_new \(other)"])
        configuration.work["ama"] = OfficeWork(email: true)
        #expect(try letters() == ["office_work ama@example.org", "office_new \(other)"])
    }

    @Test("Offices to notify are told in the city's language; one without an address is not")
    func notify() throws {
        let json = #"{"text":"mi sono fatta male","language":"en"}"#
        var configuration = try Rome.configuration()
        let owed = try ticket(json, in: configuration).notifications
        #expect(owed.map(\.template) == ["office_new"])
        #expect(owed.map(\.medium) == [.email])
        #expect(owed.map(\.recipient) == ["polizialocale@example.org"])
        #expect(owed.map(\.language) == ["it"])
        #expect(owed.map(\.priority) == [.high])
        let silent = configuration.directory.offices.values.map { office in
            var office = office
            office.email = nil
            return office
        }
        configuration.directory = OfficeDirectory(offices: silent, lastResort: "urp")
        #expect(try ticket(json, in: configuration).notifications.isEmpty)
    }

    @Test("What is discarded is kept with its reason and its sender, and has no ticket")
    func discarded() throws {
        let record = try record(#"{"text":"prova","from":{\#(Self.email)}}"#)
        guard case .discarded(let reason) = record.outcome else {
            Issue.record("it made a ticket")
            return
        }
        #expect(reason == "messaggio di prova")
        #expect(record.citizen != nil)
        #expect(!record.raw.isEmpty)
    }

    @Test("Every number has a code of its own; beyond the last there is none")
    func codes() throws {
        let registrar = Registrar(configuration: try Rome.configuration(), instance: Self.instance)
        let codes = try (0..<1000).map { try registrar.code(of: Int64($0)) }
        #expect(Set(codes).count == 1000)
        for code in codes { #expect(TicketCode(parsing: code, prefix: "RM")?.text == code) }
        _ = try registrar.code(of: TicketCode.numbers.upperBound)
        for number in [-1, TicketCode.numbers.upperBound + 1, .max] {
            #expect(throws: Registrar.OutOfNumbers.self) { try registrar.code(of: number) }
        }
    }

    @Test("The link to the status page has the key of its code, and only that opens it")
    func statusKey() throws {
        var configuration = try Rome.configuration()
        configuration.city.baseURL = "https://segnala.example.org"
        let registrar = Registrar(configuration: configuration, instance: Self.instance)
        let (code, next) = (try registrar.code(of: 7), try registrar.code(of: 8))
        let key = Self.instance.statusKey(of: code)
        #expect(key.count == 32)
        #expect(registrar.statusURL(of: code) == "https://segnala.example.org/t/\(code)?k=\(key)")
        #expect(Self.instance.accepts(key: key, for: code))
        #expect(!Self.instance.accepts(key: key, for: next))
        for wrong in ["", String(key.dropLast()), key + "0", String(repeating: "0", count: 32), String(key.reversed())]
        {
            #expect(!Self.instance.accepts(key: wrong, for: code), "\(wrong)")
        }
        let other = Instance(ticketKey: Self.ticketKey, statusKey: [UInt8](33...48))
        #expect(!other.accepts(key: key, for: code))
    }
}
