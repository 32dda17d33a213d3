import Glibc

/// A listening socket that the service manager opened and passed on (sd_listen_fds(3)).
enum PassedSocket {
    /// The first of those that `LISTEN_PID` and `LISTEN_FDS` name.
    private static let first: Int32 = 3

    /// - Returns: its descriptor, closed in child processes from now on; nil if none was passed to this process.
    static func descriptor(environment: [String: String], process: Int32 = getpid()) -> Int32? {
        guard environment["LISTEN_PID"] == "\(process)",
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count > 0, isListening(first)
        else { return nil }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        return first
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0
    }
}
