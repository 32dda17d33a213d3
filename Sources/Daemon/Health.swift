import Civic
import Glibc
import Observability
import Settings
import Synchronization

/// Whether the daemon can do its work now, and why not.
final class Health: Sendable {
    private struct State {
        var refusal: String? = "the daemon is starting"
        var databaseUp = true
        var databaseAway = false
    }
    private let state = Mutex(State())

    var reason: String? {
        state.withLock { $0.refusal ?? ($0.databaseUp ? nil : "PostgreSQL does not answer") }
    }

    func clear() { state.withLock { $0.refusal = nil } }
    func refuse(_ reason: String) { state.withLock { $0.refusal = reason } }
    /// - Parameter away: it could not be reached; else it answered, and not as it should.
    func database(up: Bool, away: Bool = false) {
        state.withLock {
            $0.databaseUp = up
            $0.databaseAway = away
        }
    }

    /// Whether the last beat did not reach PostgreSQL.
    var isDatabaseAway: Bool { state.withLock { $0.databaseAway } }
}

/// Passes on that a connection was lost, to whom is known only later.
final class DoubtRelay: Sendable {
    private let target = Mutex<(@Sendable () -> Void)?>(nil)
    func connect(_ body: @escaping @Sendable () -> Void) { target.withLock { $0 = body } }
    func raise() { target.withLock { $0 }?() }
}

extension Timestamp {
    /// The wall clock.
    public static var current: Timestamp { wallClock() }
}

extension Logging {
    /// The same words, as the observer knows them.
    var observed: LogLevel { LogLevel(rawValue: level.rawValue) ?? .info }
}

/// This machine's name, as other daemons of the same database see it.
public let hostName: String = {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}()
