import EventLoop
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Postgres

/// PostgreSQL fails in ways of its own: its disk is full, or another server takes its place.
@Suite(.serialized, .timeLimit(.minutes(20))) struct FailoverAcceptance {
    /// What was acknowledged, by id.
    private final class Sender: Sendable {
        private let state = Mutex((acknowledged: Set<String>(), refused: 0))
        var acknowledged: Set<String> { state.withLock { $0.acknowledged } }
        var refused: Int { state.withLock { $0.refused } }

        /// Posts until it is acknowledged.
        func send(_ id: String, to running: City.Running) async throws {
            while true {
                let answer = try await running.post(
                    #"{"id":"\#(id)","from":{"email":"\#(id)@example.org"},"text":"buca in strada"}"#)
                if [200, 201].contains(answer.status) { break }
                guard answer.status == 503 else { throw City.Failure("\(answer.status): \(answer.text)") }
                state.withLock { $0.refused += 1 }
            }
            _ = state.withLock { $0.acknowledged.insert(id) }
        }
    }

    @Test("The primary dies and its standby is promoted: nothing acknowledged is lost, the daemon goes on")
    func failover() async throws {
        let name = UUID().uuidString.prefix(8)
        let places = ["/tmp/pasquino-pg-\(name)-1", "/tmp/pasquino-pg-\(name)-2"]
        let servers = places.map { PostgresServer(directory: $0, options: ["shared_buffers": "32MB"]) }
        defer {
            for server in servers { server.kill() }
            for place in places { try? FileManager.default.removeItem(atPath: place) }
        }
        _ = try await servers[0].start()
        try FileManager.default.createDirectory(atPath: places[1], withIntermediateDirectories: true)
        let data = "\(places[1])/data"
        _ = try Tool.output([
            "\(try servers[0].programs)/pg_basebackup", "--host=\(places[0])/run", "--username=postgres",
            "--pgdata=\(data)",
            "--write-recovery-conf", "--checkpoint=fast",
        ])
        // PostgreSQL serves only its own user's data.
        _ = try Tool.output(["sh", "-c", "chown -R --reference='\(places[0])/data' '\(data)'"])
        _ = try await servers[1].start()

        let hosts = places.map { "\($0)/run" }.joined(separator: ",")
        let city = try await City(extra: [
            "PASQUINO_DATABASE":
                "host=\(hosts) port=5432,5432 user=postgres dbname=postgres target_session_attrs=read-write"
        ])
        do {
            // Not before the standby is there: nobody could commit.
            let first = servers[0].connectionString
            _ = try await city.query("alter system set synchronous_standby_names = '*'", at: first)
            _ = try await city.query("select pg_reload_conf()::text", at: first)
            while try await city.query("select sync_state from pg_stat_replication", at: first) != ["sync"] {}
            let running = try await city.start()
            let sender = Sender()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        for number in 0..<100 { try await sender.send("m\(lane)-\(number)", to: running) }
                    }
                }
                group.addTask {
                    while sender.acknowledged.count < 200 { try await Task.sleep(for: .milliseconds(5)) }
                    servers[0].kill()
                    let before = sender.acknowledged
                    while sender.refused == 0 { try await Task.sleep(for: .milliseconds(5)) }
                    _ = try await city.query("select pg_promote()::text", at: servers[1].connectionString)
                    let there = try await city.query(
                        "select external_id from message", at: servers[1].connectionString)
                    #expect(before.subtracting(there.compactMap(\.self)).isEmpty, "an acknowledged message is lost")
                }
                try await group.waitForAll()
            }
            #expect(sender.acknowledged.count == 800 && sender.refused > 0)
            let tickets = try await city.query("select count(*)::text from ticket", at: servers[1].connectionString)
            #expect(tickets == ["800"])
            #expect(try await HTTP.get(running.base + "/health/live").status == 200)
            await city.end(running)
        } catch {
            await city.end(nil)
            throw error
        }
    }

    @Test(
        "PostgreSQL's disk is full: 503 and alive; when there is room all goes on by itself",
        .enabled(if: geteuid() == 0, "needs root to mount a tmpfs"))
    func fullDisk() async throws {
        let city = try await City()
        _ = try Tool.output(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", city.state])
        defer { _ = try? Tool.output(["umount", "-l", city.state]) }
        do {
            let running = try await city.start()
            // All but two megabytes.
            _ = try Tool.output([
                "sh", "-c",
                "cd '\(city.state)'; fallocate -l $(($(stat -f -c '%a*%S' .) - 2097152)) ballast && chmod 600 ballast",
            ])
            var stored = 0
            var answer = try await running.post(Self.large(stored))
            while answer.status == 201, stored < 2000 {
                stored += 1
                answer = try await running.post(Self.large(stored))
            }
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil, "\(answer.text)")
            #expect(try await HTTP.get(running.base + "/health/live").status == 200)
            #expect(try await running.post(Self.large(stored)).status == 503)
            try FileManager.default.removeItem(atPath: "\(city.state)/ballast")
            while true {
                let answer = try await running.post(Self.large(stored))
                if answer.status == 201 || answer.status == 200 { break }
                #expect(answer.status == 503, "\(answer.text)")
            }
            #expect(try await city.query("select count(*)::text from ticket") == ["\(stored + 1)"])
            await city.end(running)
        } catch {
            await city.end(nil)
            throw error
        }
    }

    private static func large(_ number: Int) -> String {
        let text = (0..<4000).map { "\($0 &* 7919 &+ number)" }.joined(separator: " ")
        return #"{"id":"m\#(number)","text":"buca in strada \#(text)"}"#
    }
}
