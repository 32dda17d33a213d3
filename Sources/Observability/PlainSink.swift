import CLinux
import Civic
import Glibc

/// One line an observation on a file descriptor, for people at a terminal and for whatever else collects lines:
///
///     2026-11-21T09:30:00Z notice  ready on 127.0.0.1:8060  host=127.0.0.1 port=8060
///
/// A line is one write of at most 4 KiB, which a pipe takes whole or not at all; if the reader is too slow it is dropped
/// rather than waited for.
public struct PlainSink: LogSink {
    private let descriptor: Int32
    private let coloured: Bool

    /// - Parameter coloured: nil: on a terminal, unless `NO_COLOR` is set (no-color.org).
    public init(descriptor: Int32 = STDERR_FILENO, coloured: Bool? = nil) {
        self.descriptor = descriptor
        self.coloured = coloured ?? (isatty(descriptor) == 1 && getenv("NO_COLOR") == nil)
    }

    public func write(_ record: LogRecord) -> Bool {
        let bytes = Array(PlainSink.line(record, coloured: coloured).utf8)
        return clinux_write_now(descriptor, bytes, bytes.count) == bytes.count
    }

    /// The longest line, PIPE_BUF on Linux.
    static let longest = 4096

    static func line(_ record: LogRecord, coloured: Bool) -> String {
        let level = record.level.rawValue.padded(to: 7)
        let (on, off) = coloured ? (colour(of: record.level), "\u{1B}[0m") : ("", "")
        let whole = Timestamp(seconds: record.at.seconds)
        var line = "\(whole.rfc3339) \(on)\(level)\(off) \(harmless(record.sentence, limit: 1500))"
        var room = longest - 64 - line.utf8.count
        for (index, field) in record.fields.enumerated() {
            let text =
                "\(index == 0 ? "  " : " ")\(field.name.lowercased())=\(quoted(harmless(field.value, limit: 500)))"
            room -= text.utf8.count
            guard room > 0 else { break }
            line += text
        }
        return line + "\n"
    }

    private static func colour(of level: LogLevel) -> String {
        switch level {
        case .debug: "\u{1B}[2m"
        case .info: ""
        case .notice: "\u{1B}[1m"
        case .warning: "\u{1B}[33m"
        case .error: "\u{1B}[31m"
        }
    }

    /// Values with spaces or quotes stand in quotes, as logfmt has it.
    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.utf8.contains(where: { $0 == 0x20 || $0 == 0x22 || $0 == 0x3D }) else {
            return value
        }
        return "\"" + value.map { $0 == "\"" ? "\\\"" : String($0) }.joined() + "\""
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - utf8.count))
    }
}
