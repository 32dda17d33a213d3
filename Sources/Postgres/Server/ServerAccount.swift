internal import Glibc

/// Whose name the server runs under. PostgreSQL refuses root.
struct ServerAccount {
    let user: uid_t
    let group: gid_t
    let name: String
    /// We are root and step down for the server.
    let stepsDown: Bool

    /// Ourselves, unless we are root: then whoever owns the cluster, or `postgres`, or `nobody`.
    static func choose(forDataIn data: String) throws(PostgresError) -> ServerAccount {
        let owner = Files.status(data)?.st_uid
        let me = geteuid()
        if me != 0 {
            if let owner, owner != me {
                throw PostgresError(
                    .usage, "\(data) belongs to user \(owner) and we are user \(me): start as the user who made it")
            }
            return ServerAccount(user: me, group: getegid(), name: "user \(me)", stepsDown: false)
        }
        if let owner, owner != 0, let entry = getpwuid(owner) { return stepDown(entry) }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return stepDown(entry) }
        }
        throw PostgresError(
            .usage, "PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as")
    }

    private static func stepDown(_ entry: UnsafeMutablePointer<passwd>) -> ServerAccount {
        ServerAccount(
            user: entry.pointee.pw_uid, group: entry.pointee.pw_gid, name: String(cString: entry.pointee.pw_name),
            stepsDown: true)
    }

    /// The command line that runs a program under this account (setpriv is util-linux's).
    func command(_ program: String, _ arguments: [String]) -> [String] {
        let line = [program] + arguments
        guard stepsDown else { return line }
        return ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", "--"] + line
    }

    func own(_ path: String, mode: mode_t) throws(PostgresError) {
        // Not through a link that the account may have put there.
        guard !stepsDown || lchown(path, user, group) == 0, chmod(path, mode) == 0 else {
            throw PostgresError(.unavailable, "\(path): \(Files.problem())")
        }
    }

    /// Every directory on the way must let the account pass.
    func checkReach(of path: String, what: String) throws(PostgresError) {
        guard stepsDown else { return }
        var place = ""
        for part in ["/"] + path.split(separator: "/").map(String.init) {
            place = part == "/" || place == "/" ? "\(place)\(part)" : "\(place)/\(part)"
            guard let status = Files.status(place), !mayPass(status) else { continue }
            throw PostgresError(
                .usage,
                "\(what), \(path): \(place) does not let user \(name) pass, as whom PostgreSQL runs because it refuses "
                    + "root. Choose a directory elsewhere (such as /var/lib/...), or run as an ordinary user, "
                    + "or `chmod o+x \(place)`")
        }
    }

    private func mayPass(_ status: stat) -> Bool {
        if status.st_uid == user { return status.st_mode & 0o100 != 0 }
        if status.st_gid == group { return status.st_mode & 0o010 != 0 }
        return status.st_mode & 0o001 != 0
    }
}
