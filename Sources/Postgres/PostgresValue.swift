/// A statement's parameter. All are sent in binary with their type named, so the server guesses nothing.
///
/// PostgreSQL's text has no U+0000: a text value that holds one is refused with `PostgresError.Kind.usage`.
/// Times are microseconds since 1970-01-01T00:00:00Z; `Int64.max` is `infinity`, `Int64.min` is `-infinity`.
public enum PostgresValue: Sendable {
    /// NULL of whatever type the place asks for.
    case null
    case text(String)
    case int4(Int32)
    case int8(Int64)
    case bool(Bool)
    case double(Double)
    case bytea([UInt8])
    /// The high and the low 64 bits.
    case uuid(UInt64, UInt64)
    case timestamptz(Int64)
    /// JSON text; the server checks it.
    case jsonb(String)
    case textArray([String?])
    case int8Array([Int64?])
    case int4Array([Int32?])
    case boolArray([Bool?])
    case doubleArray([Double?])
    case byteaArray([[UInt8]?])
    case uuidArray([(UInt64, UInt64)?])
    case timestamptzArray([Int64?])
    case jsonbArray([String?])
}

/// Object identifiers of built-in types (PostgreSQL's `pg_type.dat`); they never change.
enum TypeID {
    static let unspecified: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    /// From here on types are the database's own: enumerations, extensions.
    static let firstUserDefined: UInt32 = 16384
}

extension PostgresValue {
    /// The type the server is told; 0 lets it infer.
    var typeID: UInt32 {
        switch self {
        case .null: TypeID.unspecified
        case .text: TypeID.text
        case .int4: TypeID.int4
        case .int8: TypeID.int8
        case .bool: TypeID.bool
        case .double: TypeID.float8
        case .bytea: TypeID.bytea
        case .uuid: TypeID.uuid
        case .timestamptz: TypeID.timestamptz
        case .jsonb: TypeID.jsonb
        case .textArray: 1009
        case .int8Array: 1016
        case .int4Array: 1007
        case .boolArray: 1000
        case .doubleArray: 1022
        case .byteaArray: 1001
        case .uuidArray: 2951
        case .timestamptzArray: 1185
        case .jsonbArray: 3807
        }
    }
}

/// Microseconds from 1970-01-01, our epoch, to 2000-01-01, PostgreSQL's.
let epochDistance: Int64 = 946_684_800_000_000
