import CArchive
import TestSupport
import Testing

@testable import Attachments

/// Damaged in each way that one byte or one cut can do, no sample may crash the reader or leave metadata in a public copy.
@Suite(.serialized) struct HostileTests {
    static let pictures: [String: [UInt8]] = Telltale.all.merging(
        [
            "heic": TestPictures.heic(exif: .navona()), "little": TestPictures.jpeg(exif: .navona(bigEndian: false)),
            "tiff": TestExif.navona().tiff,
        ], uniquingKeysWith: { first, _ in first })

    /// As the inspector reads it, but by each reader, whatever libmagic would say.
    private func read(_ content: [UInt8]) -> [Photo] {
        ["image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/tiff"]
            .compactMap { Photo(content, type: $0, zone: rome) }
    }

    private func check(_ content: [UInt8]) {
        for photo in read(content) {
            #expect((1...8).contains(photo.facts.orientation))
            #expect(photo.facts.width > 0 && photo.facts.height > 0)
            if let position = photo.facts.position {
                #expect(abs(position.point.latitude) <= 90 && abs(position.point.longitude) <= 180)
                #expect(position.radius > 0 && position.radius <= 6_000_000)
            }
            guard let copy = photo.publicCopy else { continue }
            #expect(copy.count <= content.count + 64)
            for again in read(copy) {
                #expect(again.facts.position == nil && again.facts.taken == nil)
                #expect(again.publicCopy == copy)
            }
        }
    }

    @Test(arguments: pictures.keys)
    func everyPrefix(_ name: String) throws {
        let sample = try #require(HostileTests.pictures[name])
        for length in stride(from: 0, through: sample.count, by: 3) { check(Array(sample[..<length])) }
    }

    @Test(arguments: pictures.keys)
    func everyByteChanged(_ name: String) throws {
        let sample = try #require(HostileTests.pictures[name])
        for index in stride(from: 0, to: sample.count, by: 2) {
            for mask: UInt8 in [0x01, 0xFF, sample[index]] {
                var changed = sample
                changed[index] ^= mask
                check(changed)
            }
        }
    }

    @Test func randomChanges() throws {
        var dice = Dice(11)
        for sample in HostileTests.pictures.sorted(by: { $0.key < $1.key }).map(\.value) {
            for _ in 0..<100 {
                var changed = sample
                for _ in 0..<Int.random(in: 1...8, using: &dice) {
                    changed[Int.random(in: 0..<changed.count, using: &dice)] = [
                        0, 0xFF, 0x7F, UInt8.random(in: 0...255, using: &dice),
                    ]
                    .randomElement(using: &dice)!
                }
                check(changed)
            }
        }
    }

    static let archives: [String: [UInt8]] = {
        let text = Array("una buca in via Roma\n".utf8)
        let entries = [("a.txt", text), ("b/c.bin", [UInt8](0...255))]
        var all = ["rar": TestArchives.rar("a.txt", text)]
        for format in [TestArchives.Format.zip, .tar, .sevenZip, .encryptedZip] {
            all["\(format)"] = try? TestArchives.make(format, entries)
        }
        all["gzip"] = (try? TestArchives.make(.tar, entries)).flatMap { try? TestArchives.gzip($0) }
        all["xz"] = try? TestArchives.compress(text, ARCHIVE_FILTER_XZ)
        return all
    }()

    @Test(arguments: archives.keys)
    func everyArchiveDamaged(_ name: String) throws {
        let sample = try #require(HostileTests.archives[name])
        var limits = AttachmentLimits()
        limits.expandedBytes = 1 << 20
        // A tar is mostly zeros.
        let step = max(1, sample.count / 300)
        for index in stride(from: 0, to: sample.count, by: step) {
            _ = ArchiveLister.list(Array(sample[..<index]), limits: limits)
            for mask: UInt8 in [0x01, 0xFF] {
                var changed = sample
                changed[index] ^= mask
                guard let contents = ArchiveLister.list(changed, limits: limits) else { continue }
                #expect(contents.expandedBytes <= limits.expandedBytes + 1 << 20)
                #expect(contents.entries.count <= limits.archiveEntries)
            }
        }
    }

    @Test func wholeInspectionOfDamagedFiles() throws {
        for sample in Array(HostileTests.pictures.values) + HostileTests.archives.values + [TypeTests.pdf] {
            for index in stride(from: 0, to: sample.count, by: max(1, sample.count / 30)) {
                let cut = try inspect(Array(sample[..<index]), name: "a.jpg")
                #expect(!cut.name.isEmpty)
                var changed = sample
                changed[index] ^= 0xFF
                let seen = try inspect(changed, name: "a.jpg")
                guard let copy = seen.publicCopy else { continue }
                let again = try inspect(copy)
                #expect(again.photo?.position == nil && again.photo?.taken == nil)
            }
        }
    }

    @Test func manyAtOnce() async throws {
        let whole = try inspect(Telltale.jpeg, name: "foto.jpg")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { try inspect(Telltale.jpeg, name: "foto.jpg") == whole } }
            for try await isSame in group { #expect(isSame) }
        }
    }
}
