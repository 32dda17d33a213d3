import ArgumentParser
import Civic
import Daemon
import Foundation
import Intake
import Settings
import Store

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Classify a message without storing it, and show every decision with its reason.",
        discussion: """
            FILE holds one message as the webhook takes it (JSON); - is standard input; a file that is no JSON is read \
            as the text of a message. --ticket shows the record stored when a ticket was decided. --input takes a file \
            of JSON lines, or - for standard input, and prints one decision a line as soon as its message is read.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Argument(help: "A file, or - for standard input.") var file: String?
    @Option(help: "A ticket's code.") var ticket: String?
    @Option(help: "A file of messages, one JSON object a line; - is standard input.") var input: String?
    @Option(help: "The channel that the message is taken to come from; else the first one configured.") var channel:
        String?

    func validate() throws {
        guard [file, ticket, input].compactMap(\.self).count == 1 else {
            throw ValidationError("give one of FILE, --ticket CODE, --input FILE.jsonl")
        }
    }

    func run() async throws {
        if let ticket { return try await stored(ticket) }
        let configuration = try options.load()
        let name = channel ?? configuration.channels.keys.sorted().first ?? ""
        guard let channel = configuration.channels[name] else { throw Outcome.usage("there is no channel \(name)") }
        let reader = MessageReader(channel: channel, in: configuration)
        let classifier = Classifier(configuration: configuration)
        if let input {
            try Lines.forEach(in: input) { number, line in
                do throws(Problem) {
                    print(classifier.decide(try reader.read(line, now: .current)).json.text)
                } catch {
                    throw Outcome.failed("\(input):\(number): \(error.detail) \(error.pointer ?? "")")
                }
            }
            return
        }
        let bytes = try Lines.contents(of: file ?? "-", upTo: Lines.longest)
        let message: Message
        if channel.mapping == nil, RawMail.looksLikeOne(bytes) {
            message = reader.mail(bytes, now: .current)
        } else {
            do throws(Problem) {
                message = try reader.read(bytes, now: .current)
            } catch {
                if reader.looksPosted(bytes) {
                    throw Outcome.failed("\(error.detail) \(error.pointer ?? "")")
                }
                message = reader.plain(String(decoding: bytes, as: UTF8.self), now: .current)
            }
        }
        let verdict = classifier.decide(message)
        print(output.json ? verdict.json.text : try DecisionText(verdict.json.text).text)
    }

    private func stored(_ code: String) async throws {
        try await withDatabase(options) { database, configuration in
            guard let code = TicketCode(parsing: code, prefix: configuration.city.prefix)?.text,
                let ticket = try await Tickets(pool: database.pool).find(code: code)
            else { throw Outcome.failed("there is no ticket \(code)") }
            let difference = try await ShadowJournal(pool: database.pool).find(ticket: ticket.number)
            if output.json {
                // The record stands as it was stored; what the shadow's rules said is one more member.
                guard let difference, ticket.decision.hasSuffix("}") else { return print(ticket.decision) }
                print(ticket.decision.dropLast() + #", "shadow": \#(difference.json.text)}"#)
            } else {
                print(try DecisionText(ticket.decision).text)
                if let difference { print(difference.text) }
            }
        }
    }
}

extension ShadowDifference {
    fileprivate var text: String {
        let changes = changes.map { change in
            "           \(change.field.rawValue): \(change.from ?? "none") -> \(change.to ?? "none")"
                + (change.rule.map { " (rule \($0))" } ?? "")
        }
        return ([Terminal.bold("shadow") + "     configuration \(shadowConfig) would have decided otherwise"] + changes)
            .joined(separator: "\n")
    }
}
