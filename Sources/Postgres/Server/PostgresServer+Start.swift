internal import Glibc

extension PostgresServer {
    /// All on one blocking thread: files, accounts, processes.
    func startBlocking() throws(PostgresError) -> String {
        // sun_path has 108 bytes with its final zero (unix(7)).
        let socket = "\(run)/.s.PGSQL.5432"
        guard socket.utf8.count <= 107 else {
            throw PostgresError(
                .usage,
                "\(socket) has \(socket.utf8.count) bytes and a Unix socket's path at most 107: "
                    + "choose a state directory with a shorter path")
        }
        // When we make it as root, others may pass through it (the server must) but not list it.
        try Files.makeDirectories(directory, mode: geteuid() == 0 ? 0o711 : 0o700)
        let lock = try Files.lock("\(directory)/lock")
        defer { close(lock) }
        reap()
        // One that is just dying may still look alive; then it is started anew.
        if postmaster() != nil, try awaitReady() { return connectionString }
        let account = try ServerAccount.choose(forDataIn: data)
        let programs = try ServerPrograms.find(binaries, cluster: data)
        try prepareDirectories(account, programs)
        if !Files.exists("\(data)/PG_VERSION") { try makeCluster(account, programs) }
        try clearTraces()
        try launch(account, programs)
        guard try awaitReady() else {
            throw PostgresError(.unavailable, "the server in \(data) did not start: \(lastWords())")
        }
        return connectionString
    }

    private func prepareDirectories(_ account: ServerAccount, _ programs: ServerPrograms) throws(PostgresError) {
        try account.checkReach(of: directory, what: "the state directory")
        try account.checkReach(of: programs.directory, what: "PostgreSQL's programs")
        try Files.makeDirectories(run, mode: 0o700)
        try account.own(run, mode: 0o700)
    }

    /// In a directory beside, moved into place when it is whole: a crash leaves no half cluster.
    private func makeCluster(_ account: ServerAccount, _ programs: ServerPrograms) throws(PostgresError) {
        guard !Files.exists(data) else {
            throw PostgresError(.usage, "\(data) exists and holds no PostgreSQL cluster: move it away")
        }
        let new = "\(directory)/data.new"
        try Files.removeTree(new)
        try Files.makeDirectories(new, mode: 0o700)
        try account.own(new, mode: 0o700)
        let arguments = [
            "-D", new, "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        ]
        let process = try Processes.spawn(account.command(programs.initdb, arguments), log: log)
        guard try Processes.wait(for: process, seconds: 300) == 0 else {
            throw PostgresError(.unavailable, "initdb failed: \(lastWords())")
        }
        guard rename(new, data) == 0 else {
            throw PostgresError(.unavailable, "\(new) to \(data): \(Files.problem())")
        }
    }

    /// After a kill -9 of the postmaster its children end by themselves, as soon as they look; PostgreSQL refuses to
    /// start before. A lock file whose number now belongs to somebody else, or to a dead process that nobody buried,
    /// would be refused too, and is removed, but only when nobody is left in the data directory.
    private func clearTraces() throws(PostgresError) {
        for signal in [0, SIGQUIT, SIGKILL] {
            for pid in Processes.inside(data) { _ = Glibc.kill(pid, signal) }
            if pause(untilTrue: { Processes.inside(data).isEmpty }, seconds: 5) { break }
        }
        if let left = Processes.inside(data).first {
            throw PostgresError(.unavailable, "process \(left) of an earlier server in \(data) does not end")
        }
        // Our own dead child still counts as alive until its exit status is taken.
        _ = pause(
            untilTrue: {
                reap()
                return child.withLock { $0 == nil }
            }, seconds: 5)
        for trace in ["\(data)/postmaster.pid", "\(run)/.s.PGSQL.5432.lock", "\(run)/.s.PGSQL.5432"] { unlink(trace) }
    }

    private func launch(_ account: ServerAccount, _ programs: ServerPrograms) throws(PostgresError) {
        let settings = defaults(programs.version).merging(options) { $1 }
        let arguments = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let process = try Processes.spawn(account.command(programs.postgres, ["-D", data] + arguments), log: log)
        child.withLock { $0 = process }
    }

    /// For a machine of 2 to 8 GB that also runs us. The log goes to `data/log`, one file for each day of the week.
    private func defaults(_ version: Int) -> [String: String] {
        var settings = [
            "listen_addresses": "", "unix_socket_directories": run, "unix_socket_permissions": "0700",
            "port": "5432", "max_connections": "100",
            // Where memory may not be made executable, as in the unit that is shipped, compiling a plan ends the server.
            "jit": "off",
            "shared_buffers": "256MB", "max_wal_size": "4GB", "min_wal_size": "256MB",
            "wal_compression": version >= 15 ? "lz4" : "on", "checkpoint_timeout": "15min",
            "logging_collector": "on", "log_directory": "log", "log_filename": "postgresql-%a.log",
            "log_truncate_on_rotation": "on", "log_rotation_age": "1d", "log_rotation_size": "0",
            "log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_statement": "none",
            "log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
        ]
        // Each ticket's decision is compressed; the old way takes a twelfth of PostgreSQL's time for a message.
        if version >= 15 { settings["default_toast_compression"] = "lz4" }
        return settings
    }

    /// Recovery after a crash may take minutes; while the server lives, it is waited for.
    /// - Returns: false if it has ended.
    private func awaitReady() throws(PostgresError) -> Bool {
        var alive = true
        let decided = pause(
            untilTrue: {
                reap()
                if postmaster() != nil && isReady() { return true }
                // Our child is known from the start, an adopted one by its lock file.
                alive = child.withLock { $0 != nil } || postmaster() != nil
                return !alive
            }, seconds: 600)
        guard decided else {
            throw PostgresError(.timeout, "the server in \(data) has not recovered within 10 minutes: \(lastWords())")
        }
        return alive
    }

    /// The end of what the last start said; a server's own log may say more.
    private func lastWords() -> String {
        let lines = (Files.read(log) ?? "").split(separator: "\n").suffix(4).joined(separator: " / ")
        return (lines.isEmpty ? "it said nothing" : lines) + " (see also \(data)/log)"
    }
}
