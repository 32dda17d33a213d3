import NIOCore
import Synchronization

/// The bounds of the mail server.
enum SMTPLimits {
    /// Largest mail, announced with SIZE.
    static let message = 30 << 20
    /// Longest command line; AUTH may need this much (RFC 4954, section 4).
    static let commandLine = 12_288
    /// Longest line of text with its CRLF (RFC 5321, section 4.5.3.1.6).
    static let textLine = 1000
    /// Recipients of one mail.
    static let recipients = 1000
    /// Mistakes after which the server hangs up.
    static let errors = 20
    /// Connections at one time.
    static let connections = 2000
    /// Octets of unfinished mails on all connections together.
    static let inFlight = 256 << 20
    /// Longest forward or reverse path (RFC 5321, section 4.5.3.1).
    static let path = 256
    static let localPart = 64
    static let domain = 255
}

/// What all connections share: places, and room for unfinished mails.
final class SMTPBudget: Sendable {
    private let connections = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let bytes = Atomic(0)

    /// Takes a place; false when there is none.
    func connect(_ channel: any Channel) -> Bool {
        connections.withLock { connections in
            guard connections.count < SMTPLimits.connections else { return false }
            connections[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func disconnect(_ channel: any Channel) {
        connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Cuts every connection, when the server stops.
    func closeAll() {
        for channel in connections.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }

    func reserve(_ count: Int) -> Bool {
        if bytes.add(count, ordering: .relaxed).newValue <= SMTPLimits.inFlight { return true }
        release(count)
        return false
    }

    func release(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
}
