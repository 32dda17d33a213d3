import Foundation
import Testing

@testable import Attachments

/// Pictures full of what others must not see, each with all that its format has a place for.
enum Telltale {
    static let secret = "SEGRETO"
    private static let bytes = Array(secret.utf8)

    static var jpeg: [UInt8] {
        let thumbnail = TestPictures.segment(0xE0, Array("JFXX\0".utf8) + [0x10] + TestPictures.jpeg())
        let xmp = TestPictures.segment(0xE1, Array("http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>".utf8) + bytes)
        let iptc = TestPictures.segment(
            0xED, Array("Photoshop 3.0\0008BIM".utf8) + [4, 4, 0, 0, 0, 0, 0, 12, 0x1C, 2, 120, 0, 7] + bytes)
        let mpf = TestPictures.segment(0xE2, Array("MPF\0".utf8) + bytes)
        let comment = TestPictures.segment(0xFE, bytes)
        return TestPictures.jpeg(
            exif: .navona(), extra: thumbnail + xmp + iptc + mpf + comment,
            behind: TestPictures.jpeg(exif: .navona()) + bytes)
    }

    static var png: [UInt8] {
        let text = TestPictures.chunk("tEXt", Array("Comment\0".utf8) + bytes)
        let international = TestPictures.chunk("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0".utf8) + bytes)
        let time = TestPictures.chunk("tIME", [0x07, 0xEA, 11, 21, 10, 15, 30])
        let own = TestPictures.chunk("prVt", bytes)
        return TestPictures.png(exif: .navona(), extra: text + international + time + own, behind: bytes)
    }

    static var webp: [UInt8] {
        TestPictures.webp(
            exif: .navona(), extra: TestPictures.riff("XMP ", bytes) + TestPictures.riff("OWN ", bytes), behind: bytes)
    }

    static var gif: [UInt8] { TestPictures.gif(comment: secret, behind: bytes) }

    static var all: [String: [UInt8]] { ["jpeg": jpeg, "png": png, "webp": webp, "gif": gif] }
}

@Suite struct PublicCopyTests {
    @Test(arguments: Telltale.all.keys)
    func tellsNothing(_ format: String) throws {
        let seen = try inspect(#require(Telltale.all[format]))
        let copy = try #require(seen.publicCopy)
        #expect(copy[...].place(of: "SEGRETO") == nil)
        #expect(copy[...].place(of: "Fotocamera") == nil)
        let again = try inspect(copy)
        let photo = try #require(again.photo)
        #expect(again.type == seen.type)
        #expect(photo.position == nil)
        #expect(photo.taken == nil)
        #expect(
            [photo.width, photo.height, photo.orientation] == seen.photo.map { [$0.width, $0.height, $0.orientation] })
        #expect(again.publicCopy == copy)
    }

