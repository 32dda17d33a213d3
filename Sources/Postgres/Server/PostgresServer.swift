internal import CLibPQ
internal import Glibc
internal import Synchronization

/// A private PostgreSQL server below a directory of ours, on a Unix socket only.
///
/// - It outlives us: it has its own session, so that a kill -9 of this process does not touch it, and the next `start()`
///   finds it running and takes it over.
/// - PostgreSQL refuses to run as root: started as root, all of it runs as the owner of the data directory, at first
///   `postgres` or, where there is no such user, `nobody`.
/// - Whoever can reach the socket is trusted; the socket's directory has mode 0700.
/// - `fsync` stays on. The server's own log keeps seven days, without statements and without details, which quote data.
///
/// Below the directory: `data` (the cluster), `run` (the socket), `start.log` (what the last start said), `lock`.
public final class PostgresServer: Sendable {
    let directory: String
    let binaries: String?
    let options: [String: String]
    /// The postmaster, while it is our own child: it must be reaped.
    let child = Mutex<pid_t?>(nil)

    /// - Parameters:
    ///   - directory: where all of it lives; made if missing. Its path must be short: a socket's is at most 107 bytes.
    ///   - binaries: the directory of `initdb` and `postgres`; by default the one that fits the cluster, or the newest,
    ///     of /usr/lib/postgresql/*/bin, else of `PATH`.
    ///   - options: settings beyond, or in place of, the defaults: `["shared_buffers": "1GB"]`.
    public init(directory: String, binaries: String? = nil, options: [String: String] = [:]) {
        self.directory = directory.hasPrefix("/") ? directory : "\(Files.workingDirectory)/\(directory)"
        self.binaries = binaries
        self.options = options
    }

    /// Starts the server, or takes over the one that runs; the first time makes the cluster.
    /// - Returns: the connection string, once the server accepts connections.
    /// - Throws: `.usage` for what an administrator must change, `.unavailable` for the rest.
    public func start() async throws(PostgresError) -> String {
        try await Blocking.run { [self] in Result { () throws(PostgresError) in try startBlocking() } }.get()
    }

    /// Stops the server: sessions are ended, what is committed is on disk. If that takes longer than 30 seconds it is
    /// stopped at once, and recovers at the next start.
    public func stop() async throws(PostgresError) {
        try await Blocking.run { [self] in Result { () throws(PostgresError) in try stopBlocking() } }.get()
    }

    /// Kills the postmaster and all its children at once, as a power failure would. For tests of crashes.
    public func kill() {
        if let pid = postmaster() { _ = Glibc.kill(pid, SIGKILL) }
        repeat {
            for pid in Processes.inside(data) { _ = Glibc.kill(pid, SIGKILL) }
            reap()
        } while pause(untilTrue: { Processes.inside(data).isEmpty }, seconds: 1) == false
        reap()
    }

    /// The process of the running server; nil if none runs.
    public var processID: Int32? { postmaster() }

    var data: String { "\(directory)/data" }
    var run: String { "\(directory)/run" }
    var log: String { "\(directory)/start.log" }

    /// The directory of PostgreSQL's programs that fit this cluster.
    /// - Throws: `.usage` if there are none.
    public var programs: String {
        get throws(PostgresError) { try ServerPrograms.find(binaries, cluster: data).directory }
    }

    /// How to connect. Quoted as libpq wants it; the user and the database that every cluster has.
    public var connectionString: String {
        let host = run.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "host='\(String(host))' port=5432 user=postgres dbname=postgres"
    }

    // MARK: The running server

    /// The postmaster's process, if the lock file names one that really serves this directory: numbers are used again.
    func postmaster() -> pid_t? {
        guard let line = Files.read("\(data)/postmaster.pid")?.split(separator: "\n").first, let pid = pid_t(line),
            pid > 1, Processes.isInside(pid, data)
        else { return nil }
        return pid
    }

    /// The eighth line of the lock file says how far the server is (PostgreSQL's miscadmin.h); the server says whether it
    /// is still there.
    func isReady() -> Bool {
        let lines = Files.read("\(data)/postmaster.pid")?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
        guard lines.count >= 8, lines[7].hasPrefix("ready") else { return false }
        return PQping("\(connectionString) connect_timeout=5") == PQPING_OK
    }

    /// Takes the exit status of our own child, if it has ended. Only when this process started it.
    func reap() {
        child.withLock { child in
            guard let pid = child else { return }
            var status: Int32 = 0
            if waitpid(pid, &status, WNOHANG) != 0 { child = nil }
        }
    }

    /// Looks every 10 ms, on a blocking thread.
    /// - Returns: whether it became true in time.
    func pause(untilTrue condition: () -> Bool, seconds: Int) -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while !condition() {
            if ContinuousClock.now > end { return false }
            usleep(10_000)
        }
        return true
    }

    // MARK: Stopping

    private func stopBlocking() throws(PostgresError) {
        // SIGINT: fast shutdown. SIGQUIT: immediate. (PostgreSQL manual, "Shutting Down the Server".)
        for (signal, seconds) in [(SIGINT, 30), (SIGQUIT, 10), (SIGKILL, 5)] {
            guard let pid = postmaster() else { break }
            guard Glibc.kill(pid, signal) == 0 || errno == ESRCH else {
                throw PostgresError(.usage, "process \(pid) in \(data): \(Files.problem())")
            }
            let gone = pause(
                untilTrue: {
                    reap()
                    return !Processes.isInside(pid, data)
                }, seconds: seconds)
            if gone { break }
        }
        if let pid = postmaster() { throw PostgresError(.unavailable, "process \(pid) in \(data) does not end") }
    }
}
