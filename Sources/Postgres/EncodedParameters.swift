internal import Glibc

/// A statement's parameters in PostgreSQL's binary format, all in one allocation of exactly the right size.
struct EncodedParameters {
    private let bytes: [UInt8]
    private let offsets: [Int]
    /// Length of each; -1 is NULL.
    private let lengths: [Int32]
    let types: [UInt32]

    var count: Int { types.count }

    /// The server refuses messages of 1 GiB (`PQ_LARGE_MESSAGE_LIMIT`); a Bind names at most 65,535 parameters.
    private static let largest = 0x3FFF_0000
    private static let most = 65_535

    /// - Throws: `.usage` for U+0000 in text, a time out of range, too many or too large parameters.
    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.most else {
            throw PostgresError(.usage, "\(values.count) parameters; PostgreSQL takes \(Self.most)")
        }
        let total = values.reduce(0) { $0 + $1.encodedSize }
        guard total <= Self.largest else {
            throw PostgresError(.usage, "the parameters take \(total) bytes; PostgreSQL takes \(Self.largest)")
        }
        var offsets = [Int]()
        var lengths = [Int32]()
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        var failure: (parameter: Int, problem: EncodingProblem)?
        bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, written in
            guard let base = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            var writer = BinaryWriter(at: base)
            for value in values {
                let start = writer.position
                offsets.append(start - base)
                writer.write(value)
                if case .null = value { lengths.append(-1) } else { lengths.append(Int32(writer.position - start)) }
                if failure == nil, let problem = writer.problem { failure = (lengths.count, problem) }
            }
            written = writer.position - base
        }
        if let (parameter, problem) = failure {
            throw PostgresError(.usage, "parameter $\(parameter): \(problem.rawValue)")
        }
        // Nothing but NULLs and the like: no buffer was made.
        while lengths.count < values.count {
            offsets.append(0)
            if case .null = values[lengths.count] { lengths.append(-1) } else { lengths.append(0) }
        }
        self.offsets = offsets
        self.lengths = lengths
        types = values.map(\.typeID)
    }

    /// The three arrays that libpq asks for. The pointers live as long as `body` runs.
    func withPointers<R>(
        _ body: (
            _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> R
    ) -> R {
        bytes.withUnsafeBytes { buffer in
            // An empty value needs an address too: NULL would be taken for SQL's NULL.
            withUnsafeBytes(of: UInt8(0)) { empty in
                let base = buffer.baseAddress ?? empty.baseAddress
                let values = zip(offsets, lengths).map { offset, length in
                    length < 0 ? nil : base.map { ($0 + offset).assumingMemoryBound(to: CChar.self) }
                }
                let formats = [Int32](repeating: 1, count: count)
                return values.withUnsafeBufferPointer { values in
                    lengths.withUnsafeBufferPointer { lengths in
                        formats.withUnsafeBufferPointer { formats in
                            body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                        }
                    }
                }
            }
        }
    }
}

/// What makes a value impossible to send. Never the value itself.
enum EncodingProblem: String {
    case zeroByte = "text holds U+0000, which PostgreSQL does not store"
    case time = "a time before PostgreSQL's range"
}