    /// Byte for byte what it has to be.
    @Test func jpegIsThePictureAndItsOrientation() throws {
        let copy = try #require(try inspect(Telltale.jpeg).publicCopy)
        let orientation: [UInt8] =
            Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
        let header: [UInt8] = Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 0, 0]
        #expect(
            copy == [0xFF, 0xD8] + TestPictures.segment(0xE0, header) + TestPictures.segment(0xE1, orientation)
                + TestPictures.jpegPicture + [0xFF, 0xD9])
    }

    @Test func cleanPicturesStayAsTheyAre() throws {
        for picture in [TestPictures.jpeg(), TestPictures.png(), TestPictures.webp()] {
            #expect(try inspect(picture).publicCopy == picture)
        }
    }

    @Test func previewInTheHeaderIsRemoved() throws {
        let header = TestPictures.segment(0xE0, Array("JFIF\0".utf8) + [1, 2, 0, 0, 1, 0, 1, 1, 1, 9, 8, 7])
        let copy = try inspect([0xFF, 0xD8] + header + TestPictures.jpegPicture + [0xFF, 0xD9]).publicCopy
        #expect(copy == TestPictures.jpeg())
    }

    @Test func coloursStay() throws {
        let profile = TestPictures.segment(0xE2, Array("ICC_PROFILE\0".utf8) + [1, 1, 1, 2, 3])
        let adobe = TestPictures.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 1])
        let picture = TestPictures.jpeg(extra: profile + adobe)
        #expect(try inspect(picture).publicCopy == picture)
    }

    @Test func severalScansStay() throws {
        let table = TestPictures.segment(0xC4, [0x11, 1] + [UInt8](repeating: 0, count: 15) + [0])
        let scan = TestPictures.segment(0xDA, [1, 1, 0, 0, 63, 0]) + [0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56]
        let picture = TestPictures.jpeg(extra: TestPictures.jpegPicture + table + scan)
        #expect(try inspect(picture).publicCopy == picture)
    }

    @Test func truncatedPicturesAreStillShown() throws {
        // Between the scan's header and its data, and within a marker.
        for length in 1...3 {
            let cut = try inspect(TestPictures.jpeg(exif: .navona()).dropLast(length))
            #expect(cut.publicCopy?.suffix(2) == [0xFF, 0xD9])
        }
        let data = try #require(TestPictures.png()[...].place(of: "IDAT"))
        #expect(
            try inspect(Array(TestPictures.png()[..<(data + 8)])).publicCopy == Array(TestPictures.png()[..<(data + 8)])
        )
        // Without any data there is nothing to show.
        #expect(try inspect(Array(TestPictures.png()[..<(data - 6)])).publicCopy == nil)
    }

    @Test func webpFramesAreCleaned() throws {
        let frame = [UInt8](repeating: 0, count: 16) + TestPictures.riff("VP8L", [0x2F, 0, 0, 0, 0])
        let dirty = frame + TestPictures.riff("EVIL", Array("SEGRETO".utf8))
        func file(_ frame: [UInt8]) -> [UInt8] {
            let body =
                Array("WEBP".utf8) + TestPictures.riff("VP8X", [2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
                + TestPictures.riff("ANIM", [0, 0, 0, 0, 0, 0]) + TestPictures.riff("ANMF", frame)
            return Array("RIFF".utf8) + TestPictures.little32(body.count) + body
        }
        #expect(try inspect(file(dirty)).publicCopy == file(frame))
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/exiftool"), "exiftool is not installed"),
        arguments: Telltale.all.keys)
    func exiftoolFindsNothing(_ format: String) throws {
        let content = try #require(Telltale.all[format])
        let before = try Array(exiftool(content).keys)
        let after = try Array(exiftool(try #require(try inspect(content).publicCopy)).keys)
        #expect(before.contains { $0.hasPrefix("GPS:") || $0.hasSuffix(":Comment") })
        let allowed: Set = ["SourceFile", "System", "File", "ExifTool", "JFIF", "PNG", "RIFF", "GIF", "Composite"]
        for tag in after where !tag.hasSuffix(":Orientation") && tag != "File:ExifByteOrder" {
            let group = tag.prefix { $0 != ":" }
            #expect(allowed.contains(String(group)), "\(tag)")
            #expect(!tag.contains("Comment") && !tag.contains("GPS") && !tag.contains("Warning"), "\(tag)")
        }
    }

    @Test(
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/exiftool"), "exiftool is not installed"),
        arguments: ["jpeg", "little", "png", "webp", "heic"])
    func exiftoolReadsTheSame(_ format: String) throws {
        let content = try #require(HostileTests.pictures[format])
        let photo = try #require(inspect(content).photo)
        let tags = try exiftool(content)
        let point = try #require(photo.position).point
        #expect(abs(try #require(tags["GPS:GPSLatitude"] as? Double) - point.latitude) < 1e-9)
        #expect(abs(try #require(tags["GPS:GPSLongitude"] as? Double) - point.longitude) < 1e-9)
        #expect(tags["ExifIFD:DateTimeOriginal"] as? String == "2026:11:21 10:15:30")
        #expect(tags["IFD0:Orientation"] as? Int == 6)
    }

    /// The tags that it finds, with their numbers as numbers: `GPS:GPSLatitude`.
    private func exiftool(_ content: [UInt8]) throws -> [String: Any] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/exiftool")
        process.arguments = ["-j", "-n", "-a", "-G1", "-"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        // Small enough for the pipe to take it at once.
        try input.fileHandleForWriting.write(contentsOf: Data(content))
        try input.fileHandleForWriting.close()
        let json = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let files = try JSONSerialization.jsonObject(with: json) as? [[String: Any]]
        return try #require(files?.first)
    }
}
