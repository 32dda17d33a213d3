import Testing

@testable import Postgres

/// Each value as the server sees it, and as it comes back.
@Suite("values", .enabled(if: PostgresServer.isInstalled, TestServer.missing))
struct ValueTests {
    /// What the server understood, in its own text form.
    struct Sent: Sendable, CustomTestStringConvertible {
        let type: String
        let value: PostgresValue
        let text: String?
        var testDescription: String { "\(type) \(text ?? "NULL")" }

        init(_ type: String, _ value: PostgresValue, _ text: String?) {
            (self.type, self.value, self.text) = (type, value, text)
        }
    }

    static let values: [Sent] = [
        Sent("text", .null, nil),
        Sent("int8", .null, nil),
        Sent("text", .text(""), ""),
        Sent("text", .text("C'è una buca 🕳️"), "C'è una buca 🕳️"),
        Sent("int4", .int4(.min), "-2147483648"),
        Sent("int8", .int8(.max), "9223372036854775807"),
        Sent("bool", .bool(true), "true"),
        Sent("bool", .bool(false), "false"),
        Sent("float8", .double(-0.1), "-0.1"),
        Sent("float8", .double(.infinity), "Infinity"),
        Sent("bytea", .bytea([0, 1, 255]), "\\x0001ff"),
        Sent("bytea", .bytea([]), "\\x"),
        Sent("uuid", .uuid(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210), "01234567-89ab-cdef-fedc-ba9876543210"),
        Sent("timestamptz", .timestamptz(0), "1970-01-01 00:00:00+00"),
        Sent("timestamptz", .timestamptz(1_795_253_400_000_001), "2026-11-21 09:30:00.000001+00"),
        Sent("timestamptz", .timestamptz(.max), "infinity"),
        Sent("timestamptz", .timestamptz(.min), "-infinity"),
        Sent("jsonb", .jsonb(#"{"b":1,"a":"è"}"#), #"{"a": "è", "b": 1}"#),
        Sent("text[]", .textArray([]), "{}"),
        Sent("text[]", .textArray(["a", nil, "", "è \"x\""]), #"{a,NULL,"","è \"x\""}"#),
        Sent("int8[]", .int8Array([1, nil, -2]), "{1,NULL,-2}"),
        Sent("int4[]", .int4Array([1, nil, -2]), "{1,NULL,-2}"),
        Sent("bool[]", .boolArray([true, nil, false]), "{t,NULL,f}"),
        Sent("float8[]", .doubleArray([1.5, nil]), "{1.5,NULL}"),
        Sent("bytea[]", .byteaArray([[1, 2], nil, []]), #"{"\\x0102",NULL,"\\x"}"#),
        Sent("uuid[]", .uuidArray([(0, 1), nil]), "{00000000-0000-0000-0000-000000000001,NULL}"),
        Sent("timestamptz[]", .timestamptzArray([0, nil]), #"{"1970-01-01 00:00:00+00",NULL}"#),
        Sent("jsonb[]", .jsonbArray(["[1]", nil]), "{[1],NULL}"),
        Sent("jsonb[]", .jsonbArray([]), "{}"),
        Sent("uuid[]", .uuidArray([nil]), "{NULL}"),
    ]

    @Test("reaches the server", arguments: values)
    func sent(_ sent: Sent) async throws {
        let connection = try await TestServer.connect()
        try await connection.script("set timezone = 'UTC'")
        let rows = try await connection.query(
            "select $1::\(sent.type)::text, pg_typeof($1::\(sent.type))::text", [sent.value])
        #expect(rows.first?.string(0) == sent.text)
        #expect(rows.count == 1)
        await connection.close()
    }

    @Test("comes back")
    func received() async throws {
        let connection = try await TestServer.connect()
        let rows = try await connection.query(
            """
            select $1::text, 7::int2, $2::int4, $3::int8, true, 1.5::float4, $4::float8, $5::bytea, $6::uuid,
                $7::timestamptz, '[1]'::json, $8::jsonb, null::text, 'x'::name, timestamp '1970-01-01 00:00:01',
                'infinity'::timestamptz
            """,
            [
                .text("è"), .int4(-5), .int8(1 << 40), .double(0.25), .bytea([0, 9]), .uuid(3, 4),
                .timestamptz(1_700_000_000_123_456), .jsonb("[2]"),
            ])
        let row = try #require(rows.first)
        #expect(row.string(0) == "è")
        #expect(row.int(1) == 7 && row.int(2) == -5 && row.int(3) == 1 << 40)
        #expect(row.bool(4) == true)
        #expect(row.double(5) == 1.5 && row.double(6) == 0.25)
        #expect(row.bytes(7) == [0, 9])
        #expect(row.uuid(8)?.0 == 3 && row.uuid(8)?.1 == 4)
        #expect(row.timestamp(9) == 1_700_000_000_123_456)
        #expect(row.string(10) == "[1]" && row.string(11) == "[2]")
        #expect(row.string(12) == nil && row.isNull(12) && !row.isNull(0))
        #expect(row.string(13) == "x")
        #expect(row.timestamp(14) == 1_000_000 && row.timestamp(15) == .max)
        await connection.close()
    }

    @Test("arrays come back, several dimensions do not")
    func arrays() async throws {
        let connection = try await TestServer.connect()
        let rows = try await connection.query(
            "select $1::text[], '{}'::text[], $2::int8[], '{1,2}'::int2[], '{{a}}'::text[], null::text[], 'a'::text",
            [.textArray(["a", nil, "è"]), .int8Array([5, nil])])
        let row = try #require(rows.first)
        #expect(row.strings(0) == ["a", nil, "è"])
        #expect(row.strings(1) == [])
        #expect(row.ints(2) == [5, nil])
        #expect(row.ints(3) == [1, 2])
        #expect(row.strings(4) == nil && row.strings(5) == nil && row.strings(6) == nil)
        #expect(row.strings(2) == nil && row.ints(0) == nil)
        await connection.close()
    }

    @Test("the wrong type and the wrong column are nil")
    func wrongType() async throws {
        let connection = try await TestServer.connect()
        let row = try #require(try await connection.query("select 1::int4, 'a'::text").first)
        #expect(row.string(0) == nil && row.bool(0) == nil && row.double(0) == nil && row.uuid(0) == nil)
        #expect(row.bytes(1) == nil && row.int(1) == nil && row.timestamp(1) == nil)
        #expect(row.string(2) == nil && row.string(-1) == nil && row.int(9) == nil && row.isNull(9))
        await connection.close()
    }

    @Test("a type of the database's own reads as text")
    func enumeration() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create type pg_temp.colour as enum ('rosso', 'verde')")
        #expect(try await connection.query("select 'verde'::pg_temp.colour").first?.string(0) == "verde")
        await connection.close()
    }

    @Test("a megabyte of text, and many rows of arrays")
    func large() async throws {
        let connection = try await TestServer.connect()
        let text = String(repeating: "è", count: 524_288)
        let back = try await connection.query("select $1::text, length($1)", [.text(text)])
        #expect(back.first?.string(0) == text)
        let many = (0..<20_000).map { "riga \($0) con un testo che non sta in quindici byte" as String? }
        let rows = try await connection.query(
            "select t from unnest($1::text[]) with ordinality u(t, n) order by n", [.textArray(many)])
        #expect(rows.map { $0.string(0) } == many)
        #expect(rows.affected == 20_000)
        await connection.close()
    }

    @Test(
        "U+0000 is refused with the place, and the session goes on",
        arguments: [
            PostgresValue.text("a\0b"), .textArray(["a", nil, "b\0"]), .jsonb("\0"), .timestamptz(.min + 1),
        ])
    func refused(_ value: PostgresValue) async throws {
        let connection = try await TestServer.connect()
        let error = await failure { try await connection.query("select $1, $2", [.int8(1), value]) }
        #expect(error?.kind == .usage)
        #expect(error?.message.hasPrefix("parameter $2: ") == true)
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        #expect(await failure { try await connection.query("select 1 \0") }?.kind == .usage)
        await connection.close()
    }

    @Test("too many parameters are refused")
    func tooMany() {
        #expect(throws: PostgresError.self) { try EncodedParameters(Array(repeating: .null, count: 65_536)) }
        #expect(throws: Never.self) { try EncodedParameters(Array(repeating: .null, count: 65_535)) }
    }
}
