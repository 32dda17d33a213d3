import CArchive

/// One archive in memory, read by libarchive from its beginning to its end. Nothing is written anywhere.
///
/// Only the format and the one filter that the mark tells are allowed: libarchive otherwise guesses, unpacks filter in
/// filter without telling how much, and starts programs for filters that it lacks.
final class ArchiveReader {
    struct Header {
        /// What is not UTF-8 is replaced.
        let path: String
        let isEncrypted: Bool
    }

    enum Step {
        case entry(Header)
        case end
        /// Nothing more can be read.
        case broken
    }

    private let archive: OpaquePointer
    private var entry: OpaquePointer?

    /// The bytes must outlive the reader.
    /// - Returns: nil if libarchive was built without the format, or has no memory.
    init?(_ content: UnsafeRawBufferPointer, format: ArchiveFormat) {
        guard let archive = archive_read_new() else { return nil }
        self.archive = archive
        let supported =
            switch format {
            case .zip: archive_read_support_format_zip_seekable(archive)
            case .sevenZip: archive_read_support_format_7zip(archive)
            case .rar: min(archive_read_support_format_rar(archive), archive_read_support_format_rar5(archive))
            case .tar: archive_read_support_format_tar(archive)
            case .gzip: ArchiveReader.stream(archive, filter: ARCHIVE_FILTER_GZIP)
            case .bzip2: ArchiveReader.stream(archive, filter: ARCHIVE_FILTER_BZIP2)
            case .xz: ArchiveReader.stream(archive, filter: ARCHIVE_FILTER_XZ)
            case .zstd: ArchiveReader.stream(archive, filter: ARCHIVE_FILTER_ZSTD)
            }
        // A truncated zip has no directory at its end; its entries can be read from the beginning.
        if format == .zip { archive_read_support_format_zip_streamable(archive) }
        guard supported == ARCHIVE_OK,
            archive_read_open_memory(archive, content.baseAddress, content.count) == ARCHIVE_OK
        else { return nil }
    }

    private static func stream(_ archive: OpaquePointer, filter: Int32) -> Int32 {
        let format = archive_read_support_format_raw(archive)
        return format == ARCHIVE_OK ? archive_read_append_filter(archive, filter) : format
    }

    deinit { archive_read_free(archive) }

    func next() -> Step {
        let status = archive_read_next_header(archive, &entry)
        if status == ARCHIVE_EOF { return .end }
        guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { return .broken }
        let path = archive_entry_pathname(entry).map { String(cString: $0) }
        return .entry(Header(path: path ?? "", isEncrypted: archive_entry_is_encrypted(entry) != 0))
    }

    /// Something in the archive is encrypted, as far as it has been read; also its list of entries.
    var isEncrypted: Bool { archive_read_has_encrypted_entries(archive) == 1 }

    /// Hands over the content of the entry that `next` returned, piece by piece, until `visit` returns false.
    /// - Returns: whether it was read to its end, or until `visit` had enough.
    func read(_ visit: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var piece: UnsafeRawPointer?
        var size = 0
        var offset: la_int64_t = 0
        while true {
            switch archive_read_data_block(archive, &piece, &size, &offset) {
            case ARCHIVE_OK, ARCHIVE_WARN:
                if !visit(UnsafeRawBufferPointer(start: piece, count: piece == nil ? 0 : size)) { return true }
            case ARCHIVE_EOF: return true
            default: return false
            }
        }
    }
}
