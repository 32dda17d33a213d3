import CMagic
import Synchronization

/// Media types by content, by libmagic and the database that Debian ships with it.
///
/// libmagic's cookies keep state and serve one thread at a time; those at rest are kept. The database is a mapped file
/// that all cookies share: the first takes 6 ms, a further one 0.2 ms; in use, 8 MB of the file and some MB of compiled
/// patterns are resident. A call takes 0.1 to 0.4 ms, for a text 3 to 6 ms.
final class MagicDatabase: Sendable {
    /// Whoever has taken it out of `resting` is the only one to use it.
    private struct Cookie: @unchecked Sendable {
        let pointer: magic_t
    }

    private let resting = Mutex<[Cookie]>([])

    /// Enough to recognise what is recognised by its beginning: ISO 9660 begins at 32 KiB.
    private static let prefix = 128 << 10

    /// - Throws: `AttachmentError.magicDatabase` with libmagic's own words.
    init() throws(AttachmentError) {
        let first = try MagicDatabase.open()
        resting.withLock { $0.append(first) }
    }

    deinit { for cookie in resting.withLock({ $0 }) { magic_close(cookie.pointer) } }

    private static func open() throws(AttachmentError) -> Cookie {
        // Nothing is decompressed here (archives have limits elsewhere), and ELF details are of no use.
        let flags = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF
        guard let pointer = magic_open(flags) else { throw .magicDatabase("no memory") }
        guard magic_load(pointer, nil) == 0 else {
            let reason = magic_error(pointer).map { String(cString: $0) } ?? "unknown"
            magic_close(pointer)
            throw .magicDatabase(reason)
        }
        return Cookie(pointer: pointer)
    }

    /// - Returns: a type as `image/png`; `application/octet-stream` if libmagic knows none or fails.
    func type(of content: some Collection<UInt8>) -> String {
        let unknown = "application/octet-stream"
        guard let cookie = resting.withLock({ $0.popLast() }) ?? (try? MagicDatabase.open()) else { return unknown }
        defer { resting.withLock { $0.append(cookie) } }
        return Array(content.prefix(MagicDatabase.prefix)).withUnsafeBytes { bytes in
            magic_buffer(cookie.pointer, bytes.baseAddress, bytes.count).map { String(cString: $0) } ?? unknown
        }
    }
}

/// Why an inspector cannot be made.
public enum AttachmentError: Error, Hashable, Sendable {
    /// The database of file types cannot be loaded: is libmagic-mgc installed? With libmagic's reason.
    case magicDatabase(String)
}
