/// What a statement returned. Values are decoded when they are asked for; copies share one result.
public struct PostgresRows: Sendable, RandomAccessCollection {
    let result: QueryResult

    init(_ result: QueryResult) { self.result = result }

    public var startIndex: Int { 0 }
    public var endIndex: Int { result.rowCount }
    public subscript(position: Int) -> PostgresRow { PostgresRow(result: result, index: position) }

    /// Rows that an INSERT, UPDATE or DELETE touched, or that a SELECT returned.
    public var affected: Int { result.affected }
}

/// One row. A column is named by its place, from 0.
///
/// Each accessor returns nil for NULL, for a column of another type, and beyond the last column; it never traps.
public struct PostgresRow: Sendable {
    let result: QueryResult
    let index: Int

    public func isNull(_ column: Int) -> Bool { result.isNull(index, column) }

    /// text, varchar, char, name, json, jsonb (its text), and the database's own types whose form is text, such as
    /// enumerations.
    public func string(_ column: Int) -> String? {
        switch result.type(column) {
        case TypeID.text, TypeID.varchar, TypeID.bpchar, TypeID.name, TypeID.json, TypeID.unknown:
            bytes(of: column) { String(decoding: $0, as: UTF8.self) }
        case TypeID.jsonb:
            bytes(of: column) { $0.first == 1 ? String(decoding: $0.dropFirst(), as: UTF8.self) : nil }
        case let type? where type >= TypeID.firstUserDefined:
            bytes(of: column) { String(validating: $0, as: UTF8.self) }
        default: nil
        }
    }

    /// smallint, integer, bigint, oid.
    public func int(_ column: Int) -> Int64? {
        switch result.type(column) {
        case TypeID.int8: number(column, Int64.self)
        case TypeID.int4: number(column, Int32.self).map(Int64.init)
        case TypeID.int2: number(column, Int16.self).map(Int64.init)
        case TypeID.oid: number(column, UInt32.self).map(Int64.init)
        default: nil
        }
    }

    public func bool(_ column: Int) -> Bool? {
        result.type(column) == TypeID.bool ? number(column, UInt8.self).map { $0 != 0 } : nil
    }

    /// real, double precision.
    public func double(_ column: Int) -> Double? {
        switch result.type(column) {
        case TypeID.float8: number(column, UInt64.self).map(Double.init(bitPattern:))
        case TypeID.float4: number(column, UInt32.self).map { Double(Float(bitPattern: $0)) }
        default: nil
        }
    }

    /// bytea.
    public func bytes(_ column: Int) -> [UInt8]? {
        result.type(column) == TypeID.bytea ? bytes(of: column) { Array($0) } : nil
    }

    /// The high and the low 64 bits.
    public func uuid(_ column: Int) -> (UInt64, UInt64)? {
        guard result.type(column) == TypeID.uuid else { return nil }
        return bytes(of: column) { $0.count == 16 ? ($0.bigEndian(at: 0), $0.bigEndian(at: 8)) : nil }
    }

    /// timestamptz, or timestamp read as UTC: microseconds since 1970-01-01T00:00:00Z. `infinity` is `Int64.max`,
    /// `-infinity` is `Int64.min`.
    public func timestamp(_ column: Int) -> Int64? {
        guard let type = result.type(column), type == TypeID.timestamptz || type == TypeID.timestamp,
            let time = number(column, Int64.self)
        else { return nil }
        if time == .max || time == .min { return time }
        let (shifted, overflow) = time.addingReportingOverflow(epochDistance)
        return overflow ? nil : shifted
    }

    // MARK: Pieces

    private func bytes<R>(of column: Int, _ body: (UnsafeRawBufferPointer) -> R?) -> R? {
        result.withBytes(index, column, body)
    }

    private func number<Number: FixedWidthInteger>(_ column: Int, _: Number.Type) -> Number? {
        bytes(of: column) { $0.count == MemoryLayout<Number>.size ? $0.bigEndian(at: 0) : nil }
    }
}

extension UnsafeRawBufferPointer {
    /// The caller has checked that it lies inside.
    func bigEndian<Number: FixedWidthInteger>(at offset: Int) -> Number {
        Number(bigEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
