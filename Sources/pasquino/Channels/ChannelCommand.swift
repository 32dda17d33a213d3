import ArgumentParser
import Civic
import Foundation
import Intake
import Settings

struct ChannelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel", abstract: "Try what a channel makes of what is posted to it.", subcommands: [Try.self])

    struct Try: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the message that a post becomes, and how it is decided, storing nothing.",
            discussion: """
                FILE holds the body as it is posted: JSON, a form (urlencoded or multipart), or for a channel of type \
                email a raw mail; - is standard input. Its type is guessed from its beginning. Exit status 1 if it is no \
                message: the daemon would keep it for `pasquino inbox`.
                """)
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Argument(help: "The channel's name.") var name: String
        @Argument(help: "A file, or - for standard input.") var file: String
        @Option(help: "The content type, such as multipart/form-data; boundary=x.") var type: String?

        func run() throws {
            let configuration = try options.load()
            guard let channel = configuration.channels[name] else {
                throw Outcome.usage("there is no channel \(name)")
            }
            let reader = MessageReader(channel: channel, in: configuration)
            let bytes = try Lines.contents(of: file, upTo: Lines.longest)
            let taken: MessageReader.Taken
            do throws(Problem) {
                taken = try reader.take(bytes, type: type, now: .current)
            } catch {
                throw Outcome.failed([error.detail, error.pointer ?? ""].filter { !$0.isEmpty }.joined(separator: " "))
            }
            let verdict =
                taken.ignored == nil ? Classifier(configuration: configuration).decide(taken.message).json : nil
            let record = MessageRecord(taken)
            guard !output.json else {
                print(record.json(verdict: verdict).text)
                return
            }
            print(record.text)
            if let verdict { print(try DecisionText(verdict.text).text) }
        }
    }
}
