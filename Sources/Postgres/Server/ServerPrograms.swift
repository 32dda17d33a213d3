internal import Glibc

/// Where PostgreSQL's programs are, and their major version.
struct ServerPrograms {
    let directory: String
    let version: Int
    var initdb: String { "\(directory)/initdb" }
    var postgres: String { "\(directory)/postgres" }

    /// Debian's place for them, one directory a major version.
    private static let root = "/usr/lib/postgresql"

    /// - Parameter cluster: a data directory; if it holds a cluster, only its version will do.
    static func find(_ given: String?, cluster: String) throws(PostgresError) -> ServerPrograms {
        let needed = Files.read("\(cluster)/PG_VERSION").flatMap { Int($0.trimmed) }
        let candidates = given.map { [ServerPrograms(directory: $0, version: version(of: $0) ?? needed ?? 0)] } ?? all()
        let usable = candidates.filter { access($0.initdb, X_OK) == 0 && access($0.postgres, X_OK) == 0 }
        guard let newest = usable.max(by: { $0.version < $1.version }) else {
            throw PostgresError(
                .usage, "no PostgreSQL server programs in \(given ?? "\(root)/*/bin or PATH"): install postgresql")
        }
        guard let needed else { return newest }
        // A version that cannot be told from the path is tried.
        guard let fitting = usable.first(where: { $0.version == needed || $0.version == 0 }) else {
            throw PostgresError(
                .usage,
                "\(cluster) was made by PostgreSQL \(needed) and only \(newest.version) is installed: "
                    + "install postgresql-\(needed), or move the data over with pg_upgrade")
        }
        return fitting
    }

    private static func all() -> [ServerPrograms] {
        let debian = Files.list(root).compactMap { name in
            Int(name).map { ServerPrograms(directory: "\(root)/\(name)/bin", version: $0) }
        }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return debian + path.split(separator: ":").map { ServerPrograms(directory: String($0), version: 0) }
    }

    /// `/usr/lib/postgresql/15/bin` says 15.
    private static func version(of directory: String) -> Int? {
        directory.split(separator: "/").compactMap { Int($0) }.last
    }
}

extension PostgresServer {
    /// Whether there are server programs on this machine.
    public static var isInstalled: Bool { (try? ServerPrograms.find(nil, cluster: "")) != nil }
}
