/// The archives that are looked into, recognised by their own marks. A compressed stream is an archive of one file.
enum ArchiveFormat {
    case zip, sevenZip, rar, tar
    case gzip, bzip2, xz, zstd

    /// Bytes that `init(head:)` needs: a tar's mark stands at 257.
    static let headSize = 512

    init?(head: ArraySlice<UInt8>) {
        if head.has("PK\u{3}\u{4}") || head.has("PK\u{5}\u{6}") {
            self = .zip
        } else if head.starts(with: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]) {
            self = .sevenZip
        } else if head.has("Rar!\u{1A}\u{7}") {
            self = .rar
        } else if head.starts(with: [0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if head.has("BZh"), head.dropFirst(4).starts(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]) {
            self = .bzip2
        } else if head.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if head.has("ustar", at: 257) {
            self = .tar
        } else {
            return nil
        }
    }

    /// Of a whole file: also a zip that stands behind something else, which zip programs open as well.
    init?(content: [UInt8]) {
        if let format = ArchiveFormat(head: content.prefix(ArchiveFormat.headSize)) {
            self = format
        } else if ArchiveFormat.hasZipTail(content) {
            self = .zip
        } else {
            return nil
        }
    }

    /// The file ends with an end of central directory record and its comment (APPNOTE 4.3.16).
    private static func hasZipTail(_ content: [UInt8]) -> Bool {
        let tail = content.suffix(22 + 0xFFFF)
        guard tail.count >= 22 else { return false }
        var at = tail.endIndex - 22
        while let mark = tail[tail.startIndex...at].lastIndex(of: 0x50) {
            let record = tail[mark...]
            if record.has("PK\u{5}\u{6}"), record.little16(20) == record.count - 22 { return true }
            guard mark > tail.startIndex else { return false }
            at = mark - 1
        }
        return false
    }

    var isStream: Bool {
        switch self {
        case .zip, .sevenZip, .rar, .tar: false
        case .gzip, .bzip2, .xz, .zstd: true
        }
    }
}
