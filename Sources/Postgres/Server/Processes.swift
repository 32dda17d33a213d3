internal import CLibPQ
internal import Glibc

/// Starting programs, and telling who runs where. Everything here may block.
enum Processes {
    /// Starts a program in a session of its own: it outlives us and hears no terminal. It inherits no descriptor but the
    /// log's, and no blocked signals.
    /// - Parameter log: takes what it says; begun anew each time.
    static func spawn(_ line: [String], log: String) throws(PostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The account may not enter the directory we happen to be in.
        posix_spawn_file_actions_addchdir_np(&actions, "/")
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(CLIBPQ_SPAWN_SETSID) | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var process: pid_t = 0
        let arguments = line.map { strdup($0) } + [nil]
        let environment = serverEnvironment.map { strdup($0) } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        let code = posix_spawnp(&process, line[0], &actions, &attributes, arguments, environment)
        guard code == 0 else { throw PostgresError(.unavailable, "\(line[0]): \(String(cString: strerror(code)))") }
        return process
    }

    /// Our own environment may hold secrets, and PG* variables that mean another server.
    private static let serverEnvironment = [
        "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", "TZ=UTC",
    ]

    /// - Returns: the exit status; -1 if a signal ended it.
    static func wait(for process: pid_t, seconds: Int) throws(PostgresError) -> Int32 {
        let end = ContinuousClock.now + .seconds(seconds)
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < end else {
                kill(process, SIGKILL)
                waitpid(process, &status, 0)
                throw PostgresError(.timeout, "process \(process) did not end within \(seconds) s")
            }
            usleep(10_000)
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    /// Processes that work in a directory: all of a PostgreSQL server's change to its data directory.
    static func inside(_ directory: String) -> [pid_t] {
        Files.list("/proc").compactMap { pid_t($0) }.filter { isInside($0, directory) }
    }

    /// By identity, not by name: the path may hold links, and the link in /proc does not.
    static func isInside(_ process: pid_t, _ directory: String) -> Bool {
        guard let name = Files.read("/proc/\(process)/comm"), name.hasPrefix("postgres"),
            let here = Files.status(directory), let owner = Files.status("/proc/\(process)"),
            let there = status(of: "/proc/\(process)/cwd", as: owner)
        else { return false }
        return there.st_ino == here.st_ino && there.st_dev == here.st_dev
    }

    /// Where a process works is for its own user to see, or for root with CAP_SYS_PTRACE (proc(5)), which containers and
    /// hardened units take away. So root looks as that user: the file system's user is each thread's own.
    private static func status(of path: String, as owner: stat) -> stat? {
        guard geteuid() == 0 else { return Files.status(path) }
        setfsgid(owner.st_gid)
        setfsuid(owner.st_uid)
        defer {
            setfsuid(geteuid())
            setfsgid(getegid())
        }
        return Files.status(path)
    }
}
