import Foundation
import Hummingbird
import NIOCore
import NIOPosix

/// How a sandbox is set up. The defaults are those of `pasquino sandbox`.
public struct SandboxOptions: Sendable {
    /// Address both servers listen on. The sandbox accepts any mail and any caller: keep it on the loopback.
    public var host = "127.0.0.1"
    /// Port of App IO, of the messengers, of the control API and of the web page; 0 takes any free one.
    public var httpPort = 8070
    /// Port of the mail server; 0 takes any free one.
    public var smtpPort = 2525
    /// Use key accepted until `rotate` is asked for.
    public var primaryKey = "sandbox-key-1"
    /// Second use key, valid at the same time, so that a sender can change over without a pause.
    public var secondaryKey = "sandbox-key-2"
    /// Accepted by the messengers' APIs, as bearer token, password or bot token.
    public var chatToken = "sandbox-token"
    /// With which posts to offices are signed.
    public var officeSecret = "whsec_c2FuZGJveC1vZmZpY2Utc2VjcmV0LTAx"
    /// Mails, App IO messages, and chat messages, that are remembered; older ones are only counted.
    public var capacity = 200_000
    /// How many of the newest keep their full content.
    public var bodies = 2_000
    /// Tells the time, for the rate limit and the delays of App IO and the windows of messengers.
    public var now: @Sendable () -> Date = { Date() }

    public init() {}
}

/// Where a running sandbox listens.
public struct SandboxPorts: Sendable, Equatable {
    /// App IO, messengers, control API and web page.
    public let http: Int
    /// Mail server.
    public let smtp: Int
}

/// The sandbox could not start.
public struct SandboxError: Error, CustomStringConvertible {
    public let description: String
}

/// A stand-in for the world around the daemon: an App IO service, a mail server, the APIs of
/// messengers, the systems of offices and of a utility, and a page that shows what arrived.
///
/// Everything is kept in memory, in bounded space, and is gone when it stops.
public final class Sandbox: Sendable {
    private let options: SandboxOptions
    private let desk: ControlDesk

    public init(options: SandboxOptions = SandboxOptions()) {
        self.options = options
        desk = ControlDesk(options: options)
    }

    /// Serves until the surrounding task is cancelled, then closes both servers and returns.
    ///
    /// - Parameter ready: called once, when both servers listen.
    /// - Throws: ``SandboxError`` when a port cannot be opened.
    public func run(ready: @escaping @Sendable (SandboxPorts) -> Void) async throws {
        let mail = try await listen("mail server", port: options.smtpPort) {
            try await SMTPServer(store: self.desk.mails, control: self.desk).listen(
                host: self.options.host, port: self.options.smtpPort)
        }
        do {
            let smtpPort = mail.localAddress?.port ?? options.smtpPort
            try await listen("web server", port: options.httpPort) { try await self.serveHTTP(smtpPort, ready) }
        } catch {
            try? await mail.close()
            throw error
        }
        // Closing a listener that is already closed is all that can fail here.
        try? await mail.close()
    }

    private func serveHTTP(_ smtpPort: Int, _ ready: @escaping @Sendable (SandboxPorts) -> Void) async throws {
        let fallback = options.httpPort
        var application = Application(
            router: SandboxRouter.make(desk),
            configuration: .init(address: .hostname(options.host, port: options.httpPort), serverName: nil),
            onServerRunning: { channel in
                ready(SandboxPorts(http: channel.localAddress?.port ?? fallback, smtp: smtpPort))
            })
        // The only thing it would report is that connections were cut when the sandbox stopped.
        application.logger.logLevel = .critical
        do {
            try await application.run()
        } catch is CancellationError {
            return
        }
    }

    private func listen<Result>(_ what: String, port: Int, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as IOError {
            throw SandboxError(description: "\(what): cannot listen on \(options.host):\(port): \(error)")
        }
    }
}
