import Civic
import Postgres

/// The queue as a whole.
extension Outbox {
    /// How many wait for a destination, by age.
    public struct Shape: Hashable, Sendable {
        /// Minutes; the last class has no end.
        public static let bounds = [5, 10, 20, 40, 80, 160, 320, 640, 1280]

        public var line: String
        public var destination: String
        /// By age: up to 5 minutes, up to 10, and so on.
        public var counts: [Int]
        public var total: Int { counts.reduce(0, +) }

        public init(line: String, destination: String, counts: [Int]) {
            self.line = line
            self.destination = destination
            self.counts = counts
        }

        public static func columns() -> [String] {
            ["T"] + bounds.map { "\($0)" } + ["\(bounds.last ?? 0)+"]
        }

        public var json: JSON {
            .object([
                ("line", .string(line)), ("destination", .string(destination)), ("total", .int(Int64(total))),
                ("minutes", .object(zip(Self.columns().dropFirst(), counts).map { ($0, .int(Int64($1))) })),
            ])
        }
    }

    /// By line and destination, the largest first; an age class is a column.
    public func shape(_ selection: Selection, at now: Timestamp) async throws -> [Shape] {
        let (from, values) = selection.sql
        // Bucket 0 is younger than the first bound.
        let bounds = Shape.bounds.map { "\($0 * 60)" }.joined(separator: ", ")
        let rows = try await pool.query(
            """
            select n.line, \(Selection.destination) as destination,
                width_bucket(extract(epoch from $\(values.count + 1)::timestamptz - n.created_at)::float8,
                    array[\(bounds)]::float8[]) as age, count(*)
            from \(from) group by 1, 2, 3
            """, values + [.timestamptz(now.microseconds)])
        var shapes: [[String]: Shape] = [:]
        for row in rows {
            guard let line = row.string(0), let destination = row.string(1), let age = row.int(2),
                let count = row.int(3)
            else { continue }
            var shape =
                shapes[[line, destination]]
                ?? Shape(
                    line: line, destination: destination, counts: Array(repeating: 0, count: Shape.bounds.count + 1))
            shape.counts[min(max(Int(age), 0), Shape.bounds.count)] += Int(count)
            shapes[[line, destination]] = shape
        }
        return shapes.values.sorted { ($1.total, $0.line, $0.destination) < ($0.total, $1.line, $1.destination) }
    }

    /// How many wait by medium, and since when the oldest does.
    public func waiting() async throws -> [(medium: String, count: Int, oldest: Timestamp?)] {
        try await pool.query(
            """
            select medium, count(*), min(created_at) from \(Selection(statuses: Selection.open).sql.from)
            group by medium order by medium
            """, Selection(statuses: Selection.open).sql.values
        ).compactMap { row in
            guard let medium = row.string(0), let count = row.int(1) else { return nil }
            return (medium, Int(count), row.moment(2))
        }
    }

    /// Since when the oldest of each line is due: not what waits for quiet hours, to be told together with more, or for an
    /// earlier one of its ticket. One that was attempted has been due since its first attempt.
    public func lateness(at now: Timestamp) async throws -> [String: Timestamp] {
        let since = """
            case when n.attempts = 0 or n.reason like '%quiet hours' then n.next_attempt_at
                else coalesce((select min(a.at) from attempt a where a.notification = n.id), n.next_attempt_at) end
            """
        let rows = try await pool.query(
            """
            with recursive part as (
                (select line, urgency from notification
                    where \(Outbox.open) and owner is null order by line, urgency limit 1)
                union all
                select n.line, n.urgency from part p cross join lateral (
                    select line, urgency from notification
                    where \(Outbox.open) and owner is null and (line, urgency) > (p.line, p.urgency)
                    order by line, urgency limit 1) n
            ), late as (
                select f.line, f.since from part cross join lateral (
                    select n.line, \(since) as since from notification n
                    where \(Outbox.open) and n.owner is null and n.line = part.line and n.urgency = part.urgency
                        and not \(Outbox.isBehind("n", anyoneBut: "-1"))
                    order by n.next_attempt_at limit 1) f
                union all
                select n.line, \(since) from notification n
                where \(Outbox.open) and n.owner is not null and not \(Outbox.isBehind("n", anyoneBut: "-1"))
            )
            select line, min(since) from late where since <= $1 group by line
            """, [.timestamptz(now.microseconds)])
        var late: [String: Timestamp] = [:]
        for row in rows { if let line = row.string(0), let since = row.moment(1) { late[line] = since } }
        return late
    }
}
