import EventLoop
import Foundation
import Postgres
import Store

/// What this machine's PostgreSQL does without the daemon: pgbench doing the same inserts, prepared, on the same server with
/// the same settings.
public enum Baseline {
    /// How one message's rows are written.
    public enum Shape: String, CaseIterable, Sendable {
        /// BEGIN, an INSERT for each table, COMMIT: how a program writes them that does not batch.
        case inserts
        /// All rows in one statement, which is the fastest that can be done without batching: one round trip.
        case statement
        /// All rows of 500 messages in one statement: what batching can gain.
        case batches

        public var description: String {
            switch self {
            case .inserts: "an INSERT for each of the six rows"
            case .statement: "the six rows in one statement"
            case .batches: "the six rows of each of 500 messages in one statement"
            }
        }

        /// With batches a third client adds next to nothing.
        public var clients: Int { self == .batches ? 2 : 64 }

        /// Messages in one transaction.
        public var size: Int { self == .batches ? 500 : 1 }
    }

    /// pgbench takes a colon and a letter or digit for a variable, also within quotes: hence the spaces in the JSON.
    private static let variables = """
        \\set number random(1, 9000000000000000)
        \\set person random(1, 1000000)

        """
    private static let message = """
        insert into message (id, channel, external_id, received_at, citizen, ticket, body, language, raw,
                scope)
            select gen_random_uuid(), 'bench', 'x' || :number, now(), md5(:person::text)::uuid, :number,
                repeat('buca in strada ', 8), 'it', convert_to(repeat('0123456789abcdef', 22), 'UTF8'),
                'bench'
        """
    private static let others = [
        """
        insert into ticket (number, code, status, category, office, priority, area, channel, language, opened_at,
                due_at, citizen, contact_medium, contact, undecided, decision, config)
            select :number, 'X' || :number, 'open', 'strade.buche', 'municipio-vii', 'normal', 'municipio-vii', 'bench',
                'it', now(), now(), md5(:person::text)::uuid, 'email', 'p' || :person || '@example.org', false,
                '{"decision":{"category":"strade.buche","office":"municipio-vii","priority":"normal","sla":"10wd","tags":[]},"because":[{"field":"category","rule":"strade.buche","condition":"text: buca","matched":[{"text":"buca","offset": 6,"length": 4}]}],"nearly":[],"undecided": false,"config":"0123456789ab"}'::jsonb,
                '0123456789ab'
        """,
        """
        insert into event (id, ticket, at, kind, actor, office)
            select gen_random_uuid(), :number, now(), 'opened', 'rules', 'municipio-vii'
        """,
        "insert into citizen (id, first_seen) select md5(:person::text)::uuid, now()",
        """
        insert into identity (kind, value, attested, citizen)
            select 'email', 'p' || :person || '@example.org', false, md5(:person::text)::uuid
        """,
        """
        insert into notification (id, ticket, event, medium, recipient, template, language, created_at, next_attempt_at,
                expires_at, owner)
            select gen_random_uuid(), :number, gen_random_uuid(), 'email', 'p' || :person || '@example.org', 'opened',
                'it', now(), now(), now(), 1
        """,
    ]

    /// Citizens and their identities may be known already, and in a daemon's statement messages.
    private static func tolerant(_ insert: String) -> String {
        let tables = ["message", "citizen", "identity"]
        return tables.contains { insert.hasPrefix("insert into \($0) ") } ? " on conflict do nothing" : ""
    }

    static func script(_ shape: Shape) -> String {
        switch shape {
        case .inserts:
            let inserts = ([message] + others).map { $0 + tolerant($0) }
            return variables + (["begin"] + inserts + ["commit"]).map { $0 + ";\n" }.joined()
        case .statement:
            let parts = others.enumerated().map { "p\($0) as (\($1) from m\(tolerant($1)))" }
            return variables + "with m as (\(message)\(tolerant(message)) returning id), "
                + parts.joined(separator: ", ")
                + " select from m;\n"
        case .batches:
            let parts = ([message] + others).enumerated().map { number, insert in
                let each = insert.replacingOccurrences(of: ":number", with: "n.number")
                    .replacingOccurrences(of: ":person", with: "n.person")
                return "p\(number) as (\(each) from n\(tolerant(insert)))"
            }
            return """
                with n as materialized (
                    select (random() * 9e15)::bigint as number, (random() * 1e6)::bigint as person
                    from generate_series(1, \(shape.size)) order by 2
                ), \(parts.joined(separator: ", ")) select from n limit 1;

                """
        }
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    /// Runs pgbench against a fresh database of this server.
    /// - Parameters:
    ///   - connectionString: of the server's main database; its superuser may make another.
    ///   - shape: how a message's rows are written.
    ///   - pgbench: the program's path.
    ///   - messages: how many, of all clients together. Not a time: pgbench ends one by SIGALRM, which a child of a
    ///     Dispatch thread inherits blocked.
    /// - Returns: messages a second.
    public static func measure(_ shape: Shape, connectionString: String, pgbench: String, messages: Int)
        async throws -> Double
    {
        let name = "bench_limit_\(UInt32.random(in: 0...UInt32.max))"
        let admin = try connection(to: connectionString)
        do {
            _ = try await admin.query("create database \(name)")
            let target = connectionString + " dbname=\(name)"
            let schema = try connection(to: target)
            for migration in Migrator.known { try await schema.script(migration.sql) }
            await schema.close()
            let rate = try await run(shape, pgbench, target: target, messages: messages)
            _ = try await admin.query("drop database \(name)")
            await admin.close()
            return rate
        } catch {
            await admin.close()
            throw error
        }
    }

    private static func connection(to string: String) throws -> PostgresConnection {
        PostgresConnection(
            configuration: PostgresConfiguration(connectionString: string, applicationName: "pasquino-bench"),
            loop: try EventLoop(label: "pasquino.bench.admin"), observe: { _ in })
    }

    private static func run(_ shape: Shape, _ pgbench: String, target: String, messages: Int) async throws -> Double {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("pasquino-\(UUID().uuidString).sql")
        // pgbench ends a statement at the semicolon and reads \set lines by themselves.
        try script(shape).write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }  // a leftover in the temporary directory harms nobody
        let process = Process()
        process.executableURL = URL(fileURLWithPath: pgbench)
        process.arguments = [
            "-n", "-M", "prepared", "-c", "\(shape.clients)", "-j", "2", "-t",
            "\(max(1, messages / shape.size / shape.clients))", "-f",
            file.path, target,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("tps = ") }),
            let rate = Double(line.dropFirst(6).prefix { $0 != " " })
        else {
            let reason = text.split(separator: "\n").first { $0.contains("ERROR") || $0.contains("error") }
            throw Failure(description: "pgbench failed: \(reason ?? text.suffix(200)[...])")
        }
        return rate * Double(shape.size)
    }
}
