import Civic
import Glibc

/// A spool's directory, with what of it is known in memory. Everything here blocks.
///
/// `NUMBER.spool`: files of records (`SegmentFormat`), the oldest first. One at most is written to; it grows to
/// `segmentSize` or so, and a start never goes on with an earlier one. A file is removed when all in it is in PostgreSQL,
/// or renamed to `NUMBER.damaged` if there was something in it that could not be taken in. `lock`: whose spool it is.
struct SpoolFiles: Sendable {
    struct Segment: Sendable {
        let number: UInt64
        let marker: UInt64
        var entries: [SegmentFormat.Entry] = []
        /// The first that is not taken in.
        var next = 0
        /// Bytes that are durable.
        var end: Int
        /// Something in it is for a person.
        var isForPerson = false

        var waiting: ArraySlice<SegmentFormat.Entry> { entries[min(next, entries.count)...] }
    }

    static let segmentSize = 4 << 20

    let path: String
    let disk: Disk
    let observe: @Sendable (SpoolEvent) -> Void
    private(set) var segments: [Segment] = []
    /// Files that were set aside.
    private(set) var aside = 0
    private var lock: Int32
    /// The last segment's, while it is written to.
    private var active: Int32?
    private var lastNumber: UInt64 = 0

    /// Takes the directory, which is made if it is missing, and reads what is there.
    /// - Throws: `.taken` if another process has it.
    init(_ path: String, disk: Disk, observe: @escaping @Sendable (SpoolEvent) -> Void) throws(SpoolError) {
        self.path = path
        self.disk = disk
        self.observe = observe
        try disk.makeDirectory(path)
        guard chmod(path, 0o700) == 0 else { throw .disk(path) }
        lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .disk("\(path)/lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let number = errno
            Glibc.close(lock)
            if number == EWOULDBLOCK {
                throw SpoolError(
                    .taken, "\(path): another daemon has this spool; give each a state directory of its own")
            }
            throw .disk("\(path)/lock", number)
        }
        do throws(SpoolError) { try recover() } catch {
            Glibc.close(lock)
            throw error
        }
    }

    mutating func close() {
        if let active { Glibc.close(active) }
        active = nil
        if lock >= 0 {
            // A child that is just being made has the descriptor too, for a moment.
            flock(lock, LOCK_UN)
            Glibc.close(lock)
        }
        lock = -1
    }

    func file(_ segment: Segment, _ ending: String = "spool") -> String {
        let digits = String(segment.number, radix: 16)
        return "\(path)/\(String(repeating: "0", count: 16 - digits.count))\(digits).\(ending)"
    }

    // MARK: - At the start

