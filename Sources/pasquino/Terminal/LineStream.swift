import Foundation

/// The lines of a file, or of standard input, some at a time: memory holds one batch, however long the file is.
struct LineStream {
    struct Line {
        /// From 1.
        let number: Int
        let bytes: [UInt8]
    }

    /// Longer than any message that a channel takes.
    static let longestLine = 64 << 20
    private static let chunk = 1 << 20

    /// Bytes of the file; nil where there is no telling.
    let size: Int?
    private(set) var bytesRead = 0
    private let path: String
    private let handle: FileHandle
    private var rest: [UInt8] = []
    private var number = 0
    private var ended = false

    init(_ path: String) throws {
        self.path = path
        if path == "-" {
            handle = .standardInput
            size = nil
            return
        }
        guard let handle = FileHandle(forReadingAtPath: path) else { throw Outcome.failed("cannot read \(path)") }
        self.handle = handle
        size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }

    /// The next lines that are not empty, about `Self.chunk` bytes of them. Nil at the end.
    mutating func next() throws -> [Line]? {
        while !ended {
            let data: Data
            do {
                data = try handle.read(upToCount: LineStream.chunk) ?? Data()
            } catch {
                throw Outcome.failed("cannot read \(path): \(error.localizedDescription)")
            }
            bytesRead += data.count
            ended = data.isEmpty
            let lines = ended ? [last()].compactMap(\.self) : complete(data)
            if !lines.isEmpty { return lines }
            guard rest.count <= LineStream.longestLine else {
                throw Outcome.failed(
                    "\(path):\(number + 1): the line is longer than \(LineStream.longestLine >> 20) MiB")
            }
        }
        return nil
    }

    private mutating func complete(_ data: Data) -> [Line] {
        var lines: [Line] = []
        var start = data.startIndex
        while let end = data[start...].firstIndex(of: 0x0A) {
            rest += data[start..<end]
            start = end + 1
            if let line = take() { lines.append(line) }
        }
        rest += data[start...]
        return lines
    }

    private mutating func last() -> Line? { rest.isEmpty ? nil : take() }

    private mutating func take() -> Line? {
        number += 1
        if rest.last == 0x0D { rest.removeLast() }
        defer { rest = [] }
        return rest.isEmpty ? nil : Line(number: number, bytes: rest)
    }
}
