internal import Glibc

/// Writes values in PostgreSQL's binary format into memory that `PostgresValue.encodedSize` has measured.
struct BinaryWriter {
    private(set) var position: UnsafeMutableRawPointer
    private(set) var problem: EncodingProblem?

    init(at start: UnsafeMutableRawPointer) { position = start }

    mutating func write(_ value: PostgresValue) {
        switch value {
        case .null: break
        case .text(let text): put(text)
        case .int4(let number): put(number)
        case .int8(let number): put(number)
        case .bool(let flag): put(flag ? 1 : 0 as UInt8)
        case .double(let number): put(number.bitPattern)
        case .bytea(let bytes): put(bytes)
        case .uuid(let high, let low): put(high, low)
        case .timestamptz(let time): put(time: time)
        case .jsonb(let text): put(json: text)
        case .textArray(let array): put(array, of: TypeID.text) { $0.put(sized: $1) }
        case .int8Array(let array): put(array, of: TypeID.int8) { $0.put(8 as Int32, $1) }
        case .int4Array(let array): put(array, of: TypeID.int4) { $0.put(4 as Int32, $1) }
        case .boolArray(let array): put(array, of: TypeID.bool) { $0.put(1 as Int32, $1 ? 1 : 0 as UInt8) }
        case .doubleArray(let array): put(array, of: TypeID.float8) { $0.put(8 as Int32, $1.bitPattern) }
        case .byteaArray(let array):
            put(array, of: TypeID.bytea) {
                $0.put(Int32(truncatingIfNeeded: $1.count))
                $0.put($1)
            }
        case .uuidArray(let array):
            put(array, of: TypeID.uuid) {
                $0.put(16 as Int32)
                $0.put($1.0, $1.1)
            }
        case .timestamptzArray(let array):
            put(array, of: TypeID.timestamptz) {
                $0.put(8 as Int32)
                $0.put(time: $1)
            }
        case .jsonbArray(let array):
            put(array, of: TypeID.jsonb) {
                $0.put(Int32(truncatingIfNeeded: $1.utf8.count + 1))
                $0.put(json: $1)
            }
        }
    }

    // MARK: Pieces

    @inline(__always)
    private mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        position.storeBytes(of: number.bigEndian, as: Number.self)
        position += MemoryLayout<Number>.size
    }

    @inline(__always)
    private mutating func put<First: FixedWidthInteger, Second: FixedWidthInteger>(_ first: First, _ second: Second) {
        put(first)
        put(second)
    }

    private mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            position.copyMemory(from: base, byteCount: source.count)
            position += source.count
        }
    }

    private mutating func put(_ text: String) {
        let start = position
        var text = text
        text.withUTF8 { utf8 in
            guard let base = utf8.baseAddress, utf8.count > 0 else { return }
            position.copyMemory(from: base, byteCount: utf8.count)
            position += utf8.count
        }
        if position > start, memchr(start, 0, position - start) != nil { problem = .zeroByte }
    }

    private mutating func put(sized text: String) {
        put(Int32(truncatingIfNeeded: text.utf8.count))
        put(text)
    }

    /// jsonb's binary form is a version, 1, and the text.
    private mutating func put(json text: String) {
        put(1 as UInt8)
        put(text)
    }

    private mutating func put(time: Int64) {
        if time == .max || time == .min { return put(time) }
        let (shifted, overflow) = time.subtractingReportingOverflow(epochDistance)
        if overflow { problem = .time }
        put(shifted)
    }

    /// Dimensions, whether there are NULLs, element type; then the one dimension's size and lower bound; then elements.
    @inline(__always)
    private mutating func put<Element>(
        _ array: [Element?], of type: UInt32, _ put: (inout BinaryWriter, Element) -> Void
    ) {
        self.put(array.isEmpty ? 0 : 1 as Int32)
        let flags = position
        self.put(0 as Int32)
        self.put(type)
        guard !array.isEmpty else { return }
        self.put(Int32(truncatingIfNeeded: array.count), 1 as Int32)
        var holdsNull = false
        for element in array {
            if let element {
                put(&self, element)
            } else {
                holdsNull = true
                self.put(-1 as Int32)
            }
        }
        if holdsNull { flags.storeBytes(of: (1 as Int32).bigEndian, as: Int32.self) }
    }
}
