import Civic

/// The bytes of a spool's file. Pure.
///
/// Numbers are little-endian, checksums CRC-32C.
///
///     file     header, then records one behind the other
///     header   8 bytes  "PASQSPL" and the version, 1
///              8 bytes  the file's marker: random
///              4 bytes  checksum of these 16
///     record   8 bytes  the file's marker
///              8 bytes  when the request was received: microseconds since 1970
///              4 bytes  the payload's length
///              4 bytes  the payload's checksum
///              4 bytes  checksum of these 24
///              …        the payload (`SpooledRequest`)
///
/// A file only grows, and whoever is answered knows that its record is on the disk. So a crash leaves at most an
/// incomplete end, which nobody was promised: a record that is cut off, or zeros where the file system had made room.
/// Anything else that is no record is damage, and is passed over to the next record behind it. The marker is random so
/// that nobody can post bytes that look like one.
enum SegmentFormat {
    static let magic: [UInt8] = Array("PASQSPL".utf8) + [1]
    static let headerSize = 20
    static let frameSize = 28

    static func header(marker: UInt64) -> [UInt8] {
        var bytes = magic
        bytes.append(little: marker)
        bytes.append(little: CRC32C.of(bytes))
        return bytes
    }

    /// Nil if it is no header of this version.
    static func marker(in bytes: ArraySlice<UInt8>) -> UInt64? {
        guard bytes.starts(with: magic), let marker: UInt64 = bytes.little(at: 8),
            bytes.little(at: 16) == CRC32C.of(bytes.prefix(16))
        else { return nil }
        return marker
    }

    static func record(_ payload: [UInt8], receivedAt: Timestamp, marker: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frameSize + payload.count)
        bytes.append(little: marker)
        bytes.append(little: receivedAt.microseconds)
        bytes.append(little: UInt32(payload.count))
        bytes.append(little: CRC32C.of(payload))
        bytes.append(little: CRC32C.of(bytes))
        return bytes + payload
    }

    /// What stands before a payload.
    struct Frame: Equatable {
        let receivedAt: Timestamp
        let length: Int
        let checksum: UInt32

        /// Nil if it is none of the file's.
        init?(_ bytes: ArraySlice<UInt8>, marker: UInt64) {
            guard bytes.little(at: 0) == marker, let at: Int64 = bytes.little(at: 8),
                let length: UInt32 = bytes.little(at: 16), let checksum: UInt32 = bytes.little(at: 20),
                bytes.little(at: 24) == CRC32C.of(bytes.prefix(24))
            else { return nil }
            receivedAt = Timestamp(microseconds: at)
            self.length = Int(length)
            self.checksum = checksum
        }

        func fits(_ payload: ArraySlice<UInt8>) -> Bool {
            payload.count == length && CRC32C.of(payload) == checksum
        }
    }

    /// Where a good record stands.
    struct Entry: Hashable, Sendable {
        /// Of its frame, from the beginning of the file.
        let offset: Int
        /// Of its payload.
        let length: Int
        let receivedAt: Timestamp

        var range: Range<Int> { offset..<offset + SegmentFormat.frameSize + length }
    }

    /// What a file holds.
    struct Scan: Equatable {
        /// Nil if the header is damaged, or not there.
        var marker: UInt64?
        var entries: [Entry] = []
        /// Where there is something else than records.
        var damaged: [Range<Int>] = []
        /// Where an incomplete end begins: what is there was never acknowledged.
        var torn: Int?
    }

    static func scan(_ bytes: [UInt8]) -> Scan {
        var scan = Scan()
        guard let marker = marker(in: bytes[...]) else {
            // The header is written with the first records: before they are all there, nobody is answered.
            if bytes.count < headerSize || isBlank(bytes[...]) {
                scan.torn = 0
            } else {
                scan.damaged = [0..<bytes.count]
            }
            return scan
        }
        scan.marker = marker
        var place = headerSize
        while place < bytes.count {
            let rest = bytes[place...]
            if let frame = Frame(rest.prefix(frameSize), marker: marker) {
                guard frame.length <= rest.count - frameSize else {
                    scan.torn = place
                    break
                }
                let entry = Entry(offset: place, length: frame.length, receivedAt: frame.receivedAt)
                if frame.fits(bytes[(place + frameSize)..<entry.range.upperBound]) {
                    scan.entries.append(entry)
                } else {
                    scan.note(damage: entry.range)
                }
                place = entry.range.upperBound
            } else if rest.count < frameSize || isBlank(rest) {
                scan.torn = place
                break
            } else {
                let next = nextFrame(in: bytes, after: place, marker: marker) ?? bytes.count
                scan.note(damage: place..<next)
                place = next
            }
        }
        return scan
    }

    private static func isBlank(_ bytes: ArraySlice<UInt8>) -> Bool { bytes.allSatisfy { $0 == 0 } }

    private static func nextFrame(in bytes: [UInt8], after place: Int, marker: UInt64) -> Int? {
        let first = UInt8(truncatingIfNeeded: marker)
        var index = place + 1
        while index + frameSize <= bytes.count {
            if bytes[index] == first, Frame(bytes[index..<index + frameSize], marker: marker) != nil { return index }
            index += 1
        }
        return nil
    }
}

extension SegmentFormat.Scan {
    fileprivate mutating func note(damage range: Range<Int>) {
        if let last = damaged.last, last.upperBound == range.lowerBound {
            damaged[damaged.count - 1] = last.lowerBound..<range.upperBound
        } else {
            damaged.append(range)
        }
    }
}
