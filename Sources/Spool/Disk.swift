import Glibc

/// The calls by which bytes become durable; a test gives others. Everything here may block.
struct Disk: Sendable {
    /// Returns 0, or an `errno`: all bytes from `offset` on.
    var write: @Sendable (_ file: Int32, _ bytes: [UInt8], _ offset: Int) -> Int32 = { file, bytes, offset in
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(file, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : ENOSPC }
            done += count
        }
        return 0
    }
    /// Returns 0, or an `errno`.
    var sync: @Sendable (_ file: Int32) -> Int32 = { file in
        while fsync(file) != 0 {
            guard errno == EINTR else { return errno }
        }
        return 0
    }

    static func read(_ path: String) throws(SpoolError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .disk(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .disk(path) }
        return try read(file, at: 0, count: Int(status.st_size), path)
    }

    /// - Returns: fewer bytes only where the file ends.
    static func read(_ file: Int32, at offset: Int, count: Int, _ path: String) throws(SpoolError) -> [UInt8] {
        var problem: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let got = pread(file, start + filled, count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { problem = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard problem == 0 else { throw .disk(path, problem) }
        return bytes
    }

    /// Names in a directory, in order.
    static func names(in path: String) throws(SpoolError) -> [String] {
        guard let directory = opendir(path) else { throw .disk(path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a directory, and those above it that are missing, durably.
    func makeDirectory(_ path: String) throws(SpoolError) {
        if mkdir(path, 0o700) != 0 {
            switch errno {
            case EEXIST: return
            case ENOENT:
                guard let above = Disk.parent(of: path) else { throw .disk(path) }
                try makeDirectory(above)
                guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .disk(path) }
            default: throw .disk(path)
            }
        }
        if let above = Disk.parent(of: path) { try sync(directory: above) }
    }

    private static func parent(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), path != "/" else { return nil }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// What was made, renamed or removed in it is so after a power failure, too.
    func sync(directory path: String) throws(SpoolError) {
        let file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw .disk(path) }
        defer { close(file) }
        let problem = sync(file)
        guard problem == 0 else { throw .disk(path, problem) }
    }
}
