import CLinux
import Glibc

/// The systemd journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry, a field a
/// line; a value with line ends is sent with its length before it.
///
/// A journal that is full or gone costs the entry, never the daemon's time.
public final class JournalSink: LogSink {
    public static let standardPath = "/run/systemd/journal/socket"

    private let path: String
    private let descriptor: Int32
    private let identifier: String

    /// Nil if the system gives no socket.
    public init?(path: String = JournalSink.standardPath, identifier: String = "pasquino") {
        let descriptor = clinux_datagram_socket()
        guard descriptor >= 0 else { return nil }
        self.descriptor = descriptor
        self.path = path
        self.identifier = identifier
    }

    /// It can be searched: `journalctl TICKET_ID=CODE` is one ticket's life.
    public var keepsTickets: Bool { true }

    deinit { close(descriptor) }

    /// Whether `descriptor` leads to the journal: systemd names its device and inode in `$JOURNAL_STREAM`
    /// (systemd.exec(5)).
    public static func isStream(_ stream: String?, descriptor: Int32 = STDERR_FILENO) -> Bool {
        var device: UInt64 = 0
        var inode: UInt64 = 0
        guard let stream, clinux_identity(descriptor, &device, &inode) == 0 else { return false }
        return stream == "\(device):\(inode)"
    }

    public func write(_ record: LogRecord) -> Bool {
        let bytes = JournalSink.entry(record, identifier: identifier)
        return clinux_datagram_send(descriptor, path, bytes, bytes.count) == 0
    }

    static func entry(_ record: LogRecord, identifier: String) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ name: String, _ value: String) {
            let value = Array(harmless(value, limit: 8000, keepingNewlines: true).utf8)
            bytes += Array(name.utf8)
            if value.contains(0x0A) {
                bytes.append(0x0A)
                withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
            } else {
                bytes.append(0x3D)
            }
            bytes += value
            bytes.append(0x0A)
        }
        append("MESSAGE", record.sentence)
        append("PRIORITY", "\(record.level.priority)")
        append("SYSLOG_IDENTIFIER", identifier)
        append("PASQUINO_EVENT", record.name)
        for field in record.fields { append(field.name, field.value) }
        return bytes
    }
}
