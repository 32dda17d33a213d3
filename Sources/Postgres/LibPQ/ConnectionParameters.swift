internal import CLibPQ

/// What libpq is told when a session begins: the connection string, with defaults before it and demands after it.
struct ConnectionParameters: Sendable {
    /// Later ones win; `dbname` holds the whole connection string, which libpq expands in its place.
    let pairs: [(String, String)]
    /// How many hosts the string names.
    let hosts: Int

    /// - Parameter rotation: begin with the host at this place, counted round: the ones before it have timed out.
    /// - Throws: `.usage` for a string that libpq cannot read. What it quotes may be part of a password: it is left out.
    init(_ configuration: PostgresConfiguration, rotation: Int) throws(PostgresError) {
        let options = try Self.parse(configuration.connectionString)
        let lists = ["host", "hostaddr", "port"].compactMap { key in
            options[key].map { (key, $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)) }
        }
        hosts = lists.filter { $0.0 != "port" }.map(\.1.count).max() ?? 1
        let patience = String(configuration.connectTimeout.milliseconds)
        var pairs = [
            ("application_name", configuration.applicationName),
            ("keepalives", "1"), ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
            ("tcp_user_timeout", patience),
            ("dbname", configuration.connectionString),
            ("client_encoding", "UTF8"),
        ]
        if rotation % hosts != 0 {
            for (key, list) in lists where list.count == hosts {
                let start = rotation % hosts
                pairs.append((key, (list[start...] + list[..<start]).joined(separator: ",")))
            }
        }
        self.pairs = pairs
    }

    private static func parse(_ string: String) throws(PostgresError) -> [String: String] {
        var problem: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(string, &problem) else {
            let message = problem.map { String(cString: $0).trimmed.withoutQuotedText } ?? "no memory"
            PQfreemem(problem)
            throw PostgresError(.usage, "connection string: \(message)")
        }
        defer { PQconninfoFree(options) }
        var result: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { result[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return result
    }
}
