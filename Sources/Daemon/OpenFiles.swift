import Glibc

/// How many descriptors the process may have, and how many connections that leaves room for.
enum OpenFiles {
    /// More connections than any city's senders keep open.
    private static let mostConnections = 10_000
    /// For the database, the mail servers, the log and what the libraries open.
    private static let reserve = 128
    /// Below this nothing would be served at all.
    private static let fewestConnections = 16

    /// Raises the soft limit to the hard one.
    /// - Returns: the limit in force.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        var raised = limit
        raised.rlim_cur = limit.rlim_max
        return Int(clamping: setrlimit(resource, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur)
    }

    static func connections(descriptors: Int) -> Int {
        max(fewestConnections, min(mostConnections, descriptors - reserve))
    }
}
