import ArgumentParser
import Daemon
import Foundation
import Settings

struct Deliver: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hand one raw e-mail on standard input to the running daemon, for a mail server's pipe.",
        discussion: """
            Exit status as in sysexits(3): 0 once the mail is durable; 75 when it cannot be taken now, so that the mail \
            system keeps it and comes again; 65 when it is larger than the channel takes. In Postfix's master.cf, with \
            pasquino_destination_recipient_limit = 1 in main.cf:

              pasquino unix - n n - 4 pipe flags=DRO user=pasquino argv=/usr/bin/pasquino deliver --channel posta

            D and O write down for whom it came, which names the ticket, and R who sent it, which tells machines. \
            pipe(8) clears the environment: what the configuration takes from it goes before the program, by env(1).
            """)
    @OptionGroup var options: ConfigurationOption
    @Option(help: "A channel of type email that has a token.") var channel: String
    @Option(help: "The daemon's address, if it is not the one it listens on by its configuration.") var url: String?
    @Option(help: "How many seconds to wait for the daemon.") var timeout = 60

    func validate() throws {
        guard (1...3600).contains(timeout) else { throw ValidationError("--timeout: expected 1 to 3600 seconds") }
    }

    func run() async throws {
        guard
            let entrance = ConfigurationLoader.mailEntrance(
                channel: channel, directory: options.directory, environment: ProcessInfo.processInfo.environment)
        else {
            // Temporary: a configuration that is being mended must not send citizens' mail back.
            throw Outcome(
                status: MailHandOver.later,
                message: "\(options.directory) has no channel \(channel) of type email with a token that can be read")
        }
        let raw: [UInt8]
        do { raw = try Deliver.read(upTo: Deliver.most) } catch {
            throw Outcome(status: MailHandOver.later, message: "the mail cannot be read: \(error)")
        }
        guard raw.count <= Deliver.most else {
            throw Outcome(status: MailHandOver.never, message: "the mail is larger than \(Deliver.most) bytes")
        }
        let result = await MailHandOver.make(
            raw, channel: channel, url: url ?? entrance.listen.url, token: entrance.token.value,
            patience: .seconds(timeout))
        guard result.status == 0 else { throw Outcome(status: result.status, message: result.message) }
        // What cannot be printed is no reason to bring the mail again.
        try? FileHandle.standardOutput.write(contentsOf: Data((result.message + "\n").utf8))
    }

    /// No channel takes a larger one, whatever is configured.
    private static let most = 256 << 20

    /// One byte more than the limit says that there is more.
    private static func read(upTo limit: Int) throws -> [UInt8] {
        var all: [UInt8] = []
        while all.count <= limit, let piece = try FileHandle.standardInput.read(upToCount: 1 << 16), !piece.isEmpty {
            all += piece
        }
        return all
    }
}

extension ListenAddress {
    /// As seen from this machine.
    var url: String {
        let near = ["0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"][host] ?? host
        return "http://\(near.contains(":") ? "[\(near)]" : near):\(port)"
    }
}
