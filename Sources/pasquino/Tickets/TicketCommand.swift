import ArgumentParser
import Civic
import Daemon
import Foundation
import Intake
import Observability
import Settings
import Store

struct TicketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket", abstract: "The operator's hand on tickets.",
        subcommands: [
            List.self, Show.self, Note.self, Ask.self, Correct.self, Move.self, Close.self, Reopen.self, Split.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tickets, the newest first.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Option(help: "An office's code.") var office: String?
        @Option(help: "A category's code, or an area for all its topics.") var category: String?
        @Option(help: "open, acknowledged, in_progress, waiting, forwarded, resolved, rejected, reopened.") var status:
            String?
        @Option(help: "A channel's name.") var channel: String?
        @Option(help: "Only tickets older than this, such as 4h or 30d.") var olderThan: String?
        @Option(help: "Words that occur in what the citizen wrote.") var text: String?
        @Flag(help: "Only tickets that no rule decided.") var undecided = false
        @Option(help: "At most so many.") var limit = 50

        func validate() throws {
            if let status, TicketStatus(rawValue: status) == nil {
                throw ValidationError(
                    "--status: expected one of \(TicketStatus.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if let olderThan, Age(olderThan) == nil {
                throw ValidationError("--older-than: expected a time such as 30m, 4h or 30d")
            }
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000000") }
        }

        func run() async throws {
            var filter = Tickets.Filter()
            filter.office = office
            filter.category = category
            filter.status = status
            filter.channel = channel
            filter.openedBefore = olderThan.flatMap(Age.init).map { Timestamp.current + .seconds(-$0.seconds) }
            filter.text = text
            filter.undecided = undecided ? true : nil
            filter.limit = limit
            try await withDatabase(options) { [filter] database, _ in
                let tickets = try await Tickets(pool: database.pool).list(filter)
                if output.json {
                    for ticket in tickets { print(ticket.json(personal: true).text) }
                } else {
                    print(
                        Terminal.table(
                            ["CODE", "OPENED", "STATUS", "PRIORITY", "CATEGORY", "OFFICE", "TEXT"],
                            tickets.map {
                                [
                                    $0.code, String($0.openedAt.rfc3339.prefix(16)), $0.status.rawValue, $0.priority,
                                    $0.category ?? "-", $0.office,
                                    Terminal.safe(String(($0.subject ?? $0.text ?? "").prefix(60))),
                                ]
                            }))
                }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a ticket's whole story.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Argument var code: String

        func run() async throws {
            try await withDatabase(options) { database, configuration in
                let ticket = try await findTicket(code, in: database, configuration)
                print(output.json ? ticket.json(personal: true, reasons: true).text : try TicketText(ticket).text)
            }
        }
    }

    struct Note: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a note to a ticket's history; the citizen is not told, but with --tell.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Argument var text: String
        @Flag(help: "The citizen reads it, on the channel that reaches them.") var tell = false
        @OptionGroup(title: "A payment notice, with --tell") var payment: PaymentOptions

        func validate() throws {
            let notice = try payment.notice()
            if notice != nil, !tell { throw ValidationError("a payment notice needs --tell") }
            if tell, notice == nil, text.allSatisfy(\.isWhitespace) {
                throw ValidationError("an answer needs its words")
            }
        }
        func run() async throws {
            try await take(
                tell ? .answered : .note, code, options, note: text, tells: tell, payment: try payment.notice())
        }
    }

    struct Correct: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell the citizen that what they were told last was wrong, and what is right.",
            discussion: "What was sent cannot be taken back: a second message corrects it.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Argument(help: "What is right.") var text: String

        func validate() throws {
            if text.allSatisfy(\.isWhitespace) { throw ValidationError("say what is right") }
        }
        func run() async throws { try await take(.corrected, code, options, note: text) }
    }

    struct Ask: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask the citizen for something; until they answer, the ticket waits and its time stands still.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Argument(help: "What the citizen reads.") var text: String
        func validate() throws {
            if text.allSatisfy(\.isWhitespace) { throw ValidationError("say what the citizen is asked for") }
        }
        func run() async throws { try await take(.waiting, code, options, note: text) }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Move a ticket to another office or category.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Option(help: "An office's code.") var office: String?
        @Option(help: "A category's code.") var category: String?
        @Option var note: String?

        func validate() throws {
            if office == nil && category == nil { throw ValidationError("give --office, --category or both") }
        }
        func run() async throws {
            try await take(.moved, code, options, note: note, office: office, category: category, tells: false)
        }
    }

    struct Split: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a ticket of its own of a message that joined another; the citizen is told its code.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Option(help: "The message's number, as `ticket show` lists them.") var message: Int

        func run() async throws {
            try await withDatabase(options) { database, configuration in
                let old = try await findTicket(code, in: database, configuration)
                guard old.messages.indices.contains(message - 1) else {
                    throw Outcome.failed("\(old.code) has the messages 1 to \(old.messages.count)")
                }
                let said = old.messages[message - 1]
                let registrar = Registrar(
                    configuration: configuration, instance: try await Instance.read(from: database.pool))
                let ticket = try registrar.ticket(
                    of: said, on: old, number: try await TicketNumbers(pool: database.pool).next(), now: .current)
                let result = try await Tickets(pool: database.pool).split(
                    said.id, of: old.code, into: ticket, by: "operator:\(NSUserName())",
                    audited: .person, owner: nil)
                switch result {
                case .done:
                    let by = "operator:\(NSUserName())"
                    Observer.journal()?(.ticketStep(ticket: old.code, kind: .moved, by: by))
                    Observer.journal()?(.ticketStep(ticket: ticket.code, kind: .opened, by: by))
                    print("\(ticket.code): \(ticket.category ?? "undecided"), \(ticket.office)")
                case .noSuchMessage: throw Outcome.failed("the message is not on \(old.code) any more")
                case .isOpening: throw Outcome.failed("message \(message) opened \(old.code): move the ticket instead")
                }
            }
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Close a ticket; the citizen is told.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Flag(help: "The request is refused, not resolved.") var rejected = false
        @Option(help: "What the citizen reads.") var note: String?
        func run() async throws { try await take(rejected ? .rejected : .resolved, code, options, note: note) }
    }

    struct Reopen: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Reopen a closed ticket; the citizen is told.")
        @OptionGroup var options: ConfigurationOption
        @Argument var code: String
        @Option(help: "What the citizen reads.") var note: String?
        func run() async throws { try await take(.reopened, code, options, note: note) }
    }
}

