import Testing

@testable import Postgres

@Suite("transaction", .enabled(if: PostgresServer.isInstalled, TestServer.missing))
struct TransactionTests {
    struct Changed: Error {}

    @Test("commits what its body did, and returns its value")
    func commits() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table t (a int8)")
        let value = try await connection.transaction { transaction in
            _ = try await transaction.query("insert into t values ($1)", [.int8(1)])
            return try await transaction.query("select count(*) from t").first?.int(0)
        }
        #expect(value == 1)
        #expect(try await connection.query("select count(*) from t").first?.int(0) == 1)
        await connection.close()
    }

    @Test("rolls back when its body throws")
    func rollsBack() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table t (a int8)")
        await #expect(throws: Changed.self) {
            try await connection.transaction { transaction in
                _ = try await transaction.query("insert into t values (1)")
                throw Changed()
            }
        }
        #expect(try await connection.query("select count(*) from t").first?.int(0) == 0)
        await connection.close()
    }

    @Test("an error that the body swallowed is not taken for a commit")
    func swallowed() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            try await connection.transaction { transaction in _ = try? await transaction.query("select 1/0") }
        }
        #expect(error?.sqlstate == "25P02")
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("nobody else gets in between")
    func exclusive() async throws {
        let connection = try await TestServer.connect()
        try await connection.script("create temp table t (n bigserial, who text)")
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    try await connection.transaction { transaction in
                        for _ in 0..<5 {
                            _ = try await transaction.query("insert into t (who) values ($1)", [.text("\(number)")])
                        }
                    }
                }
                group.addTask { _ = try await connection.query("insert into t (who) values ('single')") }
            }
            try await group.waitForAll()
        }
        let who = try await connection.query("select who from t order by n").compactMap { $0.string(0) }
        #expect(who.count == 120)
        for number in 0..<20 {
            let places = who.indices.filter { who[$0] == "\(number)" }
            #expect(places.count == 5 && (places.last ?? 0) - (places.first ?? 0) == 4)
        }
        await connection.close()
    }

    @Test("statements that come together inside it take turns")
    func together() async throws {
        let connection = try await TestServer.connect()
        let sum = try await connection.transaction { transaction in
            try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        try await transaction.query("select $1::int8", [.int8(Int64(number))]).first?.int(0) ?? 0
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        #expect(sum == 45)
        await connection.close()
    }

    @Test("a body that asks its own connection is told, and does not wait for itself")
    func itself() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            try await connection.transaction { _ in _ = try await connection.query("select 1") }
        }
        #expect(error?.kind == .usage)
        #expect(try await connection.query("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }

    @Test("its hand is dead when it is over")
    func over() async throws {
        let connection = try await TestServer.connect()
        let escaped = try await connection.transaction { $0 }
        #expect(await failure { try await escaped.query("select 1") }?.kind == .usage)
        await connection.close()
    }

    @Test("a session lost inside it rolls it back, and the outcome is known")
    func lost() async throws {
        let connection = try await TestServer.connect()
        let error = await failure {
            try await connection.transaction { transaction in
                _ = try await transaction.query("select pg_terminate_backend(pg_backend_pid())")
            }
        }
        #expect(error?.kind == .connectionLost)
        #expect(error?.outcomeUnknown == false)
        #expect(try await connection.eventually("select 1::int8").first?.int(0) == 1)
        await connection.close()
    }
}
