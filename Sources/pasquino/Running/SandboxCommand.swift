import ArgumentParser
import Sandbox

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract:
            "A stand-in for the outside world: an App IO service, a mail server, and a page that shows what arrived.")
    @Option(help: "The address to listen on.") var host = "127.0.0.1"
    @Option(help: "The port of the App IO service and the page; 0 for any.") var httpPort = 8070
    @Option(help: "The port of the mail server; 0 for any.") var smtpPort = 2525
    @Flag(help: .hidden) var withParent = false

    func run() async throws {
        if withParent { Child.liveWithParent() }
        var options = SandboxOptions()
        options.host = host
        options.httpPort = httpPort
        options.smtpPort = smtpPort
        do {
            try await Sandbox(options: options).run { ports in
                print("sandbox: http://\(host):\(ports.http)/ (App IO at /io/api/v1), smtp://\(host):\(ports.smtp)")
                flushOutput()
            }
        } catch is CancellationError {
        } catch {
            throw Outcome.failed("sandbox: \(error)")
        }
    }
}