func findTicket(_ code: String, in database: Database, _ configuration: Configuration) async throws -> TicketRecord {
    guard let parsed = TicketCode(parsing: code, prefix: configuration.city.prefix)?.text else {
        throw Outcome.failed("\(code) is not a ticket's code: a letter or digit is wrong or missing")
    }
    guard let ticket = try await Tickets(pool: database.pool).find(code: parsed) else {
        throw Outcome.failed("there is no ticket \(parsed)")
    }
    return ticket
}

private func take(
    _ kind: TicketEvent.Kind, _ code: String, _ options: ConfigurationOption, note: String?, office: String? = nil,
    category: String? = nil, tells: Bool = true, payment: PaymentNotice? = nil
) async throws {
    try await withDatabase(options) { database, configuration in
        if let office, configuration.directory.offices[office] == nil {
            throw Outcome.failed("there is no office \(office)")
        }
        if let category, configuration.categories[category] == nil {
            throw Outcome.failed("there is no category \(category)")
        }
        let ticket = try await findTicket(code, in: database, configuration)
        if kind == .waiting, ticket.contact == nil {
            throw Outcome.failed(
                "\(ticket.code): nobody can be asked: no address of the citizen is known, and the ticket would wait for ever"
            )
        }
        var step = Tickets.Step(
            code: ticket.code, at: .current, kind: kind, by: "operator:\(NSUserName())", note: note, office: office,
            category: category, tells: tells, timing: configuration.timing)
        step.offices = configuration.officeNotices
        step.choice = MediumChoice(configuration)
        step.payment = payment
        step.audited = .person
        let result = try await Tickets(pool: database.pool).take(step, owner: nil) { category, from in
            configuration.due(category: category, office: office ?? ticket.office, from: from)
        }
        switch result {
        case .done(let owed):
            Observer.journal()?(.ticketStep(ticket: step.code, kind: step.kind, by: step.by))
            let (offices, citizen) = (owed.filter { $0.isToOffice }, owed.first { !$0.isToOffice })
            let unknown = ticket.contact == nil ? ": none of their addresses is known" : ""
            let nobody = tells ? "; the citizen is not told\(unknown)" : ""
            print(
                "\(ticket.code) \(kind.rawValue)"
                    + (citizen.map { citizen in
                        citizen.withheld.map { "; the citizen is not told: \($0)" }
                            ?? "; the citizen is told by \(citizen.medium.rawValue)"
                    } ?? nobody)
                    + (offices.isEmpty
                        ? "" : "; the office by \(offices.map(\.medium.rawValue).joined(separator: ", "))"))
        case .duplicate: print("\(ticket.code): nothing changed")
        case .noSuchTicket: throw Outcome.failed("there is no ticket \(ticket.code)")
        case .notAllowed(let status):
            throw Outcome.failed("\(ticket.code) is \(status.rawValue) and cannot become \(kind.rawValue)")
        case .noDestination: throw Outcome.failed("\(ticket.code): say which office it is forwarded to")
        }
    }
}

/// `30m`, `4h`, `30d`.
struct Age {
    let seconds: Int64
    init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (0...1_000_000).contains(number)
        else { return nil }
        seconds = number * unit
    }
}
