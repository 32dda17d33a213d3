extension PostgresValue {
    /// Bytes that `BinaryWriter.write` will produce.
    var encodedSize: Int {
        switch self {
        case .null: 0
        case .text(let text): text.utf8.count
        case .int4: 4
        case .int8, .double, .timestamptz: 8
        case .bool: 1
        case .bytea(let bytes): bytes.count
        case .uuid: 16
        case .jsonb(let text): text.utf8.count + 1
        case .textArray(let elements): Self.size(of: elements) { $0.utf8.count }
        case .int8Array(let elements), .timestamptzArray(let elements): Self.size(of: elements) { _ in 8 }
        case .int4Array(let elements): Self.size(of: elements) { _ in 4 }
        case .boolArray(let elements): Self.size(of: elements) { _ in 1 }
        case .doubleArray(let elements): Self.size(of: elements) { _ in 8 }
        case .byteaArray(let elements): Self.size(of: elements) { $0.count }
        case .uuidArray(let elements): Self.size(of: elements) { _ in 16 }
        case .jsonbArray(let elements): Self.size(of: elements) { $0.utf8.count + 1 }
        }
    }

    /// Header of 12 bytes, 8 for the one dimension, then a length before each element.
    @inline(__always)
    private static func size<Element>(of elements: [Element?], _ size: (Element) -> Int) -> Int {
        guard !elements.isEmpty else { return 12 }
        var total = 20 + 4 * elements.count
        for case let element? in elements { total += size(element) }
        return total
    }
}
