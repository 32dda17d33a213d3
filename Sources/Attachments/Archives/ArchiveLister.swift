import Glibc

/// Lists an archive and the archives in it within limits.
///
/// Every entry is expanded, piece by piece, because the sizes that an archive states are its maker's word. What is held
/// in memory is an archive within the archive, while it is being listed; all such together are within
/// `AttachmentLimits.expandedBytes`. The work is bounded by the same number, times the depth.
struct ArchiveLister {
    private let limits: AttachmentLimits
    private let deadline: ContinuousClock.Instant
    private var contents = ArchiveContents()

    /// - Returns: nil for what is no archive.
    static func list(_ content: [UInt8], limits: AttachmentLimits) -> ArchiveContents? {
        guard let format = ArchiveFormat(content: content) else { return nil }
        var lister = ArchiveLister(limits)
        withUTF8Names { lister.list(content, format: format, depth: 1) }
        return lister.contents
    }

    private init(_ limits: AttachmentLimits) {
        self.limits = limits
        deadline = .now + limits.expansionTime
    }

    /// libarchive converts names to the thread's locale; in the one that a daemon starts with it loses all but ASCII.
    private static func withUTF8Names(_ body: () -> Void) {
        guard let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) else { return body() }
        let before = uselocale(locale)
        body()
        uselocale(before)
        freelocale(locale)
    }

    private mutating func list(_ content: [UInt8], format: ArchiveFormat, depth: Int) {
        content.withUnsafeBytes { bytes in
            guard let reader = ArchiveReader(bytes, format: format) else {
                contents.isDamaged = true
                return
            }
            reading: while !contents.isTooLarge {
                switch reader.next() {
                case .end: break reading
                case .broken:
                    // Without the password, an encrypted list of entries reads as a broken one.
                    if !reader.isEncrypted { contents.isDamaged = true }
                    break reading
                case .entry(let header):
                    guard contents.entries.count < limits.archiveEntries else {
                        contents.isTooLarge = true
                        break reading
                    }
                    read(header, from: reader, depth: depth)
                }
            }
            if reader.isEncrypted { contents.isEncrypted = true }
        }
    }

    private mutating func read(_ header: ArchiveReader.Header, from reader: ArchiveReader, depth: Int) {
        let path = SafeName.path(header.path)
        let isNamedActive = Activity.isActive(extension: SafeName.extension(of: path))
        let index = contents.entries.count
        contents.entries.append(
            ArchiveContents.Entry(
                path: path, depth: depth, bytes: 0, isEncrypted: header.isEncrypted, isActive: isNamedActive,
                isArchive: false))
        guard !header.isEncrypted else {
            contents.isEncrypted = true
            return
        }
        var held: [UInt8] = []
        var count = 0
        var isHeld = true
        let isWhole = reader.read { piece in
            count += piece.count
            contents.expandedBytes += piece.count
            guard contents.expandedBytes <= limits.expandedBytes, .now < deadline else {
                contents.isTooLarge = true
                return false
            }
            guard isHeld else { return true }
            held.append(contentsOf: piece)
            // Only what is an archive itself is held beyond its head.
            let isHead = held.count < ArchiveFormat.headSize
            isHeld = isHead || (depth < limits.archiveDepth && ArchiveFormat(head: held[...]) != nil)
            return true
        }
        if !isWhole { contents.isDamaged = true }
        contents.entries[index].bytes = count
        if Activity.isProgram(head: held[...]) { contents.entries[index].isActive = true }
        guard let inner = ArchiveFormat(head: held[...]) else { return }
        contents.entries[index].isArchive = true
        guard depth < limits.archiveDepth else {
            contents.isTooDeep = true
            return
        }
        if !contents.isTooLarge { list(held, format: inner, depth: depth + 1) }
    }
}
