internal import Glibc

/// The few file calls that the server's keeper needs. Everything here may block.
enum Files {
    static func problem() -> String { String(cString: strerror(errno)) }

    static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }

    static func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    static func exists(_ path: String) -> Bool { status(path) != nil }

    /// The beginning of a text file, 64 KiB at most; nil if it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while bytes.count < 65_536 {
            var count = 0
            let more = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress, 4096)
                initialized = max(0, count)
            }
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names in a directory, without `.` and `..`; empty if it cannot be read.
    static func list(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// With the ones above it that are missing.
    static func makeDirectories(_ path: String, mode: mode_t) throws(PostgresError) {
        var place = ""
        for part in path.split(separator: "/") {
            place += "/\(part)"
            if mkdir(place, place == path ? mode : 0o755) == 0 || errno == EEXIST || exists(place) { continue }
            throw PostgresError(.usage, "\(place): \(problem())")
        }
    }

    static func removeTree(_ path: String) throws(PostgresError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in list(path) { try removeTree("\(path)/\(name)") }
        }
        guard remove(path) == 0 else { throw PostgresError(.unavailable, "\(path): \(problem())") }
    }

    /// Waits until nobody else holds it. Closing the descriptor, or dying, lets go.
    static func lock(_ path: String) throws(PostgresError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw PostgresError(.usage, "\(path): \(problem())") }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let error = PostgresError(.unavailable, "\(path): \(problem())")
                close(descriptor)
                throw error
            }
        }
        return descriptor
    }
}
