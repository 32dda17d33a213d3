/// The tags of a TIFF structure (TIFF 6.0 §2), which is also how Exif lies in JPEG, PNG, WebP and HEIC.
///
/// A reader of our own instead of libexif: a dozen tags of three directories are wanted, every access below is checked
/// against the end of the bytes, directories are never chained, and no C parses what a stranger wrote.
struct TIFFReader {
    /// One entry of a directory; its value is read when asked for.
    struct Field {
        fileprivate let type: Int
        fileprivate let count: Int
        /// Of the value, from the beginning of the structure.
        fileprivate let offset: Int
    }

    typealias Directory = [Int: Field]

    /// More than any camera writes; hostile files say 65,535.
    private static let mostFields = 1024
    /// Longer texts are none of those that are read here.
    private static let longestText = 256

    private let bytes: ArraySlice<UInt8>
    private let bigEndian: Bool
    private let first: Int

    /// Nil unless the header is one of TIFF, of either byte order. BigTIFF is not read.
    init?(_ bytes: ArraySlice<UInt8>) {
        if bytes.has("II") { bigEndian = false } else if bytes.has("MM") { bigEndian = true } else { return nil }
        guard bytes.number(2, bytes: 2, bigEndian: bigEndian) == 42,
            let first = bytes.number(4, bytes: 4, bigEndian: bigEndian)
        else { return nil }
        self.bytes = bytes
        self.first = first
    }

    /// The 0th directory.
    var root: Directory { directory(at: first) }

    /// The directory to which a field points; empty if there is none.
    func directory(_ field: Field?) -> Directory {
        guard let field, let offset = number(field) else { return [:] }
        return directory(at: offset)
    }

    /// Fields that are not all there are left out; of two with one tag, the first counts.
    private func directory(at offset: Int) -> Directory {
        guard let count = bytes.number(offset, bytes: 2, bigEndian: bigEndian) else { return [:] }
        var fields: Directory = [:]
        for index in 0..<min(count, TIFFReader.mostFields) {
            let at = offset + 2 + index * 12
            guard let tag = bytes.number(at, bytes: 2, bigEndian: bigEndian),
                let type = bytes.number(at + 2, bytes: 2, bigEndian: bigEndian),
                let count = bytes.number(at + 4, bytes: 4, bigEndian: bigEndian),
                let value = bytes.number(at + 8, bytes: 4, bigEndian: bigEndian)
            else { break }
            guard let size = TIFFReader.sizes[type], count > 0, count <= bytes.count / size else { continue }
            let length = size * count
            let place = length <= 4 ? at + 8 : value
            guard bytes.part(place, length) != nil, fields[tag] == nil else { continue }
            fields[tag] = Field(type: type, count: count, offset: place)
        }
        return fields
    }

    /// Bytes of a value, by type.
    private static let sizes = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4]

    /// The first value of a BYTE, SHORT, LONG or IFD field.
    func number(_ field: Field?) -> Int? {
        guard let field, [1, 3, 4, 13].contains(field.type), let size = TIFFReader.sizes[field.type] else { return nil }
        return bytes.number(field.offset, bytes: size, bigEndian: bigEndian)
    }

    /// ASCII up to its zero, without spaces at its ends. What is not ASCII is no text.
    func text(_ field: Field?) -> String? {
        guard let field, [2, 7].contains(field.type), let part = bytes.part(field.offset, field.count)
        else { return nil }
        let text = part.prefix(TIFFReader.longestText).prefix { $0 != 0 }
        guard text.allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        let trimmed = text.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed()
        return String(decoding: Array(trimmed), as: UTF8.self)
    }

    struct Rational {
        let numerator: Int
        /// Never 0.
        let denominator: Int
        var value: Double { Double(numerator) / Double(denominator) }
    }

    /// Exactly `count` unsigned rationals, or nil if there are others or one is divided by zero.
    func rationals(_ field: Field?, count: Int) -> [Rational]? {
        guard let field, field.type == 5, field.count == count else { return nil }
        var values: [Rational] = []
        for index in 0..<count {
            guard let numerator = bytes.number(field.offset + index * 8, bytes: 4, bigEndian: bigEndian),
                let denominator = bytes.number(field.offset + index * 8 + 4, bytes: 4, bigEndian: bigEndian),
                denominator != 0
            else { return nil }
            values.append(Rational(numerator: numerator, denominator: denominator))
        }
        return values
    }
}
