import EventLoop
import Testing

@testable import Postgres
@testable import Store

@Suite("migrator", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct MigratorTests {
    private static let all = Migrator.known.map { "\($0.version) \($0.name)" }

    @Test("an empty database gets all there is, and a second time nothing")
    func fresh() async throws {
        try await TestDatabase.with(migrated: false) { database in
            try await database.session { session in
                #expect(try await Migrator.pending(on: session).map(\.version) == Migrator.known.map(\.version))
                #expect(try await database.number("select count(*) from pg_tables where schemaname = 'public'") == 0)
                #expect(try await Migrator.migrate(on: session) == Self.all)
                #expect(try await Migrator.pending(on: session).isEmpty)
                let instance = try await Instance.read(from: database.pool)
                #expect(try await Migrator.migrate(on: session) == [])
                #expect(try await Instance.read(from: database.pool).ticketKey == instance.ticketKey)
                #expect(try await database.number("select count(*) from instance") == 1)
            }
        }
    }

    @Test("a database of a later program is left alone, and its lock is given back")
    func newer() async throws {
        try await TestDatabase.with { database in
            _ = try await database.pool.query("insert into schema_version values (999, 'later', '')")
            for _ in 0..<2 {
                try await database.session { session in
                    let failure = await #expect(throws: Migrator.Failure.self) {
                        try await Migrator.migrate(on: session)
                    }
                    guard case .newer(999, let program) = failure else { throw Unexpected() }
                    #expect(program == Migrator.known.last?.version)
                    await #expect(throws: Migrator.Failure.self) { try await Migrator.pending(on: session) }
                }
            }
            let locks = """
                select count(*) from pg_locks join pg_database d on d.oid = database
                where locktype = 'advisory' and datname = current_database()
                """
            #expect(try await database.number(locks) == 0)
        }
    }

    @Test(
        "a database made with another text of a migration is left alone",
        arguments: ["update schema_version set digest = 'x'", "alter table schema_version drop column digest"])
    func changed(how: String) async throws {
        try await TestDatabase.with { database in
            _ = try await database.pool.query(how)
            try await database.session { session in
                let failure = await #expect(throws: Migrator.Failure.self) { try await Migrator.migrate(on: session) }
                guard case .changed("1 initial") = failure else { throw Unexpected() }
            }
        }
    }

    @Test("of several at once one migrates and the others find nothing to do")
    func together() async throws {
        try await TestDatabase.with(migrated: false) { database in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let session = PostgresConnection(
                            configuration: database.configuration, loop: try EventLoop(label: "test"),
                            observe: { _ in })
                        let names = try await Migrator.migrate(on: session)
                        await session.close()
                        return names
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(applied.count { $0 == Self.all } == 1)
            #expect(applied.count { $0.isEmpty } == 3)
        }
    }

    @Test("a migration that fails leaves nothing behind and can be tried again")
    func failing() async throws {
        try await TestDatabase.with(migrated: false) { database in
            try await database.session { session in
                // In the way of one of the tables that the migration makes.
                try await session.script("create table event (x int)")
                let error = await #expect(throws: PostgresError.self) { try await Migrator.migrate(on: session) }
                #expect(error?.sqlstate == "42P07")
                #expect(try await session.query("select to_regclass('message') is null").first?.bool(0) == true)
                try await session.script("drop table event")
                #expect(try await Migrator.migrate(on: session) == Self.all)
            }
        }
    }

    private struct Unexpected: Error {}
}
