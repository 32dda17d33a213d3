import Foundation

/// Reads files, pipes and standard input (`-`), in pieces: memory does not grow with the input.
enum Lines {
    /// Bytes of one line, or of one message. A webhook takes far less.
    static let longest = 64 << 20
    private static let piece = 1 << 16

    /// Everything that stands at `path`.
    /// - Parameter limit: in bytes; longer input is refused.
    static func contents(of path: String, upTo limit: Int = .max) throws -> [UInt8] {
        var all: [UInt8] = []
        try forEachPiece(of: path) { piece in
            guard all.count + piece.count <= limit else { throw tooLong(path, limit) }
            all += piece
        }
        return all
    }

    /// Calls `body` with the number, from 1, and the bytes of each line that is not empty, as soon as the line is there.
    static func forEach(
        in path: String, longest: Int = Lines.longest, _ body: (Int, [UInt8]) throws -> Void
    ) throws {
        var number = 0
        var rest: [UInt8] = []
        func end(_ tail: some Collection<UInt8>) throws {
            number += 1
            rest += tail
            if rest.last == 0x0D { rest.removeLast() }
            defer { rest.removeAll(keepingCapacity: rest.capacity <= piece) }
            if !rest.isEmpty { try body(number, rest) }
        }
        try forEachPiece(of: path) { piece in
            var start = piece.startIndex
            while let newline = piece[start...].firstIndex(of: 0x0A) {
                try end(piece[start..<newline])
                start = newline + 1
            }
            guard rest.count + piece.count - start <= longest else {
                throw tooLong("\(path):\(number + 1)", longest)
            }
            rest += piece[start...]
        }
        if !rest.isEmpty { try end([]) }
    }

    private static func tooLong(_ place: String, _ limit: Int) -> Outcome {
        Outcome.failed("\(place): longer than \(limit >> 20) MiB")
    }

    private static func forEachPiece(of path: String, _ body: (ArraySlice<UInt8>) throws -> Void) throws {
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var buffer = [UInt8](repeating: 0, count: piece)
        while true {
            // Whoever writes the next line may wait for the answer to the last one.
            flushOutput()
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unreadable(path) }
            try body(buffer[..<count])
        }
    }

    private static func unreadable(_ path: String) -> Outcome {
        let reason = String(cString: strerror(errno))
        return Outcome.failed("cannot read \(path == "-" ? "standard input" : path): \(reason)")
    }
}
