import Civic
import Testing

@testable import Postgres
@testable import Store

@Suite("daemon registry", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct RegistryTests {
    private func register(_ database: TestDatabase, host: String = "here", pid: Int32 = 1) async throws -> Int64 {
        try await database.registry.register(host: host, pid: pid, version: "1.0", config: "old")
    }

    /// A beat in the future stays in time however slow the machine is.
    private static let inTime = -600.0

    private func setBeat(_ id: Int64, secondsAgo: Double, in database: TestDatabase) async throws {
        _ = try await database.pool.query(
            "update daemon set beat_at = now() - make_interval(secs => $2) where id = $1",
            [.int8(id), .double(secondsAgo)])
    }

    @Test("who stops delivering does so before others take over")
    func order() {
        #expect(DaemonRegistry.beat < DaemonRegistry.fence)
        #expect(DaemonRegistry.fence < DaemonRegistry.dead)
    }

    @Test("a beat in time keeps a daemon alive and says how it does")
    func beat() async throws {
        try await TestDatabase.with { database in
            let id = try await register(database)
            try await setBeat(id, secondsAgo: Self.inTime, in: database)
            #expect(try await database.registry.beat(id: id, config: "new", stats: .object([("n", .int(3))])))
            let entry = try #require(try await database.registry.all().first)
            #expect(entry.id == id)
            #expect(entry.alive)
            #expect(entry.config == "new")
            #expect(entry.stats == #"{"n": 3}"#)
            #expect(entry.pid == 1)
        }
    }

    @Test("a late beat does not bring a daemon back: others may hold what it held")
    func lateBeat() async throws {
        try await TestDatabase.with { database in
            let id = try await register(database)
            try await setBeat(id, secondsAgo: 11, in: database)
            #expect(try await database.registry.all().map(\.alive) == [false])
            #expect(try await database.registry.beat(id: id, config: "c", stats: .object([])) == false)
            #expect(try await database.registry.all().map(\.alive) == [false])
            #expect(try await database.registry.beat(id: 999, config: "c", stats: .object([])) == false)
        }
    }

    @Test("the buried are dead at once, on this host and by process only")
    func bury() async throws {
        try await TestDatabase.with { database in
            let gone = try await register(database, pid: 10)
            let alive = try await register(database, pid: 11)
            let elsewhere = try await register(database, host: "there", pid: 10)
            for id in [gone, alive, elsewhere] { try await setBeat(id, secondsAgo: Self.inTime, in: database) }
            #expect(Set(try await database.registry.pids(host: "here")) == [10, 11])
            try await database.registry.bury(host: "here", pids: [])
            try await database.registry.bury(host: "here", pids: [10])
            #expect(try await database.registry.pids(host: "here") == [11])
            #expect(try await database.registry.beat(id: gone, config: "c", stats: .object([])) == false)
            #expect(try await database.registry.beat(id: alive, config: "c", stats: .object([])))
            #expect(try await database.registry.beat(id: elsewhere, config: "c", stats: .object([])))
        }
    }

    @Test("a daemon that leaves gives back what it held; what was under way is for whoever takes it over")
    func leave() async throws {
        try await TestDatabase.with { database in
            let id = try await register(database)
            try await setBeat(id, secondsAgo: Self.inTime, in: database)
            let record = Sample.record("a", notifications: 2)
            try await database.open(record, owner: Holder(id))
            let owed = try #require(record.ticket?.notifications)
            try await database.outbox.record(
                [
                    Outbox.Outcome(
                        id: owed[0].id, status: .sending, attempts: 1, nextAttemptAt: Sample.moment, at: Sample.moment)
                ], followUps: [], owner: nil)
            let other = try await register(database, pid: 2)
            let soon = Sample.moment + .seconds(60)
            func claimed() async throws -> (waiting: [OwedNotification], interrupted: [OwedNotification]) {
                try await database.outbox.claim(
                    owner: other, limit: 10, dueBefore: soon, deadAfter: DaemonRegistry.dead)
            }
            #expect(try await claimed().waiting.isEmpty)
            try await database.registry.leave(id: id)
            let found = try await claimed()
            #expect(found.waiting.map(\.id) == [owed[1].id])
            #expect(found.interrupted.map(\.id) == [owed[0].id])
            #expect(try await database.registry.all().map(\.id) == [other])
        }
    }
}
