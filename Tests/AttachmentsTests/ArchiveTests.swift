import CArchive
import Testing

@testable import Attachments

@Suite(.serialized) struct ArchiveTests {
    private let text = Array("una buca in via Roma\n".utf8)

    private func limits(_ change: (inout AttachmentLimits) -> Void) -> AttachmentLimits {
        var limits = AttachmentLimits()
        change(&limits)
        return limits
    }

    private func list(_ content: [UInt8], _ change: (inout AttachmentLimits) -> Void = { _ in }) throws
        -> ArchiveContents
    {
        try #require(try inspect(content, limits: limits(change)).archive)
    }

    @Test(arguments: [
        (TestArchives.Format.zip, "application/zip"), (.storedZip, "application/zip"), (.tar, "application/x-tar"),
        (.sevenZip, "application/x-7z-compressed"),
    ])
    func listsNamesAndSizes(_ format: TestArchives.Format, _ type: String) throws {
        let content = try TestArchives.make(
            format, [("cartella/", []), ("cartella/perché.txt", text), ("setup.exe", text), ("vuoto.txt", [])])
        let seen = try inspect(content, name: "tutto")
        #expect(seen.type == type)
        let archive = try #require(seen.archive)
        let sizes = Dictionary(uniqueKeysWithValues: archive.entries.map { ($0.path, $0.bytes) })
        #expect(sizes == ["cartella/": 0, "cartella/perché.txt": text.count, "setup.exe": text.count, "vuoto.txt": 0])
        #expect(archive.expandedBytes == 2 * text.count)
        #expect(archive.entries.filter(\.isActive).map(\.path) == ["setup.exe"])
        #expect(archive.hasActive)
        #expect(!archive.isEncrypted && !archive.isTooLarge && !archive.isTooDeep && !archive.isDamaged)
    }

    @Test func rar() throws {
        let seen = try inspect(TestArchives.rar("buca.txt", text))
        #expect(seen.type == "application/x-rar")
        #expect(seen.archive?.entries.map(\.path) == ["buca.txt"])
        #expect(seen.archive?.entries.map(\.bytes) == [text.count])
        #expect(seen.archive?.isDamaged == false)
        #expect(try list(TestArchives.rar("buca.txt", text, flags: 4)).isEncrypted)
    }

    @Test func encryptedZip() throws {
        let archive = try list(TestArchives.make(.encryptedZip, [("buca.txt", text)]))
        #expect(archive.isEncrypted)
        #expect(archive.entries.map(\.path) == ["buca.txt"])
        #expect(archive.entries.map(\.isEncrypted) == [true])
        #expect(!archive.isDamaged)
    }

    @Test(arguments: [ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_XZ, ARCHIVE_FILTER_ZSTD])
    func compressedTar(_ filter: Int32) throws {
        let tar = try TestArchives.make(.tar, [("buca.txt", text)])
        let archive = try list(TestArchives.compress(tar, filter))
        #expect(archive.entries.map(\.depth) == [1, 2])
        #expect(archive.entries.map(\.isArchive) == [true, false])
        #expect(archive.entries.last?.path == "buca.txt")
        #expect(archive.entries.last?.bytes == text.count)
    }

    @Test func nestedToADepth() throws {
        var content = text
        for level in 1...6 { content = try TestArchives.make(.zip, [("livello\(level)", content)]) }
        let archive = try list(content)
        #expect(archive.entries.map(\.depth) == [1, 2, 3, 4])
        #expect(archive.isTooDeep)
        #expect(!archive.isTooLarge)
        let whole = try list(content) { $0.archiveDepth = 6 }
        #expect(whole.entries.count == 6)
        #expect(!whole.isTooDeep)
        #expect(try list(content) { $0.archiveDepth = 1 }.entries.count == 1)
    }

    @Test func gzipOfGzipsIsBounded() throws {
        var content = text
        for _ in 0..<10 { content = try TestArchives.gzip(content) }
        let archive = try list(content)
        #expect(archive.entries.count == 4)
        #expect(archive.isTooDeep)
    }

    // MARK: - Bombs

    private func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    @Test func bombOfBytes() throws {
        let bomb = try TestArchives.make(.zip, [("zero", zeros(8 << 20)), ("dopo.txt", text)])
        #expect(bomb.count < 20_000)
        let archive = try list(bomb) { $0.expandedBytes = 1 << 20 }
        #expect(archive.isTooLarge)
        #expect(archive.entries.map(\.path) == ["zero"])
        #expect(archive.expandedBytes < 2 << 20)
        #expect(try list(bomb).isTooLarge == false)
    }

    @Test func bombThatLiesAboutItsSize() throws {
        var bomb = try TestArchives.make(.zip, [("zero", zeros(4 << 20))])
        // The uncompressed size, wherever it stands, becomes 10.
        let size = TestPictures.little32(4 << 20)
        for at in bomb.indices.dropLast(3) where Array(bomb[at..<at + 4]) == size {
            bomb.replaceSubrange(at..<at + 4, with: TestPictures.little32(10))
        }
        let archive = try list(bomb) { $0.expandedBytes = 1 << 20 }
        #expect(archive.isTooLarge || archive.isDamaged)
        #expect(archive.expandedBytes < 2 << 20)
    }

    /// As 42.zip is: sixteen archives in each archive, down to a file of zeros.
    @Test func bombOfBombs() throws {
        var content = try TestArchives.make(.zip, [("0", zeros(1 << 20))])
        for _ in 0..<5 {
            let copy = content
            content = try TestArchives.make(.zip, (0..<16).map { ("\($0).zip", copy) })
        }
        let archive = try list(content) {
            $0.archiveDepth = 10
            $0.expandedBytes = 8 << 20
        }
        #expect(archive.isTooLarge)
        #expect(archive.expandedBytes < 9 << 20)
        #expect(archive.entries.count <= 1000)
    }

    @Test func bombOfGzip() throws {
        let bomb = try TestArchives.gzip(zeros(8 << 20))
        let archive = try list(bomb) { $0.expandedBytes = 1 << 20 }
        #expect(archive.isTooLarge)
        #expect(archive.expandedBytes < 2 << 20)
    }

    @Test(arguments: [TestArchives.Format.zip, .tar])
    func bombOfEntries(_ format: TestArchives.Format) throws {
        let archive = try list(TestArchives.make(format, (0..<2000).map { ("\($0)", []) }))
        #expect(archive.isTooLarge)
        #expect(archive.entries.count == 1000)
    }

    @Test func timeIsBounded() throws {
        let archive = try list(TestArchives.make(.zip, [("buca.txt", text)])) { $0.expansionTime = .zero }
        #expect(archive.isTooLarge)
    }

    // MARK: - Damage

    @Test(arguments: [TestArchives.Format.zip, .tar, .sevenZip])
    func truncated(_ format: TestArchives.Format) throws {
        let noise = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let content = try TestArchives.make(format, [("primo.txt", text), ("secondo.bin", noise)])
        let archive = try list(Array(content[..<min(content.count / 2, 2000)]))
        #expect(archive.isDamaged)
        if format != .sevenZip { #expect(archive.entries.first?.path == "primo.txt") }
    }

    @Test func pathsThatClimbAreShownAndHarmless() throws {
        let archive = try list(TestArchives.make(.tar, [("../../etc/cron.d/x", text), ("/etc/passwd", text)]))
        #expect(archive.entries.map(\.path) == ["../../etc/cron.d/x", "/etc/passwd"])
    }
}
