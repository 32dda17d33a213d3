/// How to reach a database, and how patient to be with it.
public struct PostgresConfiguration: Sendable {
    /// libpq's, `key=value` or URI; several hosts and `target_session_attrs` included. What it says about
    /// `application_name`, keep-alives and `tcp_user_timeout` wins over the defaults here.
    public var connectionString: String
    /// What `pg_stat_activity` shows.
    public var applicationName: String
    /// The server cancels a statement after this long.
    public var statementTimeout: Duration
    /// For each host of the connection string.
    public var connectTimeout: Duration
    /// How much longer than `statementTimeout` a silent server is waited for before the session is dropped.
    public var silenceAllowance: Duration = .seconds(5)
    /// How long `close()` lets running statements finish.
    public var closeGrace: Duration = .seconds(5)
    /// How long `close()` then waits for the server to cancel them, however stubborn it is, before the session goes.
    public var cancelGrace: Duration = .seconds(1)
    /// Prepared statements a session keeps; the least recently used goes first.
    public var preparedStatements = 256
    /// Run-time parameters that every session begins with. Names and values are the program's own, never input.
    public var settings: [String: String] = [:]
    /// Pauses between attempts to connect.
    public var backoff = Backoff()

    public init(
        connectionString: String, applicationName: String = "postgres", statementTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10)
    ) {
        self.connectionString = connectionString
        self.applicationName = applicationName
        self.statementTimeout = statementTimeout
        self.connectTimeout = connectTimeout
    }
}

/// Exponential pauses with jitter, so that many clients of a server that comes back do not come back together.
public struct Backoff: Sendable {
    public var first: Duration
    public var ceiling: Duration

    public init(first: Duration = .milliseconds(100), ceiling: Duration = .seconds(5)) {
        self.first = first
        self.ceiling = ceiling
    }

    /// The pause after the given number of failures in a row (from 1): half of it certain, half by chance.
    public func pause(
        afterFailures failures: Int, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let doublings = min(max(failures - 1, 0), 20)
        let full = min(ceiling, first * (1 << doublings))
        return full * Double.random(in: 0.5...1, using: &generator)
    }
}

/// What an operator may want to know about a session.
public enum PostgresEvent: Sendable, Equatable {
    /// There is a session. The server's version as libpq counts it: 150018 is 15.18.
    case connected(Int)
    /// The session died: what it was asked last may have been done. The reason holds no parameter values and no password.
    case lost(String)
    /// An attempt to make one failed, for the same sort of reason.
    case failed(String)
    /// The given number of attempts failed; the next follows after a pause.
    case connecting(attempt: Int, retryIn: Duration)
}

extension Duration {
    /// Whole milliseconds, at least 1, at most what PostgreSQL's settings hold.
    var milliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
