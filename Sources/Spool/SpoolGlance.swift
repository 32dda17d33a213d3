import Civic
import Glibc

/// A spool at a glance.
public struct SpoolGlance: Sendable, Equatable {
    /// Messages that are acknowledged and not in PostgreSQL yet.
    public var waiting = 0
    /// Of all files that hold any.
    public var bytes = 0
    /// When the oldest of them was received.
    public var oldest: Timestamp?
    /// Files that were set aside for a person.
    public var aside = 0

    public init() {}

    init(_ files: SpoolFiles) {
        for segment in files.segments {
            waiting += segment.waiting.count
            bytes += segment.end
        }
        oldest = files.segments.lazy.compactMap(\.waiting.first).first?.receivedAt
        aside = files.aside
    }

    /// What lies in a directory, whoever has it: for a person who looks while PostgreSQL is away. Changes nothing. What a
    /// daemon is draining counts until its file is gone. Blocks.
    /// - Returns: nil if there is no such directory, or it may not be read.
    public init?(at path: String) {
        guard let names = try? Disk.names(in: path) else { return nil }
        for name in names {
            if name.hasSuffix(".damaged") { aside += 1 }
            guard name.hasSuffix(".spool"), let bytes = try? Disk.read("\(path)/\(name)") else { continue }
            let entries = SegmentFormat.scan(bytes).entries
            waiting += entries.count
            self.bytes += bytes.count
            oldest = oldest ?? entries.first?.receivedAt
        }
    }
}
