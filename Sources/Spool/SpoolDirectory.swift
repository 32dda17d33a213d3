import Civic
import Dispatch
import Synchronization

/// A small durable spool on the daemon's own disk: what was posted while PostgreSQL is away waits here, and is drained
/// in order when it is back.
///
/// `keep` returns once the record, its file and the file's directory entry are on the disk; those who come while an fsync
/// is under way share the next one. A record leaves only by `settle`: a crash before repeats it, which the ids make
/// harmless. One process at a time has a spool. Blocking calls run on a queue of its own.
public final class SpoolDirectory: Sendable {
    /// What it may hold.
    public struct Bounds: Sendable, Equatable {
        /// Of all files together.
        public var bytes: Int
        public var messages: Int
        public init(bytes: Int, messages: Int = 100_000) {
            self.bytes = bytes
            self.messages = messages
        }
    }

    fileprivate struct Pending: Sendable {
        let payload: [UInt8]
        let receivedAt: Timestamp
        let continuation: CheckedContinuation<Result<Void, SpoolError>, Never>
    }

    fileprivate struct Shared {
        var bounds: Bounds
        var pending: [Pending] = []
        var isWriting = false
        var glance = SpoolGlance()
    }

    public let path: String
    private let files: Mutex<SpoolFiles>
    private let shared: Mutex<Shared>
    private let queue = DispatchQueue(label: "pasquino.spool")
    /// Payload bytes that share one fsync, more or less.
    private static let group = 8 << 20

    /// Takes the directory, which is made if it is missing, and reads what was left. Blocks.
    /// - Throws: `.taken`, `.disk`.
    public convenience init(
        _ path: String, bounds: Bounds, observe: @escaping @Sendable (SpoolEvent) -> Void
    ) throws(SpoolError) {
        try self.init(path, bounds: bounds, disk: Disk(), observe: observe)
    }

    init(
        _ path: String, bounds: Bounds, disk: Disk, observe: @escaping @Sendable (SpoolEvent) -> Void
    ) throws(SpoolError) {
        self.path = path
        let files = try SpoolFiles(path, disk: disk, observe: observe)
        shared = Mutex(Shared(bounds: bounds, glance: SpoolGlance(files)))
        self.files = Mutex(files)
    }

    /// What waits.
    public var glance: SpoolGlance { shared.withLock { $0.glance } }

    /// Requests that no fsync has taken up yet.
    var queued: Int { shared.withLock { $0.pending.count } }

    public var bounds: Bounds {
        get { shared.withLock { $0.bounds } }
        set { shared.withLock { $0.bounds = newValue } }
    }

    /// Returns once the request would survive a power failure.
    /// - Throws: `.full`, `.disk`: it is not kept, and the sender must be told so.
    public func keep(_ request: SpooledRequest) async throws(SpoolError) {
        let payload: [UInt8]
        do { payload = try request.payload() } catch {
            throw SpoolError(.disk(0), "\(path): the request cannot be written down")
        }
        try await withCheckedContinuation { continuation in
            let isFirst = shared.withLock { shared in
                shared.pending.append(
                    Pending(payload: payload, receivedAt: request.receivedAt, continuation: continuation))
                defer { shared.isWriting = true }
                return !shared.isWriting
            }
            if isFirst { queue.async { self.write() } }
        }.get()
    }

    private func write() {
        while true {
            let (group, full) = shared.withLock { $0.takeGroup(of: SpoolDirectory.group) }
            for pending in full {
                pending.continuation.resume(
                    returning: .failure(SpoolError(.full, "\(path): the spool holds as much as limits.spool allows")))
            }
            guard !group.isEmpty else {
                if full.isEmpty { return }
                continue
            }
            let result = update { files throws(SpoolError) in
                try files.append(group.map { ($0.payload, $0.receivedAt) })
            }
            for pending in group { pending.continuation.resume(returning: result) }
        }
    }

    /// The oldest that wait. The same ones again until they are settled.
    public func oldest(most: Int, bytes: Int) async -> SpooledBatch? {
        await run { self.update { $0.oldest(most: most, bytes: bytes) } }
    }

    /// What is in the batch is in PostgreSQL, whatever became of it there.
    /// - Parameter refused: some of it could not be taken in: its file is set aside for a person.
    public func settle(_ batch: SpooledBatch, refused: Bool = false) async {
        await run {
            self.update { files in
                if refused { files.markForPerson(batch.segment) }
                files.settle(batch)
            }
        }
    }

    /// Lets go of the directory; nothing is kept any more.
    public func close() async { await run { self.files.withLock { $0.close() } } }

    @discardableResult private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }

    /// Only on the queue. Whoever looks at the spool does not wait for the disk.
    private func update<Value: Sendable>(_ work: (inout SpoolFiles) -> Value) -> Value {
        files.withLock { files in
            let value = work(&files)
            let glance = SpoolGlance(files)
            shared.withLock { $0.glance = glance }
            return value
        }
    }

    private func update(
        _ work: (inout SpoolFiles) throws(SpoolError) -> Void
    ) -> Result<Void, SpoolError> {
        update { (files: inout SpoolFiles) -> Result<Void, SpoolError> in
            do throws(SpoolError) { return .success(try work(&files)) } catch { return .failure(error) }
        }
    }
}

extension SpoolDirectory.Shared {
    /// Those that share the next fsync, and those for which there is no room. Neither: the writing is over.
    fileprivate mutating func takeGroup(of most: Int) -> (
        group: [SpoolDirectory.Pending], full: [SpoolDirectory.Pending]
    ) {
        var (group, full): ([SpoolDirectory.Pending], [SpoolDirectory.Pending]) = ([], [])
        var (count, bytes, size) = (glance.waiting, glance.bytes, 0)
        var taken = 0
        for one in pending {
            guard size < most else { break }
            taken += 1
            let need = SegmentFormat.frameSize + one.payload.count
            if count < bounds.messages, bytes + need + SegmentFormat.headerSize <= bounds.bytes {
                group.append(one)
                (count, bytes, size) = (count + 1, bytes + need, size + need)
            } else {
                full.append(one)
            }
        }
        pending.removeFirst(taken)
        if taken == 0 { isWriting = false }
        return (group, full)
    }
}
