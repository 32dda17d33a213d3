import ArgumentParser
import Daemon
import Foundation
import Settings

/// The daemon as the bench runs it: the city's rules and templates, on a private PostgreSQL of its own, telling the
/// sandbox.
struct BenchDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-daemon", shouldDisplay: false)
    static let channel = "bench"
    @OptionGroup var options: ConfigurationOption
    @Option var state: String
    @Option var sandboxHTTP: Int
    @Option var sandboxSMTP: Int
    @Option var token: String
    /// App IO's calls a second, if not as configured.
    @Option var ioRate: Double?

    func run() async throws {
        let (state, http, smtp, token, ioRate) = (state, sandboxHTTP, sandboxSMTP, token, ioRate)
        do {
            try await Daemon.run(
                Daemon.Options(
                    directory: options.directory, environment: ProcessInfo.processInfo.environment,
                    version: Build.version,
                    override: { configuration in
                        configuration.listen = ListenAddress(host: "127.0.0.1", port: 0)
                        configuration.stateDirectory = state
                        configuration.database.connection = .embedded
                        configuration.mail?.server = "smtp://127.0.0.1:\(smtp)"
                        configuration.mail?.tls = .never
                        configuration.mail?.user = nil
                        configuration.mail?.password = nil
                        configuration.appIO?.url = "http://127.0.0.1:\(http)/io/api/v1"
                        if let ioRate { configuration.appIO?.callsPerSecond = ioRate }
                        configuration.appIO?.service.primaryKey = Secret("sandbox-key-1")
                        configuration.appIO?.service.secondaryKey = nil
                        configuration.channels = [
                            Self.channel: Channel(
                                name: Self.channel, token: Secret(token), attests: [.fiscalCode],
                                messagesPerMinute: 100_000_000)
                        ]
                    }),
                onReady: { port in
                    print("bench-daemon \(port)")
                    flushOutput()
                })
        } catch let error as ConfigurationInvalid {
            throw Outcome.invalid(error.description)
        } catch {
            throw Outcome.failed("bench-daemon: \(error)")
        }
    }
}
