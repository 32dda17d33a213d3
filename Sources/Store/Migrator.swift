import Boundaries
import Civic
import Crypto
import Foundation
import Postgres

/// Brings the schema up, one SQL file at a time, under a lock that all daemons of a database share.
public struct Migrator: Sendable {
    public struct Migration: Sendable {
        public let version: Int64
        public let name: String
        public let sql: String
        /// SHA-256 of the text, kept with the database: a migration is never changed once a program has gone out.
        var digest: String {
            SHA256.hash(data: Data(sql.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
    }

    /// All that this program knows, in order. A new one is a new file in `Migrations` and a line here.
    public static let known: [Migration] = [
        Migration(
            version: 1, name: "initial", sql: String(decoding: PackageResources.v001_initial_sql, as: UTF8.self)),
        Migration(
            version: 2, name: "shadow_and_reload",
            sql: String(decoding: PackageResources.v002_shadow_and_reload_sql, as: UTF8.self)),
        Migration(version: 3, name: "mail", sql: String(decoding: PackageResources.v003_mail_sql, as: UTF8.self)),
        Migration(
            version: 4, name: "open311", sql: String(decoding: PackageResources.v004_open311_sql, as: UTF8.self)),
        Migration(version: 5, name: "chats", sql: String(decoding: PackageResources.v005_chats_sql, as: UTF8.self)),
        Migration(
            version: 6, name: "delivery", sql: String(decoding: PackageResources.v006_delivery_sql, as: UTF8.self)),
        Migration(
            version: 7, name: "watching", sql: String(decoding: PackageResources.v007_watching_sql, as: UTF8.self)),
        Migration(version: 8, name: "people", sql: String(decoding: PackageResources.v008_people_sql, as: UTF8.self)),
        Migration(
            version: 9, name: "citizens", sql: String(decoding: PackageResources.v009_citizens_sql, as: UTF8.self)),
    ]

    public enum Failure: Error, CustomStringConvertible, Sendable {
        /// The database was migrated by a later program; this one would not understand it.
        case newer(database: Int64, program: Int64)
        /// The database was made with another text of a migration than this program's.
        case changed(String)
        /// `database.migrate` is `manual` and there is work to do.
        case pending([String])

        public var description: String {
            switch self {
            case .newer(let database, let program):
                "the database's schema is version \(database) and this program knows up to \(program): "
                    + "install the program that migrated it, or a later one"
            case .changed(let name):
                "the database's schema was made by a program whose \(name) is not this one's, such as one between two "
                    + "releases: install that program, or begin with an empty database"
            case .pending(let names):
                "the database's schema lacks \(names.joined(separator: ", ")): run `pasquino migrate`"
            }
        }
    }

    /// What is still to be applied. Changes nothing.
    public static func pending(on connection: PostgresConnection) async throws -> [Migration] {
        let exists = try await connection.query("select to_regclass('schema_version') is not null")
        guard exists.first?.bool(0) == true else { return known }
        // Through JSON, since the oldest databases have no such column.
        let applied = try await connection.query(
            "select version, to_jsonb(s) ->> 'digest' from schema_version s order by version")
        let version = applied.last?.int(0) ?? 0
        let newest = known.last?.version ?? 0
        if version > newest { throw Failure.newer(database: version, program: newest) }
        for row in applied {
            guard let migration = known.first(where: { $0.version == row.int(0) }) else { continue }
            if row.string(1) != migration.digest { throw Failure.changed("\(migration.version) \(migration.name)") }
        }
        return known.filter { $0.version > version }
    }

    /// Applies what is pending, each in a transaction of its own.
    /// - Returns: the names of what was applied.
    public static func migrate(on connection: PostgresConnection) async throws -> [String] {
        // A session lock: other daemons that start at the same time wait here and then find nothing to do.
        _ = try await connection.query("select pg_advisory_lock($1)", [.int8(lockKey)])
        do {
            try await connection.script(
                """
                create table if not exists schema_version (
                    version bigint primary key, name text not null, digest text not null,
                    applied_at timestamptz not null default now())
                """)
            let work = try await pending(on: connection)
            for migration in work {
                try await Boundary.migrationSent.whenSent { () async throws(PostgresError) in
                    try await connection.script(
                        """
                        begin;
                        \(migration.sql)
                        insert into schema_version (version, name, digest)
                        values (\(migration.version), '\(migration.name)', '\(migration.digest)');
                        commit;
                        """)
                }
                Boundary.migrationApplied.pass()
            }
            _ = try await connection.query("select pg_advisory_unlock($1)", [.int8(lockKey)])
            return work.map { "\($0.version) \($0.name)" }
        } catch {
            // A failed script leaves its transaction open; the lock goes with the session if this fails too.
            try? await connection.script("rollback")
            _ = try? await connection.query("select pg_advisory_unlock($1)", [.int8(lockKey)])
            throw error
        }
    }

    /// "pasquino" in ASCII: nobody else's advisory lock.
    private static let lockKey: Int64 = 0x7061_7371_7569_6E6F
}
