internal import CLibPQ

/// Owns a `PGresult`. Independent of the session it came from; nothing changes it once it is read, so any thread may.
final class QueryResult: @unchecked Sendable {
    private let pointer: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
    }

    deinit { PQclear(pointer) }

    enum Outcome { case done, copy, failed }

    var outcome: Outcome {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE, PGRES_NONFATAL_ERROR: .done
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH: .copy
        default: .failed
        }
    }

    /// Rows that an INSERT, UPDATE, DELETE or MERGE touched, or a SELECT returned.
    var affected: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    /// The first word of what the server says it did: `COMMIT`, `ROLLBACK`, `INSERT`...
    var command: String {
        String(cString: PQcmdStatus(pointer)).split(separator: " ").first.map(String.init) ?? ""
    }

    /// The type of a column; nil beyond the last one.
    func type(_ column: Int) -> UInt32? {
        column >= 0 && column < columnCount ? PQftype(pointer, Int32(column)) : nil
    }

    /// The bytes of one value; nil for NULL, for text format and beyond the last column. Do not let them escape.
    func withBytes<R>(_ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> R?) -> R? {
        guard row >= 0, row < rowCount, column >= 0, column < columnCount, PQfformat(pointer, Int32(column)) == 1,
            PQgetisnull(pointer, Int32(row), Int32(column)) == 0
        else { return nil }
        let length = PQgetlength(pointer, Int32(row), Int32(column))
        return withExtendedLifetime(self) {
            body(UnsafeRawBufferPointer(start: PQgetvalue(pointer, Int32(row), Int32(column)), count: Int(length)))
        }
    }

    func isNull(_ row: Int, _ column: Int) -> Bool {
        guard row >= 0, row < rowCount, column >= 0, column < columnCount else { return true }
        return PQgetisnull(pointer, Int32(row), Int32(column)) == 1
    }

    // MARK: Errors

    /// Whether the server ended the session with this answer.
    var isFatal: Bool { ["FATAL", "PANIC"].contains(field("V")) }

    var error: PostgresError {
        let message = field("M") ?? String(cString: PQresultErrorMessage(pointer)).trimmed
        let detail = [field("D"), field("H")].compactMap(\.self)
        guard let code = field("C") else { return PostgresError(.connectionLost, message) }
        let kind: PostgresError.Kind = code == "57014" ? .timeout : .server(sqlstate: code)
        return PostgresError(kind, message, detail: detail.isEmpty ? nil : detail.joined(separator: "; "))
    }

    /// A field of an error, by the letter that postgres_ext.h gives it.
    private func field(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(pointer, Int32(letter.value)).map { String(cString: $0) }
    }
}

extension String {
    /// Without white space at the ends; libpq's messages end with a line feed.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
