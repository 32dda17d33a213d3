import Civic
import Intake
import Observability
import Postgres
import Store

extension Daemon {
    /// What a sign of life has gone through: every loop of the listener, both writers, PostgreSQL with all that the beat
    /// does there, and the delivery's queue.
    func signOfLife() -> SignOfLife {
        SignOfLife(
            parts: [
                .init(name: "the listener") { await Listener.roundTrip() },
                .init(name: "the writers") { await self.writer.roundTrip() },
                .init(name: "the beat with PostgreSQL") { await self.passBeat() },
                .init(name: "the delivery") { _ = await self.queue.room },
            ], observe: observe, give: { self.notifier.watchdog() })
    }

    /// What only PostgreSQL can tell of itself, for the metrics.
    func lookAtDatabase() async throws {
        guard databasePace.isDue else { return }
        let start = ContinuousClock.now
        defer { databasePace.looked(for: ContinuousClock.now - start) }
        observe.metrics.inbox(waiting: Int(try await unread.waiting(most: 1000)))
        let lax = try await database.laxSetting()
        observe.metrics.database(durable: lax == nil)
        let isNew = wasLax.withLock { last in
            defer { last = lax }
            return last != lax
        }
        if isNew, let lax { observe(.databaseNotDurable(setting: lax)) }
    }
}

extension Database {
    /// The setting by which PostgreSQL acknowledges what its disk does not have yet; nil if there is none.
    func laxSetting() async throws -> String? {
        let rows = try await pool.query(
            """
            select name || ' = ' || setting from pg_settings
            where (name = 'fsync' or name = 'synchronous_commit') and setting = 'off' order by name limit 1
            """)
        return rows.first?.string(0)
    }
}
