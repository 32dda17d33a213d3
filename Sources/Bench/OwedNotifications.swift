import Civic
import Postgres

/// Tickets with what their citizens are owed, as intake leaves them in the tables: for measuring delivery alone.
public struct OwedNotifications: Sendable {
    /// What the rows are made of, each in turn.
    public struct Material: Sendable {
        public var prefix: String
        public var categories: [String]
        public var offices: [String]
        /// By weight: a language may stand here several times.
        public var languages: [String]
        public init(prefix: String, categories: [String], offices: [String], languages: [String]) {
            self.prefix = prefix
            self.categories = categories
            self.offices = offices
            self.languages = languages
        }
    }

    /// What became of them.
    public struct Outcome: Sendable {
        public var statuses: [String: Int] = [:]
        public var attempts = 0
        /// From the first outcome to the last.
        public var seconds = 0.0
    }

    private static let pass = 5000
    private let connectionString: String
    private let material: Material

    public init(connectionString: String, material: Material) {
        self.connectionString = connectionString
        self.material = material
    }

    /// Writes `count` notifications in one transaction, so that all can be seen at once.
    /// - Parameter medium: `email` or `app_io`.
    public func fill(_ medium: String, count: Int) async throws {
        try await withConnection(to: connectionString) { connection in
            guard
                let row = try await connection.query("select ticket_key, nextval('ticket_block') from instance").first,
                let key = row.bytes(0), let last = row.int(1)
            else { throw PostgresError(.usage, "the database has no instance") }
            _ = try await connection.query(
                "select setval('ticket_block', $1)", [.int8(last + Int64(count / 4096 + 1) * 4096)])
            try await connection.transaction { session in
                for start in stride(from: 0, to: count, by: Self.pass) {
                    let numbers = (start..<min(start + Self.pass, count)).map { last + 1 + Int64($0) }
                    let codes = numbers.map { TicketCode(prefix: material.prefix, number: $0, key: key)?.text }
                    _ = try await session.query(
                        Self.statement,
                        [
                            .int8Array(numbers), .textArray(codes), .text(medium), .textArray(material.categories),
                            .textArray(material.offices), .textArray(material.languages),
                        ])
                }
            }
            _ = try await connection.query("analyze ticket, event, notification, message")
        }
    }

    /// Returns once none is owed any more, and says what became of those of this medium since `fill`.
    public func outcome(of medium: String) async throws -> Outcome {
        try await withConnection(to: connectionString) { connection in
            while try await connection.query(
                "select from notification where status in ('waiting', 'sending') limit 1"
            ).first != nil {
                try await Task.sleep(for: .milliseconds(200))
            }
            var outcome = Outcome()
            for row in try await connection.query(
                "select status, count(*), sum(attempts) from notification where medium = $1 group by status",
                [.text(medium)])
            {
                guard let status = row.string(0), let count = row.int(1), let attempts = row.int(2) else { continue }
                outcome.statuses[status] = Int(count)
                outcome.attempts += Int(attempts)
            }
            let span = try await connection.query(
                """
                select (extract(epoch from max(done_at) - min(done_at)) * 1000000)::bigint from notification
                where medium = $1
                """, [.text(medium)])
            outcome.seconds = Double(span.first?.int(0) ?? 0) / 1e6
            return outcome
        }
    }

    /// Leaves the tables as they were before anything was filled in.
    public func clear() async throws {
        try await withConnection(to: connectionString) { connection in
            try await connection.script("truncate notification, event, ticket, message, citizen, identity")
            _ = try await connection.query("checkpoint")
        }
    }

    /// A half is told that the ticket was opened; of the others some that work began, that it was resolved, or an
    /// answer, with an office's note where there usually is one.
    private static let statement = """
        with made as (
            select number, code, ($4::text[])[1 + number % cardinality($4::text[])] as category,
                ($5::text[])[1 + number % cardinality($5::text[])] as office,
                ($6::text[])[1 + number % cardinality($6::text[])] as language,
                (array['opened', 'resolved', 'opened', 'in_progress', 'opened', 'answered'])[1 + number % 6] as template,
                gen_random_uuid() as opening, gen_random_uuid() as latest, gen_random_uuid() as citizen,
                case $3::text when 'email' then 'p' || number || '@example.org'
                    else 'RSSMRA' || lpad((number % 100)::text, 2, '0') || 'H'
                        || lpad((1 + number % 28)::text, 2, '0') || 'H' || lpad((number / 100 % 1000)::text, 3, '0')
                        || chr((65 + number % 26)::int) end as recipient
            from unnest($1::bigint[], $2::text[]) as given (number, code)
        ), known as (
            insert into citizen (id, first_seen) select citizen, now() from made
        ), said as (
            insert into message (id, channel, external_id, received_at, citizen, ticket, body, language, raw, scope)
            select gen_random_uuid(), 'bench', 'owed-' || number, now(), citizen, number, repeat('buca in strada ', 8),
                language, convert_to(repeat('0123456789abcdef', 22), 'UTF8'), 'bench' from made
        ), opened as (
            insert into ticket (number, code, status, category, office, priority, area, channel, language, opened_at,
                due_at, citizen, contact_medium, contact, undecided, decision, config)
            select number, code, 'open', category, office, 'normal', null, 'bench', language, now() - interval '3 days',
                now() + interval '20 days', citizen, $3::text, recipient, false, '{}', 'bench' from made
        ), happened as (
            insert into event (id, ticket, at, kind, actor, note, office)
            select opening, number, now() - interval '3 days', 'opened', 'rules', null, office from made
            union all
            select latest, number, now(), template, 'office:' || office,
                case when template in ('resolved', 'answered') then
                    'La squadra è intervenuta questa mattina in via Tuscolana 512: la buca è stata chiusa con asfalto a '
                    || 'caldo e la segnaletica ripristinata.' || chr(10) || 'Grazie per la segnalazione; per altre '
                    || 'richieste può rispondere qui <o chiamare>.' end, office
            from made where template <> 'opened'
        )
        insert into notification (id, ticket, event, medium, recipient, template, language, created_at, next_attempt_at,
            expires_at)
        select gen_random_uuid(), number, case template when 'opened' then opening else latest end, $3::text, recipient,
            template, language, now(), now(), now() + interval '3 days' from made
        """
}
