import ArgumentParser
import Civic
import Daemon
import Delivery
import Foundation
import Glibc
import Intake
import Settings
import Store

struct TemplateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "The texts that citizens and offices get.",
        subcommands: [List.self, Preview.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the templates, with their languages and kinds.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption

        func run() throws {
            let rows = TemplateRow.all(in: try options.load())
            if output.json {
                for row in rows { print(row.json.text) }
            } else {
                print(
                    Terminal.table(
                        ["NAME", "TO", "LANGUAGES", "KINDS"],
                        rows.map {
                            [$0.name, $0.to, $0.languages.joined(separator: " "), $0.kinds.joined(separator: " ")]
                        }))
            }
        }
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a template says: as text, and as pages that a browser shows.",
            discussion: "Without --ticket it speaks of an example, and opens no connection.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Argument(help: "A template's name, as `pasquino template list` shows them.") var name: String
        @Option(help: "The citizen's language; else the ticket's or the city's.") var language: String?
        @Option(help: "A ticket's code: its texts are taken from the database.") var ticket: String?
        @Flag(help: "Speak of an example, as without --ticket.") var example = false
        @Option(help: "Only email, app_io, chat, or one messenger, such as sms.") var medium: String?
        @Option(help: "Write a page that a browser shows.") var html: String?
        @Flag(help: "Write such a page into a temporary file and show it.") var open = false

        func validate() throws {
            if ticket != nil, example { throw ValidationError("give --ticket or --example, not both") }
            if html != nil, open { throw ValidationError("give --html or --open, not both") }
            if let medium, PreviewText.Part(medium) == nil {
                throw ValidationError(
                    "--medium: expected one of \(PreviewText.Part.names.joined(separator: ", "))")
            }
        }

        func run() async throws {
            guard let ticket else {
                let city = try options.load()
                let language = try spoken(in: city) ?? city.city.language
                try checkName(in: city)
                let base = city.city.baseURL
                let preview = try preview(
                    ExampleNotification.owed(name, language: language, in: city),
                    ExampleNotification.more(name, language: language), in: city,
                    statusURL: { "\(base)/t/\($0)?k=0123456789abcdef" },
                    unsubscribeURL: { "\(base)/t/\($0)/unsubscribe?k=0123456789abcdef" })
                return try show(preview)
            }
            try await withDatabase(options) { database, city in
                let language = try spoken(in: city)
                try checkName(in: city)
                let record = try await findTicket(ticket, in: database, city)
                let registrar = Registrar(
                    configuration: city, instance: try await Instance.read(from: database.pool))
                let owed = record.notification(name, language: language ?? record.language)
                var more: [String: String] = [:]
                if TemplateNames.isToOffice(name) { more["text_excerpt"] = record.text.map { String($0.prefix(500)) } }
                more["status"] = StatusWords(language: owed.language).status(record.status)
                try show(
                    try preview(
                        owed, more, in: city, statusURL: registrar.statusURL, unsubscribeURL: registrar.unsubscribeURL))
            }
        }

        private func spoken(in city: Configuration) throws -> String? {
            guard let language else { return nil }
            guard city.city.languages.contains(language) else {
                throw Outcome.failed(
                    "the city does not speak \(language): choose \(city.city.languages.joined(separator: ", ")), "
                        + "or add it to languages in pasquino.yaml and write templates/\(language)")
            }
            return language
        }

        private func checkName(in city: Configuration) throws {
            let names = TemplateRow.all(in: city).map(\.name)
            guard !names.contains(name) else { return }
            let suggestion = nearest(name, among: names).map { "; did you mean \($0)?" }
            throw Outcome.failed(
                "there is no template \(name)" + (suggestion ?? ": `pasquino template list` lists them"))
        }

        private func preview(
            _ owed: OwedNotification, _ more: [String: String], in city: Configuration,
            statusURL: @escaping @Sendable (String) -> String, unsubscribeURL: @escaping @Sendable (String) -> String
        ) throws -> MessagePreview {
            do throws(TemplateError) {
                return try MessagePreview(
                    of: owed, more: more, in: city, statusURL: statusURL, unsubscribeURL: unsubscribeURL)
            } catch { throw Outcome.invalid("\(options.directory)/\(error)") }
        }

        /// A real ticket's page has the key to it: nobody else's business, from the first byte.
        private func write(_ page: Data, to path: String) throws {
            let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw Outcome.failed("\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
            do {
                let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
                try file.write(contentsOf: page)
                try file.close()
            } catch { throw Outcome.failed("\(path) cannot be written: \(error.localizedDescription)") }
        }

        private func show(_ preview: MessagePreview) throws {
            if let path = html ?? (open ? PreviewBrowser.temporaryFile(name) : nil) {
                try write(Data(preview.page.utf8), to: path)
                if open { try PreviewBrowser.show(path) }
                // Standard output is the result's; a page may be asked for beside it.
                Terminal.complain("\(path) written\n")
            }
            let text = PreviewText(preview, only: medium.flatMap(PreviewText.Part.init))
            if let problem = text.problem { throw Outcome.failed(problem) }
            print(output.json ? text.json.text : text.text)
        }
    }
}

/// Browsers are started by the desktop.
enum PreviewBrowser {
    static func temporaryFile(_ name: String) -> String {
        NSTemporaryDirectory() + "pasquino-\(name)-\(UUID().uuidString.prefix(8)).html"
    }

    static func show(_ path: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { throw Outcome.failed("open \(path) in a browser: none can be started here") }
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            throw Outcome.failed("open \(path) in a browser: xdg-open is not installed or finds none")
        }
    }
}