    private mutating func recover() throws(SpoolError) {
        for name in try Disk.names(in: path) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0].count == 16, let number = UInt64(parts[0], radix: 16) else { continue }
            lastNumber = max(lastNumber, number)
            switch parts[1] {
            case "damaged": aside += 1
            case "spool": try recover(number)
            default: break
            }
        }
    }

    private mutating func recover(_ number: UInt64) throws(SpoolError) {
        var segment = Segment(number: number, marker: 0, end: 0)
        var scan = SegmentFormat.Scan()
        do throws(SpoolError) {
            let bytes = try Disk.read(file(segment))
            scan = SegmentFormat.scan(bytes)
            segment.end = scan.torn ?? bytes.count
            if segment.end < bytes.count {
                observe(.torn(file: file(segment), at: segment.end))
                cut(segment)
            }
        } catch {
            // The disk does not give it back. The others wait for nothing.
            guard error.kind == .disk(EIO) else { throw error }
            scan.damaged = [0..<0]
            observe(.trouble(reason: error.description))
        }
        segment = Segment(
            number: number, marker: scan.marker ?? 0, entries: scan.entries, end: segment.end,
            isForPerson: !scan.damaged.isEmpty)
        for range in scan.damaged {
            observe(.damaged(file: file(segment), at: range.lowerBound, bytes: range.count))
        }
        segments.append(segment)
        if segment.entries.isEmpty { finish(segments.count - 1) }
    }

    /// What cannot be cut off now is found again at the next start, and harms nobody.
    private func cut(_ segment: Segment) {
        let descriptor = open(file(segment), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0, ftruncate(descriptor, off_t(segment.end)) == 0, disk.sync(descriptor) == 0 else {
            observe(.trouble(reason: SpoolError.disk(file(segment)).description))
            if descriptor >= 0 { Glibc.close(descriptor) }
            return
        }
        Glibc.close(descriptor)
    }

    // MARK: - Growing

    /// Makes records durable, all with one fsync.
    /// - Throws: `.disk`. Nothing is lost by it, and the next may succeed.
    mutating func append(_ requests: [(payload: [UInt8], receivedAt: Timestamp)]) throws(SpoolError) {
        let isNew = active == nil
        if isNew { try begin() }
        guard let active else { throw SpoolError(.closed, "\(path): the spool is closed") }
        let last = segments.count - 1
        let segment = segments[last]
        var bytes = isNew ? SegmentFormat.header(marker: segment.marker) : []
        var entries: [SegmentFormat.Entry] = []
        for request in requests {
            entries.append(
                SegmentFormat.Entry(
                    offset: segment.end + bytes.count, length: request.payload.count, receivedAt: request.receivedAt))
            bytes += SegmentFormat.record(request.payload, receivedAt: request.receivedAt, marker: segment.marker)
        }
        do throws(SpoolError) {
            var problem = disk.write(active, bytes, segment.end)
            guard problem == 0 else { throw .disk(file(segment), problem) }
            problem = disk.sync(active)
            guard problem == 0 else { throw .disk(file(segment), problem) }
            if isNew { try disk.sync(directory: path) }
        } catch {
            abandon()
            throw error
        }
        segments[last].entries += entries
        segments[last].end += bytes.count
        if segments[last].end >= SpoolFiles.segmentSize { seal() }
    }

    private mutating func begin() throws(SpoolError) {
        guard lock >= 0 else { throw SpoolError(.closed, "\(path): the spool is closed") }
        let segment = Segment(
            number: lastNumber + 1, marker: .random(in: .min ... .max), end: 0)
        let descriptor = open(file(segment), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .disk(file(segment)) }
        lastNumber += 1
        active = descriptor
        segments.append(segment)
    }

    /// After a failed write. Whether what was written since the last fsync will be there nobody knows, and no later fsync
    /// would tell: the file is left alone, cut to what is durable if that is possible. What of it stays all the same is
    /// taken in like the rest: its sender was told to send it again, and the same id changes nothing.
    private mutating func abandon() {
        guard let active, let segment = segments.last else { return }
        _ = ftruncate(active, off_t(segment.end))
        seal()
        if segment.entries.isEmpty {
            unlink(file(segment))
            segments.removeLast()
        }
    }

    private mutating func seal() {
        if let active { Glibc.close(active) }
        active = nil
    }

    // MARK: - Draining

    /// The oldest that wait, all of one file, and where what comes behind them begins.
    mutating func oldest(most: Int, bytes: Int) -> SpooledBatch? {
        while let index = segments.firstIndex(where: { !$0.waiting.isEmpty }) {
            do throws(SpoolError) {
                let batch = try read(segments[index], most: most, bytes: bytes)
                if !batch.requests.isEmpty { return batch }
                settle(batch)
            } catch {
                observe(.trouble(reason: error.description))
                guard error.kind == .disk(ENOENT) else { return nil }
                // Somebody took it away.
                segments[index].next = segments[index].entries.count
            }
        }
        // Those that could not be removed before.
        for index in segments.indices.reversed() where index < segments.count && active == nil { finish(index) }
        return nil
    }

    private mutating func read(_ segment: Segment, most: Int, bytes: Int) throws(SpoolError) -> SpooledBatch {
        let name = file(segment)
        let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .disk(name) }
        defer { Glibc.close(descriptor) }
        var batch = SpooledBatch(segment: segment.number, next: segment.next)
        var size = 0
        for entry in segment.waiting {
            guard batch.requests.count < most, batch.requests.isEmpty || size + entry.length <= bytes else { break }
            batch.next += 1
            // It was good once: the disk has changed it, or does not give it back.
            guard let request = SpoolFiles.request(descriptor, entry, marker: segment.marker, name) else {
                observe(.damaged(file: name, at: entry.offset, bytes: entry.range.count))
                markForPerson(segment.number)
                continue
            }
            size += entry.length
            batch.requests.append(request)
        }
        return batch
    }

    private static func request(
        _ file: Int32, _ entry: SegmentFormat.Entry, marker: UInt64, _ name: String
    ) -> SpooledRequest? {
        guard let bytes = try? Disk.read(file, at: entry.offset, count: entry.range.count, name),
            let frame = SegmentFormat.Frame(bytes.prefix(SegmentFormat.frameSize), marker: marker),
            frame.fits(bytes.dropFirst(SegmentFormat.frameSize))
        else { return nil }
        return SpooledRequest(payload: bytes.dropFirst(SegmentFormat.frameSize), receivedAt: frame.receivedAt)
    }

    mutating func markForPerson(_ number: UInt64) {
        guard let index = segments.firstIndex(where: { $0.number == number }) else { return }
        segments[index].isForPerson = true
    }

    /// What stands before `next` in the batch's file is in PostgreSQL.
    mutating func settle(_ batch: SpooledBatch) {
        guard let index = segments.firstIndex(where: { $0.number == batch.segment }) else { return }
        segments[index].next = max(segments[index].next, batch.next)
        if segments[index].waiting.isEmpty { finish(index) }
    }

    /// Removes a file, or sets it aside.
    /// - Returns: whether it is gone; else it is tried again, and at worst taken in once more, which changes nothing.
    @discardableResult private mutating func finish(_ index: Int) -> Bool {
        let segment = segments[index]
        if index == segments.count - 1 { seal() }
        let name = file(segment)
        let isGone = (segment.isForPerson ? rename(name, file(segment, "damaged")) : unlink(name)) == 0
        guard isGone || errno == ENOENT else {
            observe(.trouble(reason: SpoolError.disk(name).description))
            return false
        }
        do throws(SpoolError) { try disk.sync(directory: path) } catch {
            // It may be there again after a power failure: the same ids again.
            observe(.trouble(reason: error.description))
        }
        segments.remove(at: index)
        if segment.isForPerson, isGone {
            aside += 1
            observe(.setAside(file: file(segment, "damaged")))
        }
        return true
    }
}

/// Requests that are drained together.
public struct SpooledBatch: Sendable {
    let segment: UInt64
    /// The first behind them.
    var next: Int
    public internal(set) var requests: [SpooledRequest] = []
}
