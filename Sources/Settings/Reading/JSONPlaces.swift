import Foundation
import Rules

/// Finds where values stand in JSON (RFC 8259), which the decoder does not tell. Used only when something is wrong.
struct JSONPlaces {
    enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    private let file: String
    private let bytes: Data

    init(file: String, bytes: Data) {
        self.file = file
        self.bytes = bytes
    }

    /// The place of each value; of one that is not there, that of the innermost value around it.
    func places(of paths: Set<[Step]>) -> [[Step]: SourcePlace] {
        let prefixes = paths.flatMap { path in (0...path.count).map { Array(path.prefix($0)) } }
        var scanner = JSONScanner(bytes, wanted: Set(prefixes))
        _ = scanner.scan()
        let places = places(of: Set(scanner.found.values))
        return Dictionary(
            uniqueKeysWithValues: paths.map { path in
                let length = (0...path.count).last { scanner.found[Array(path.prefix($0))] != nil } ?? 0
                return (path, scanner.found[Array(path.prefix(length))].flatMap { places[$0] } ?? start)
            })
    }

    /// Where the file ceases to be JSON; its start if the scanner sees no mistake.
    var mistake: SourcePlace {
        var scanner = JSONScanner(bytes, wanted: [])
        return scanner.scan().flatMap { places(of: [$0])[$0] } ?? start
    }

    private var start: SourcePlace { SourcePlace(file: file, line: 1, column: 1) }

    /// Lines and columns of bytes, in one pass. A column is a Unicode scalar, as in YAML files.
    private func places(of offsets: Set<Int>) -> [Int: SourcePlace] {
        var places: [Int: SourcePlace] = [:]
        var line = 1
        // A byte order mark is no column.
        var column = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 0 : 1
        for (offset, byte) in bytes.enumerated() {
            if offsets.contains(offset) { places[offset] = SourcePlace(file: file, line: line, column: column) }
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        if offsets.contains(bytes.count) { places[bytes.count] = SourcePlace(file: file, line: line, column: column) }
        return places
    }
}

/// Walks over JSON and remembers where the wanted values begin.
private struct JSONScanner {
    private struct Mistake: Error {}
    /// As deep as the decoder goes.
    private static let depth = 512

    private(set) var found: [[JSONPlaces.Step]: Int] = [:]
    private let wanted: Set<[JSONPlaces.Step]>
    private let longest: Int
    private var path: [JSONPlaces.Step] = []
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: Data, wanted: Set<[JSONPlaces.Step]>) {
        self.bytes = Array(bytes)
        self.wanted = wanted
        longest = wanted.map(\.count).max() ?? 0
    }

    /// - Returns: the offset of the first mistake.
    mutating func scan() -> Int? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        do {
            try value()
            return next == nil ? nil : at
        } catch {
            return at
        }
    }

    /// The next byte that is no space.
    private var next: UInt8? {
        mutating get {
            while at < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) { at += 1 }
            return at < bytes.count ? bytes[at] : nil
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws { if !take(byte) { throw Mistake() } }

    private mutating func value() throws {
        guard let first = next, path.count < JSONScanner.depth else { throw Mistake() }
        if path.count <= longest, wanted.contains(path), found[path] == nil { found[path] = at }
        switch first {
        case UInt8(ascii: "{"): try object()
        case UInt8(ascii: "["): try array()
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
        default:
            let words = ["true", "false", "null"]
            guard let word = words.first(where: { bytes[at...].starts(with: $0.utf8) }) else { throw Mistake() }
            at += word.utf8.count
        }
    }

    private mutating func object() throws {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            guard next == UInt8(ascii: "\"") else { throw Mistake() }
            path.append(.key(try string()))
            try expect(UInt8(ascii: ":"))
            try value()
            path.removeLast()
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func array() throws {
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            path.append(.index(index))
            try value()
            path.removeLast()
            index += 1
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// A number that is too large for a computer is a mistake, too.
    private mutating func number() throws {
        let end = bytes[at...].firstIndex { !"+-.0123456789eE".utf8.contains($0) } ?? bytes.count
        guard let number = Double(String(decoding: bytes[at..<end], as: UTF8.self)), number.isFinite else {
            throw Mistake()
        }
        at = end
    }

    /// What stands between the quotes. Escapes stay as they are: no key of GeoJSON needs one.
    private mutating func string() throws -> String {
        at += 1
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
            guard bytes[at] >= 0x20 else { throw Mistake() }
            at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard at < bytes.count else {
            at = bytes.count
            throw Mistake()
        }
        at += 1
        return String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
    }
}
