import CArchive
import Glibc

/// Archives made by libarchive in memory.
enum TestArchives {
    enum Format {
        case zip, storedZip, encryptedZip, tar, sevenZip
    }

    struct Failure: Error {}

    static func make(_ format: Format, _ entries: [(String, [UInt8])]) throws -> [UInt8] {
        guard let archive = archive_write_new() else { throw Failure() }
        defer { archive_write_free(archive) }
        // Names beyond ASCII are converted from the thread's locale.
        let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
        let before = uselocale(locale)
        defer {
            uselocale(before)
            freelocale(locale)
        }
        switch format {
        case .zip, .storedZip, .encryptedZip: archive_write_set_format_zip(archive)
        case .tar: archive_write_set_format_pax_restricted(archive)
        case .sevenZip: archive_write_set_format_7zip(archive)
        }
        if format == .storedZip { archive_write_set_options(archive, "zip:compression=store") }
        if format == .encryptedZip {
            archive_write_set_options(archive, "zip:encryption=aes256")
            archive_write_set_passphrase(archive, "segreto")
        }
        let expanded = entries.reduce(0) { $0 + $1.1.count + $1.0.utf8.count * 4 + 2048 }
        var buffer = [UInt8](repeating: 0, count: expanded + 65_536)
        var used = 0
        try buffer.withUnsafeMutableBytes { buffer in
            guard archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &used) == ARCHIVE_OK else {
                throw Failure()
            }
            for (path, content) in entries {
                let entry = archive_entry_new()
                defer { archive_entry_free(entry) }
                archive_entry_set_pathname(entry, path)
                archive_entry_set_filetype(entry, UInt32(path.hasSuffix("/") ? Glibc.S_IFDIR : Glibc.S_IFREG))
                archive_entry_set_perm(entry, 0o644)
                archive_entry_set_size(entry, la_int64_t(content.count))
                guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw Failure() }
                let written = content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
                guard written == content.count else { throw Failure() }
            }
            guard archive_write_close(archive) == ARCHIVE_OK else { throw Failure() }
        }
        return Array(buffer[..<used])
    }

    /// A gzip, bzip2, xz or zstd stream.
    static func compress(_ content: [UInt8], _ filter: Int32) throws -> [UInt8] {
        guard let archive = archive_write_new() else { throw Failure() }
        defer { archive_write_free(archive) }
        archive_write_set_format_raw(archive)
        guard archive_write_add_filter(archive, filter) == ARCHIVE_OK else { throw Failure() }
        var buffer = [UInt8](repeating: 0, count: content.count + 65_536)
        var used = 0
        try buffer.withUnsafeMutableBytes { buffer in
            archive_write_open_memory(archive, buffer.baseAddress, buffer.count, &used)
            let entry = archive_entry_new()
            defer { archive_entry_free(entry) }
            archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
            guard archive_write_header(archive, entry) == ARCHIVE_OK else { throw Failure() }
            let written = content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
            guard written == content.count, archive_write_close(archive) == ARCHIVE_OK else { throw Failure() }
        }
        // libarchive fills the last block of a file in memory; what follows a stream is not its matter.
        return Array(buffer[..<used])
    }

    static func gzip(_ content: [UInt8]) throws -> [UInt8] { try compress(content, ARCHIVE_FILTER_GZIP) }

    /// A RAR 4 archive of one stored file, by its format's description; `flags` 4 says that the file is encrypted.
    static func rar(_ path: String, _ content: [UInt8], flags: Int = 0) -> [UInt8] {
        func little(_ value: Int, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        func block(_ body: [UInt8]) -> [UInt8] { little(Int(TestPictures.crc(body) & 0xFFFF), 2) + body }
        let name = Array(path.utf8)
        let header =
            [0x74] + little(0x8000 | flags, 2) + little(32 + name.count, 2) + little(content.count, 4)
            + little(content.count, 4) + [3] + little(Int(TestPictures.crc(content)), 4) + little(0x5B75_5000, 4)
            + [20, 0x30] + little(name.count, 2) + little(0o100644, 4) + name
        return Array("Rar!\u{1A}\u{7}\0".utf8) + block([0x73] + little(0, 2) + little(13, 2) + little(0, 6))
            + block(header) + content + block([0x7B] + little(0x4000, 2) + little(7, 2))
    }
}
