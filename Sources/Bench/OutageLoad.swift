import EventLoop
import Postgres

/// Notifications of a dead destination, in the table of a daemon under load; seen from outside.
public final class OutageLoad: Sendable {
    private let connection: PostgresConnection
    /// Their codes begin with it.
    private static let prefix = "OUT-"
    /// One in so many is urgent.
    private static let urgent = 1000

    public init(_ server: EmbeddedServer) throws {
        connection = PostgresConnection(
            configuration: PostgresConfiguration(
                connectionString: server.connectionString, applicationName: "pasquino-bench",
                statementTimeout: .seconds(3600)),
            loop: try EventLoop(label: "pasquino.bench.outage"), observe: { _ in })
    }

    public func close() async { await connection.close() }

    /// Writes that many tickets, each with a notification to App IO, a hundredth of a second apart and the last one due now.
    public func insert(_ count: Int) async throws {
        let size = 50_000
        for first in stride(from: 0, to: count, by: size) {
            let last = min(first + size, count)
            _ = try await connection.query(
                """
                with n as (
                    select n, now() - make_interval(secs => ($3 - n) / 100.0) as at,
                        case when n % \(OutageLoad.urgent) = 0 then 3 else 1 end as urgency
                    from generate_series($1::bigint, $2::bigint - 1) n
                ), tickets as (
                    insert into ticket (number, code, status, office, priority, channel, language, opened_at, undecided,
                        decision, config, contact_medium, contact)
                    select -1 - n, '\(OutageLoad.prefix)' || n, 'open', 'urp',
                        case urgency when 3 then 'urgent' else 'normal' end, 'bench', 'it', at, true, '{}', 'bench',
                        'app_io', 'RSSMRA80A01H501U'
                    from n
                ), events as (
                    insert into event (id, ticket, at, kind, actor, office)
                    select ('10' || lpad(to_hex(n), 30, '0'))::uuid, -1 - n, at, 'opened', 'rules', 'urp' from n
                )
                insert into notification (id, ticket, event, medium, recipient, template, language, created_at,
                    next_attempt_at, expires_at, urgency)
                select ('11' || lpad(to_hex(n * 2), 30, '0'))::uuid, -1 - n, ('10' || lpad(to_hex(n), 30, '0'))::uuid,
                    'app_io', 'RSSMRA80A01H501U', 'opened', 'it', at, at, now() + interval '3 days', urgency
                from n
                """, [.int8(Int64(first)), .int8(Int64(last)), .double(Double(count))])
        }
        _ = try await connection.query("analyze notification")
    }

    /// How many notifications of a medium have one of these statuses.
    public func count(_ medium: String, _ statuses: String...) async throws -> Int {
        let list = statuses.map { "'\($0)'" }.joined(separator: ", ")
        return Int(
            try await connection.query(
                "select count(*) from notification where medium = '\(medium)' and status in (\(list))"
            ).first?.int(0) ?? 0)
    }

    /// Waits until nothing of a line is open; seconds since `start`.
    public func settled(_ line: String, since start: ContinuousClock.Instant) async throws -> Double {
        let open = "status in ('waiting', 'sending') and line = '\(line)'"
        while try await connection.query(
            """
            select 1 where exists (select from notification where \(open) and owner is null)
                or exists (select from notification where \(open) and owner is not null)
            """
        ).first != nil {
            try await Task.sleep(for: .milliseconds(50))
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    /// Waits until the daemon says that nothing goes to App IO.
    public func held() async throws {
        let sql = """
            select 1 from daemon d cross join lateral jsonb_array_elements(d.stats -> 'destinations') g
            where g ->> 'line' = 'app_io' and g ->> 'state' in ('paused', 'probing') and d.beat_at > now() - interval '10 s'
            """
        while try await connection.query(sql).first == nil { try await Task.sleep(for: .milliseconds(100)) }
    }

    /// How what was delivered after the outage came.
    public struct Recovery: Sendable {
        public var delivered = 0
        public var perSecond = 0.0
        /// Of the urgent ones delivered: at which place the last one came, over all.
        public var lastUrgent = 0
        /// By how many places the one that is furthest from its own by age is, among those not urgent.
        public var displacement = 0

        public init() {}
    }

    public func recovery() async throws -> Recovery {
        let row = try await connection.query(
            """
            with came as (
                select n.urgency, n.created_at, n.done_at,
                    row_number() over (order by n.done_at, n.urgency desc, n.created_at) as place
                from notification n where n.medium = 'app_io' and n.status = 'delivered' and n.ticket < 0
            ), ranked as (
                select *, row_number() over (partition by urgency order by created_at) as rank,
                    row_number() over (partition by urgency order by place) as got
                from came
            )
            select count(*), extract(epoch from max(done_at) - min(done_at))::float8,
                coalesce(max(place) filter (where urgency = 3), 0),
                coalesce(max(abs(rank - got)) filter (where urgency = 1), 0)
            from ranked
            """
        ).first
        var recovery = Recovery()
        recovery.delivered = Int(row?.int(0) ?? 0)
        let seconds = row?.double(1) ?? 0
        recovery.perSecond = seconds > 0 ? Double(recovery.delivered) / seconds : 0
        recovery.lastUrgent = Int(row?.int(2) ?? 0)
        recovery.displacement = Int(row?.int(3) ?? 0)
        return recovery
    }
}
