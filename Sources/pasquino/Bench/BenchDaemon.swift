import ArgumentParser
import Bench
import Civic
import Daemon
import Foundation
import Intake
import Settings

/// The daemon as the bench runs it: the city's rules and templates, on a private PostgreSQL of its own, telling the
/// sandbox.
struct BenchDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-daemon", shouldDisplay: false)
    @OptionGroup var options: ConfigurationOption
    @Option var state: String
    @Option var sandboxHTTP: Int
    @Option var sandboxSMTP: Int
    @Option var token: String
    /// Mails under way at once, and App IO's calls a second; otherwise what the configuration says.
    @Option var mailConnections: Int?
    @Option var appIOCalls: Double?

    func run() async throws {
        let (state, http, smtp, token) = (state, sandboxHTTP, sandboxSMTP, token)
        let (mailConnections, appIOCalls) = (mailConnections, appIOCalls)
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
                        // At night as by day.
                        configuration.notifications.quiet = nil
                        if let mailConnections { configuration.mail?.connections = mailConnections }
                        if let appIOCalls { configuration.appIO?.callsPerSecond = appIOCalls }
                        configuration.appIO?.url = "http://127.0.0.1:\(http)/io/api/v1"
                        configuration.appIO?.service.primaryKey = Secret("sandbox-key-1")
                        configuration.appIO?.service.secondaryKey = nil
                        configuration.channels = Dictionary(
                            uniqueKeysWithValues: RomeMix.channelNames.map { name in
                                (
                                    name,
                                    Channel(
                                        name: name, token: Secret(token), attests: [.fiscalCode],
                                        messagesPerMinute: 100_000_000)
                                )
                            })
                        var offices = configuration.directory.offices.values.sorted { $0.code < $1.code }
                        if !offices.isEmpty { offices[0].tokenDigest = Authentication.digest(token) }
                        configuration.directory = OfficeDirectory(
                            offices: offices, lastResort: configuration.directory.lastResort)
                    }),
                onReady: { port in
                    // From now on a signal drains.
                    Child.liveWithParent()
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
