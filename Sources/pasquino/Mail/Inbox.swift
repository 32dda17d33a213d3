import ArgumentParser
import Civic
import Daemon
import Foundation
import Intake
import Settings
import Store

struct Inbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Mail and posts that could not be taken in: kept as they came, shown, replayed.",
        subcommands: [List.self, Show.self, Replay.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List it, the newest first.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @Flag(help: "Also what was replayed.") var all = false
        @Option(help: "At most so many.") var limit = 100

        func validate() throws {
            guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit: expected 1 to 1000000") }
        }

        func run() async throws {
            try await withDatabase(options) { database, _ in
                let unread = UnreadMail(pool: database.pool)
                let entries = try await unread.list(all: all, limit: limit)
                for entry in entries {
                    if output.json {
                        print(entry.json.text)
                    } else {
                        let replayed = entry.replayedAt.map { ", replayed \($0.rfc3339)" } ?? ""
                        print(
                            "\(entry.id)  \(entry.receivedAt.rfc3339)  \(entry.channel)  \(entry.size) bytes  "
                                + "\(entry.reason)\(replayed)")
                    }
                }
                let more = try await unread.count(all: all) - Int64(entries.count)
                if more > 0 { Terminal.error("and \(more) more: see --limit") }
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write one out as it came.")
        @OptionGroup var options: ConfigurationOption
        @Argument(help: "Its id, as listed.") var id: String

        func run() async throws {
            let id = try identifier(id)
            try await withDatabase(options) { database, _ in
                guard let mail = try await UnreadMail(pool: database.pool).raw(id) else { throw Inbox.missing }
                FileHandle.standardOutput.write(Data(mail.bytes))
            }
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand one to the running daemon again, after what kept it out is mended.",
            discussion: """
                A channel of type email needs a token, as for `pasquino deliver`. What a webhook with `fields` could not \
                read is tried with `pasquino inbox show ID | pasquino channel try NAME -` first.
                """)
        @OptionGroup var options: ConfigurationOption
        @Argument(help: "Its id, as listed.") var id: String
        @Option(help: "The daemon's address, if it is not the one it listens on by its configuration.") var url: String?

        func run() async throws {
            let id = try identifier(id)
            try await withDatabase(options) { database, _ in
                let unread = UnreadMail(pool: database.pool)
                guard let mail = try await unread.raw(id) else { throw Inbox.missing }
                let result = try await handOver(mail.bytes, to: mail.channel)
                guard result.status == 0, !result.message.hasPrefix("unread") else {
                    throw Outcome.failed(result.message)
                }
                try await unread.replayed(id, at: .current, by: .person)
                print(result.message)
            }
        }

        private func handOver(_ raw: [UInt8], to channel: String) async throws -> MailHandOver.Result {
            let environment = ProcessInfo.processInfo.environment
            if let entrance = ConfigurationLoader.webhookEntrance(
                channel: channel, directory: options.directory, environment: environment)
            {
                let webhook = try WebhookChannel(entrance.channel, limits: entrance.limits)
                return await MailHandOver.make(
                    raw, channel: channel, url: url ?? entrance.listen.url,
                    headers: webhook.proof(of: raw, now: .current))
            }
            guard
                let entrance = ConfigurationLoader.mailEntrance(
                    channel: channel, directory: options.directory, environment: environment)
            else { throw Outcome.failed("the channel \(channel) has no token: add one and reload") }
            return await MailHandOver.make(
                raw, channel: channel, url: url ?? entrance.listen.url, token: entrance.token.value)
        }
    }

    fileprivate static let missing = Outcome.failed("there is no such mail: see `pasquino inbox list --all`")
}

private func identifier(_ text: String) throws -> Identifier {
    guard let id = Identifier(text) else { throw Outcome.usage("expected an id as `pasquino inbox list` prints it") }
    return id
}

extension UnreadMail.Entry {
    fileprivate var json: JSON {
        .object([
            ("id", .string(id.description)), ("channel", .string(channel)), ("received_at", .moment(receivedAt)),
            ("reason", .string(reason)), ("size", .int(size)), ("replayed_at", .moment(replayedAt)),
        ])
    }
}
