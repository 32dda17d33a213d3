import Civic
import TestSupport
import Testing

@testable import Spool

/// The bytes of a spool's file: what is read is what was written, or nothing, whatever happens to the file.
@Suite struct SegmentFormatTests {
    static let marker: UInt64 = 0x0123_4567_89AB_CDEF

    static func request(_ number: Int, body: String? = nil) -> SpooledRequest {
        SpooledRequest(
            message: Identifier(high: 7, low: UInt64(number)), channel: "modulo",
            type: number % 2 == 0 ? "application/json" : nil,
            receivedAt: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number)),
            body: Array((body ?? #"{"id":"m\#(number)","text":"c'è una buca"}"#).utf8))
    }

    static func file(_ requests: [SpooledRequest]) throws -> [UInt8] {
        try requests.reduce(SegmentFormat.header(marker: marker)) { bytes, request in
            bytes + SegmentFormat.record(try request.payload(), receivedAt: request.receivedAt, marker: marker)
        }
    }

    static func read(_ bytes: [UInt8]) -> [SpooledRequest] {
        SegmentFormat.scan(bytes).entries.compactMap { entry in
            SpooledRequest(
                payload: bytes[entry.range].dropFirst(SegmentFormat.frameSize), receivedAt: entry.receivedAt)
        }
    }

    @Test(
        "CRC-32C, as RFC 3720 has it in B.4",
        arguments: [
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E), (Array((0..<32).reversed()), 0x113F_DB5C),
            (Array("123456789".utf8), 0xE306_9283),
        ] as [([UInt8], UInt32)])
    func checksum(_ bytes: [UInt8], _ value: UInt32) { #expect(CRC32C.of(bytes) == value) }

    @Test("What is written is read") func roundTrip() throws {
        let odd = SpooledRequest(
            message: Identifier(high: .max, low: 0), channel: "modulo", type: "multipart/form-data; boundary=\"à/b\"",
            receivedAt: Timestamp(microseconds: -1), body: [0, 0xFF, 0x0A])
        let requests = [Self.request(1), odd, Self.request(2, body: "")]
        let bytes = try Self.file(requests)
        #expect(Self.read(bytes) == requests)
        let scan = SegmentFormat.scan(bytes)
        #expect(scan.damaged.isEmpty && scan.torn == nil && scan.marker == Self.marker)
    }

    /// The bytes are a promise to the next version.
    @Test("The bytes are those that are documented") func bytes() throws {
        let bytes = try Self.file([Self.request(2, body: "ciao")])
        #expect(bytes.prefix(8) == [0x50, 0x41, 0x53, 0x51, 0x53, 0x50, 0x4C, 1])
        #expect(bytes[8..<16] == [0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01])
        #expect(bytes[20..<28] == bytes[8..<16])
        let text = String(
            decoding: bytes.dropFirst(SegmentFormat.headerSize + SegmentFormat.frameSize + 4), as: UTF8.self)
        #expect(
            text
                == #"{"channel":"modulo","message":"00000000-0000-0007-0000-000000000002","type":"application/json"}ciao"#
        )
    }

    @Test("Cut anywhere, the records before the cut are read, and it is a torn end") func everyLength() throws {
        let requests = (1...3).map { Self.request($0) }
        let bytes = try Self.file(requests)
        let ends = SegmentFormat.scan(bytes).entries.map(\.range.upperBound)
        for length in 0..<bytes.count {
            let cut = Array(bytes.prefix(length))
            let whole = ends.count { $0 <= length }
            #expect(Self.read(cut) == Array(requests.prefix(whole)), "\(length)")
            let scan = SegmentFormat.scan(cut)
            #expect(scan.damaged.isEmpty, "\(length)")
            let good = length < SegmentFormat.headerSize ? 0 : ends.last { $0 <= length } ?? SegmentFormat.headerSize
            #expect(scan.torn == (good == length && length > 0 ? nil : good), "\(length)")
            // The file system had made room already.
            #expect(Self.read(cut + [UInt8](repeating: 0, count: 100)).count >= whole)
        }
    }

    @Test("Zeros behind the records are a torn end") func zeros() throws {
        let bytes = try Self.file([Self.request(1)])
        let scan = SegmentFormat.scan(bytes + [UInt8](repeating: 0, count: 5000))
        #expect(scan.torn == bytes.count && scan.damaged.isEmpty && scan.entries.count == 1)
        #expect(SegmentFormat.scan([UInt8](repeating: 0, count: 5000)).torn == 0)
    }

    @Test("Any byte changed: no wrong record, all others are read, and it is damage") func everyByte() throws {
        let requests = (1...3).map { Self.request($0) }
        let bytes = try Self.file(requests)
        let entries = SegmentFormat.scan(bytes).entries
        for index in bytes.indices {
            for change in [0x01, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] ^= change
                let scan = SegmentFormat.scan(changed)
                #expect(!scan.damaged.isEmpty && scan.torn == nil, "\(index)")
                let expected =
                    index < SegmentFormat.headerSize
                    ? [] : zip(entries, requests).filter { !$0.0.range.contains(index) }.map(\.1)
                #expect(Self.read(changed) == expected, "\(index)")
            }
        }
    }

    @Test("Anything at all: never a crash, never a record that was not written") func noise() throws {
        var dice = Dice(7)
        let requests = (1...4).map { Self.request($0) }
        let bytes = try Self.file(requests)
        for _ in 0..<2000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let from = Int.random(in: 0..<changed.count, using: &dice)
                let range = from..<min(changed.count, from + Int.random(in: 0...60, using: &dice))
                switch Int.random(in: 0...3, using: &dice) {
                case 0: changed.removeSubrange(range)
                case 1: changed.insert(contentsOf: bytes[range.clamped(to: bytes.indices)], at: from)
                case 2: for index in range { changed[index] = .random(in: 0...255, using: &dice) }
                default: for index in range { changed[index] = 0 }
                }
                if changed.isEmpty { changed = bytes }
            }
            for read in Self.read(changed) { #expect(requests.contains(read)) }
        }
    }

    @Test("A record in somebody's text is none") func forged() throws {
        let other = SegmentFormat.record(
            try Self.request(666).payload(), receivedAt: Timestamp(microseconds: 0), marker: Self.marker &+ 1)
        var evil = Self.request(1)
        evil.body = other + SegmentFormat.header(marker: Self.marker &+ 1) + other
        var bytes = try Self.file([evil, Self.request(2)])
        // The record that holds it is damaged, so that what is in it is looked through.
        bytes[SegmentFormat.headerSize] ^= 1
        #expect(Self.read(bytes) == [Self.request(2)])
    }
}
