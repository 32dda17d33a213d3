import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// PostgreSQL is away: what citizens post to a channel with a spool is kept, and is drained when it is back.
@Suite(.serialized, .timeLimit(.minutes(20))) struct SpoolAcceptance {
    @Test("Kept over kill -9 of the daemon; then every message has one ticket, in order, its text intact")
    func outage() async throws {
        try await withOwnServer { city, server in
            let first = try await city.start()
            let before = try await first.post(Self.message(0), to: first.spooled)
            #expect(before.status == 201, "\(before.text)")
            server.kill()

            var kept: [String] = []
            for number in 1...30 {
                let answer = try await first.post(Self.message(number), to: first.spooled)
                #expect(answer.status == 202 && answer.member("outcome") == "kept", "\(answer.text)")
                #expect(answer.member("ticket") == "<null>", "\(answer.text)")
                kept.append(try #require(answer.member("message")))
            }
            // The same one again.
            #expect(try await first.post(Self.message(30), to: first.spooled).status == 202)
            // What was written just before the crash.
            #expect(try await first.post(Self.message(0), to: first.spooled).status == 202)
            let other = try await first.post(Self.message(1))
            #expect(other.status == 503 && other.headers["retry-after"] != nil, "\(other.text)")
            // What would be refused is refused.
            #expect(try await first.post(#"{"id":"x"}"#, to: first.spooled).status == 422)
            #expect(try await first.post(Self.message(1), to: first.spooled, token: "wrong").status == 401)
            let (status, said) = try await city.run(["status"])
            #expect(status == 1 && said.contains("32 waiting for PostgreSQL"), "\(said)")
            #expect(!first.program.output.contains("buca"), "a citizen's words are in the log")

            first.program.signal(SIGKILL)
            _ = await first.program.wait()
            _ = try await server.start()
            // Who wrote what waits is not known yet.
            let erase = ["citizen", "erase", "--email", "c0@example.org", "--all", "--open-too"]
            let early = try await city.run(erase + ["--reason", "prova", "--by", "prova"])
            #expect(early.status == 1 && early.output.contains("32 on this machine"), "\(early)")
            #expect(try await city.run(erase + ["--dry-run"]).status == 0)
            let second = try await city.start()
            // Whoever comes during the drain goes straight to PostgreSQL.
            let direct = try await second.post(Self.message(31), to: second.spooled)
            #expect(direct.status == 201, "\(direct.text)")
            try await city.spoolIsEmpty(second)

            let messages = try await city.sql(
                server,
                "select m.id || ' ' || m.body from message m join ticket t on t.number = m.ticket "
                    + "where m.external_id <> 'm31' order by t.number")
            #expect(messages.count == 31)
            #expect(
                Array(messages.dropFirst()) == zip(kept, 1...30).map { "\($0) c'è una buca n. \($1) in via Tuscolana" })
            let counts = try await city.sql(server, "select count(*)::text from ticket")
            #expect(counts == ["32"])
            // Each citizen is told; of the first it was perhaps not on record yet that they were.
            for number in [1, 30] {
                let again = try await second.post(Self.message(number), to: second.spooled)
                #expect(again.status == 200 && again.member("outcome") == "duplicate", "\(again.text)")
            }
            try await city.quiet()
            #expect(try await city.counts().distinctMessageIDs == 32)
            #expect(second.program.output.contains("drained from the spool, which is empty"))
            await city.end(second)
        }
    }

    @Test("PostgreSQL comes back while the daemon runs: drained without a restart, also what can be read no more")
    func comesBack() async throws {
        try await withOwnServer { city, server in
            let running = try await city.start()
            server.kill()
            for number in 0..<120 {
                let answer = try await running.post(Self.message(number), to: running.spooled)
                #expect(answer.status == 202, "\(answer.text)")
            }
            // A form of another maker's, which nobody could read at once either.
            let form = try await HTTP.post(
                running.base + "/v1/channels/altro", body: Data(#"{"nothing":"here"}"#.utf8), token: City.token)
            #expect(form.status == 202 && form.member("outcome") == "kept", "\(form.text)")
            let metrics = try await HTTP.get(running.base + "/metrics").text
            #expect(metrics.contains(#"pasquino_spool_kept_total{channel="modulo"} 120"#))
            _ = try await server.start()
            try await city.spoolIsEmpty(running)
            #expect(try await city.sql(server, "select count(*)::text from ticket") == ["120"])
            #expect(try await city.sql(server, "select channel from unread_mail") == ["altro"])
            let (_, status) = try await city.run(["status", "--json"])
            #expect(status.contains(#""waiting": 0, "oldest_s": null, "set_aside": 0}"#), "\(status)")
            await city.end(running)
        }
    }

    @Test("Started while PostgreSQL is away it keeps, over kill -9, and goes on without a refusal when it is back")
    func startsWithoutPostgreSQL() async throws {
        try await withOwnServer { city, server in
            let before = try await city.start()
            #expect(try await before.post(Self.message(0), to: before.spooled).status == 201)
            before.program.signal(SIGTERM)
            _ = await before.program.wait()
            server.kill()
            let kept = "what channels with a spool post is kept"

            let first = try await city.start(until: kept)
            for number in 1...10 {
                let answer = try await first.post(Self.message(number), to: first.spooled)
                #expect(answer.status == 202 && answer.member("outcome") == "kept", "\(answer.text)")
            }
            let other = try await first.post(Self.message(1))
            #expect(other.status == 503 && other.headers["retry-after"] != nil, "\(other.text)")
            #expect(try await first.post(#"{"id":"x"}"#, to: first.spooled).status == 422)
            #expect(try await first.post(Self.message(1), to: first.spooled, token: "wrong").status == 401)
            for (path, status) in [("/health/live", 200), ("/health/ready", 503), ("/t/R-1", 503), ("/", 503)] {
                #expect(try await HTTP.get(first.base + path).status == status, "\(path)")
            }
            while try await !HTTP.get(first.base + "/metrics").text.contains("\npasquino_spool_waiting 10\n") {}
            first.program.signal(SIGKILL)
            _ = await first.program.wait()

            let told = try await city.start(until: kept)
            told.program.signal(SIGTERM)
            #expect(await told.program.wait() == 0)

            let second = try await city.start(until: kept)
            let form = try await HTTP.post(
                second.base + "/v1/channels/altro", body: Data(#"{"testo":"c'è una buca n. 11"}"#.utf8),
                token: City.token)
            #expect(form.status == 202 && form.member("outcome") == "kept", "\(form.text)")
            _ = try await server.start()
            var number = 12
            while true {
                let answer = try await second.post(Self.message(number), to: second.spooled)
                if answer.status == 201 { break }
                // Faster than the channel may; its rate begins anew with the routes.
                if answer.status == 429 { continue }
                try #require(answer.status == 202, "\(answer.text)")
                number += 1
            }
            try await city.spoolIsEmpty(second)
            let texts = try await city.sql(
                server,
                "select m.body from message m join ticket t on t.number = m.ticket where m.external_id <> 'm\(number)' "
                    + "or m.external_id is null order by t.number")
            let numbers = texts.map { City.number(in: $0 ?? "", after: "n. ") }
            #expect(numbers == Array(0..<number))
            try await city.quiet()
            await city.end(second)
        }
    }

    @Test(
        "The spool's disk is full: 503 and alive; kept again when there is room",
        .enabled(if: geteuid() == 0, "needs root to mount a tmpfs"))
    func fullDisk() async throws {
        try await withOwnServer { city, server in
            let spool = "\(city.state)/spool"
            try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: true)
            _ = try Tool.output(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", spool])
            defer { _ = try? Tool.output(["umount", "-l", spool]) }
            let running = try await city.start()
            server.kill()
            var kept = 0
            while true {
                let answer = try await running.post(Self.message(kept, padding: 3000), to: running.spooled)
                guard answer.status == 202 else {
                    #expect(answer.status == 503 && answer.headers["retry-after"] != nil, "\(answer.text)")
                    break
                }
                kept += 1
            }
            #expect(kept > 5)
            #expect(try await HTTP.get(running.base + "/health/live").status == 200)
            // Somebody makes room.
            _ = try Tool.output(["mount", "-o", "remount,size=1m", spool])
            #expect(try await running.post(Self.message(kept, padding: 3000), to: running.spooled).status == 202)
            _ = try await server.start()
            try await city.spoolIsEmpty(running)
            #expect(try await city.sql(server, "select count(*)::text from ticket") == ["\(kept + 1)"])
            await city.end(running)
        }
    }

    private static func message(_ number: Int, padding: Int = 0) -> String {
        #"{"id":"m\#(number)","from":{"email":"c\#(number)@example.org"},"text":"c'è una buca n. \#(number) in via Tuscolana\#(String(repeating: " x", count: padding / 2))"}"#
    }

    /// Rome on a PostgreSQL that nobody starts again, with a channel that has a spool.
    private func withOwnServer(_ body: (City, PostgresServer) async throws -> Void) async throws {
        let place = "/tmp/pasquino-pg-\(UUID().uuidString.prefix(8))"
        let server = PostgresServer(directory: place, options: ["shared_buffers": "32MB"])
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        defer {
            server.kill()
            for path in [place, folder] { try? FileManager.default.removeItem(atPath: path) }
        }
        let connection = try await server.start()
        try SpoolCity.configure(folder, database: connection)
        let city = try await City(configuration: folder)
        do { try await body(city, server) } catch {
            await city.end(nil)
            throw error
        }
    }
}

/// Rome with channels that have a spool, on a PostgreSQL of its own.
enum SpoolCity {
    static func configure(_ folder: String, database: String) throws {
        try FileManager.default.copyItem(atPath: City.root + "/Config/roma", toPath: folder)
        func edit(_ name: String, _ change: (String) -> String) throws {
            let path = "\(folder)/\(name)"
            try change(try String(contentsOfFile: path, encoding: .utf8)).write(
                toFile: path, atomically: true, encoding: .utf8)
        }
        try edit("pasquino.yaml") { text in
            text.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.hasPrefix("database:") ? "database: \"\(database)\"" : String($0)
            }.joined(separator: "\n")
        }
        try edit("channels.yaml") {
            $0 + """

                  - name: modulo
                    type: webhook
                    token: ${env:PASQUINO_PORTALE_TOKEN}
                    spool: true
                  - name: altro
                    type: webhook
                    token: ${env:PASQUINO_PORTALE_TOKEN}
                    spool: true
                    fields: {text: testo}

                """
        }
    }
}

extension City {
    /// Waits until nothing waits in the spool.
    func spoolIsEmpty(_ running: Running) async throws {
        while try await HTTP.get(running.base + "/metrics").text.contains("\npasquino_spool_waiting 0\n") == false
            || FileManager.default.contentsOfDirectory(atPath: state + "/spool").contains(where: {
                $0.hasSuffix(".spool")
            })
        {}
    }

    func sql(_ server: PostgresServer, _ sql: String) async throws -> [String?] {
        try await query(sql, at: server.connectionString)
    }
}

extension City.Running {
    var spooled: String { base + "/v1/channels/modulo/messages" }
}
