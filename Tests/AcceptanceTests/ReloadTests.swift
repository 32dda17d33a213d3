import Foundation
import Synchronization
import TestSupport
import Testing

/// Reloads of the running daemon, and the shadow's rules.
@Suite(.serialized, .timeLimit(.minutes(30))) struct ReloadAcceptance {
    /// A small city of its own in `folder`, which loads at once.
    private final class Town: Sendable {
        let folder = "/tmp/pasquino-borgo-\(UUID().uuidString.prefix(8))"

        init(shadow: Bool = false) throws {
            let good = City.root + "/Tests/SettingsTests/Fixtures/good"
            try FileManager.default.copyItem(atPath: good, toPath: folder)
            try write(
                "pasquino.yaml",
                """
                city:
                  {name: Borgo, prefix: BG, language: it, languages: [it, en], time_zone: Europe/Rome,
                   base_url: http://localhost:8060, last_resort: urp, calendar: uffici}
                listen: "${env:PASQUINO_LISTEN}"
                database: embedded

                """ + (shadow ? "rules: {shadow: next}\n" : ""))
            let channels = try String(contentsOfFile: good + "/channels.yaml", encoding: .utf8)
            try write(
                "channels.yaml", channels.replacing("messages_per_minute: 50", with: "messages_per_minute: 10000000"))
            for file in ["10-pericoli.yaml", "20-strade.yaml"] {
                try FileManager.default.removeItem(atPath: "\(folder)/rules/\(file)")
            }
            try rules(category: "strade.buche")
        }

        func write(_ file: String, _ text: String) throws {
            try FileManager.default.createDirectory(
                atPath: (folder as NSString).appendingPathComponent((file as NSString).deletingLastPathComponent),
                withIntermediateDirectories: true)
            try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
        }

        func rules(category: String, comment: String = "", in directory: String = "rules") throws {
            try write(
                "\(directory)/10.yaml",
                """
                # \(comment)
                rules:
                  - name: buche
                    when: {text: [buca]}
                    then: {category: \(category), office: urp}
                    examples: {match: [una buca]}

                """)
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody

        static let environment = [
            "PORTALE_TOKEN": City.token, "SPORTELLO_TOKEN": "another-one", "OFFICE_TOKEN": City.officeToken,
            "PORTALE_SECRET": "whsec_" + City.signingSecret,
        ]
    }

    private func city(_ town: Town) async throws -> City {
        try await City(configuration: town.folder, extra: Town.environment)
    }

    /// One query on the city's own PostgreSQL.
    private func query(_ city: City, _ sql: String) async throws -> [[String?]] {
        try await city.session { try await $0.query(sql).map { row in (0..<3).map { row.string($0) } } }
    }

    private func metric(_ name: String, of running: City.Running) async throws -> Double {
        let page = try await HTTP.get(running.base + "/metrics").text
        let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }

    /// In KiB.
    private func memory(of pid: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }

    /// What became of the messages sent meanwhile.
    private final class Load: Sendable {
        private struct State {
            var sent = 0
            var failed: [Int] = []
            var isOver = false
        }
        private let state = Mutex(State())
        var isOver: Bool { state.withLock { $0.isOver } }
        var sent: Int { state.withLock { $0.sent } }
        var failed: [Int] { state.withLock { $0.failed } }

        func count(_ status: Int) {
            state.withLock { state in
                state.sent += 1
                if status != 201 { state.failed.append(status) }
            }
        }
        func end() { state.withLock { $0.isOver = true } }
    }

    @Test("Hundreds of reloads under load: no request fails, each message has one version, memory stays")
    func underLoad() async throws {
        let town = try Town()
        let city = try await city(town)
        let running = try await city.start()
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var number = 0
                    while !load.isOver {
                        number += 1
                        let answer = try await running.post(#"{"id":"\#(lane)-\#(number)","text":"una buca"}"#)
                        load.count(answer.status)
                    }
                }
            }
            defer { load.end() }
            var dice = Dice(42)
            var (accepted, refused) = (0.0, 0.0)
            var early = 0
            for round in 0..<400 {
                let isValid = Int.random(in: 0..<3, using: &dice) > 0
                let category = Bool.random(using: &dice) ? "strade.buche" : "strade.altro"
                try town.rules(category: isValid ? category : "nowhere.at-all", comment: "\(round)")
                running.program.signal(SIGHUP)
                if isValid { accepted += 1 } else { refused += 1 }
                let name = #"pasquino_reloads_total{outcome="\#(isValid ? "accepted" : "refused")"}"#
                while try await metric(name, of: running) < (isValid ? accepted : refused) { await Task.yield() }
                if round == 100 { early = try memory(of: running.program.pid) }
            }
            #expect(try await metric(#"pasquino_reloads_total{outcome="accepted"}"#, of: running) == accepted)
            #expect(try await metric(#"pasquino_reloads_total{outcome="refused"}"#, of: running) == refused)
            // Between the hundredth and the last.
            let late = try memory(of: running.program.pid)
            #expect(late < early + 40 * 1024, "\(early) KiB, then \(late) KiB")
            print("reloads: \(accepted) accepted, \(refused) refused; \(early) KiB after 100, \(late) KiB after 400")
        }
        #expect(load.failed == [])
        let messages = load.sent
        let versions = try await query(
            city,
            """
            select config, count(distinct category)::text, sum(count(*)) over ()::text from ticket
            where decision ->> 'config' = config and decision -> 'decision' ->> 'category' = category group by config
            """)
        #expect(versions.count > 20)
        #expect(versions.allSatisfy { $0[1] == "1" })
        #expect(versions.first?[2] == "\(messages)")
        print("reloads: \(messages) messages under \(versions.count) configurations")
        await city.end(running)
        town.remove()
    }

    @Test("`pasquino reload` tells what came of it: 0, 78 with each finding, 1 without a daemon; status remembers")
    func command() async throws {
        let town = try Town()
        let city = try await city(town)
        #expect(try await city.run(["reload"]).status == 1)
        let running = try await city.start()
        try town.rules(category: "strade.altro")
        let (status, output) = try await city.run(["reload"])
        #expect(status == 0)
        #expect(output.contains("is in force"))
        #expect(try await running.post(#"{"id":"1","text":"buca"}"#).status == 201)
        #expect(try await query(city, "select category, code, code from ticket").first?[0] == "strade.altro")

        try town.rules(category: "nowhere.at-all")
        try town.write("offices.yaml", "offices: [")
        let refused = try await city.run(["reload"])
        #expect(refused.status == 78)
        #expect(refused.output.contains("\(town.folder)/rules/10.yaml:5:22: error: there is no category"))
        #expect(refused.output.contains("\(town.folder)/offices.yaml:"))
        #expect(try await city.run(["reload", "--json"]).output.contains(#""reloaded":false"#))
        let report = try await city.run(["status"])
        #expect(report.status == 0)
        #expect(report.output.contains("refused"))
        #expect(report.output.contains("configuration loaded"))
        #expect(try await metric("pasquino_reload_refused", of: running) == 1)
        #expect(try await running.post(#"{"id":"2","text":"buca"}"#).status == 201)

        // What says where the daemon is cannot be read.
        try town.write("pasquino.yaml", "city: [")
        #expect(try await city.run(["reload"]).status == 78)
        #expect(try await city.run(["reload", "--timeout", "0"]).status == 2)
        await city.end(running)
        town.remove()
    }

    @Test("The shadow decides without effect, is summarised, promoted, and promoted back")
    func shadow() async throws {
        let town = try Town(shadow: true)
        try town.rules(category: "strade.altro", in: "next")
        let city = try await city(town)
        let running = try await city.start()
        for index in 0..<10 { #expect(try await running.post(#"{"id":"s\#(index)","text":"buca"}"#).status == 201) }
        let stored = try await query(
            city, "select category, count(*)::text, min(code) from ticket group by category")
        #expect(stored.map { $0[0] } == ["strade.buche"])
        while try await metric("pasquino_shadow_messages_total", of: running) < 10 { await Task.yield() }
        var summary = ""
        // Written with the next beat.
        while !summary.contains(#""messages":10"#) { summary = try await city.run(["shadow", "--json"]).output }
        #expect(summary.contains(#""changed":10"#))
        #expect(
            summary.contains(#"{"field":"category","from":"strade.buche","to":"strade.altro","count":10,"examples":"#))
        let code = try #require(stored.first?[2])
        #expect(try await city.run(["explain", "--ticket", code, "--json"]).output.contains(#""shadow": {"config""#))

        #expect(try await city.run(["shadow", "promote", "--dry-run"]).status == 0)
        #expect(try await running.post(#"{"id":"t1","text":"buca"}"#).status == 201)
        let promoted = try await city.run(["shadow", "promote"])
        #expect(promoted.status == 0)
        #expect(promoted.output.contains("pasquino shadow promote"))
        #expect(try await running.post(#"{"id":"t2","text":"buca"}"#).status == 201)
        #expect(try await city.run(["shadow", "promote", "--json"]).status == 0)
        #expect(try await running.post(#"{"id":"t3","text":"buca"}"#).status == 201)
        let after = try await query(
            city,
            """
            select t.category, m.external_id, t.config from ticket t join message m on m.ticket = t.number
            where m.external_id like 't%' order by m.external_id
            """)
        #expect(after.map { $0[0] } == ["strade.buche", "strade.altro", "strade.buche"])
        #expect(after[0][2] == after[2][2], "back is the very same configuration")

        // A draft with a mistake is not promoted, and does not keep the daemon from starting.
        try town.rules(category: "nowhere.at-all", in: "next")
        #expect(try await city.run(["shadow", "promote"]).status == 78)
        #expect(try await city.run(["check"]).status == 78)
        running.program.signal(SIGTERM)
        _ = await running.program.wait()
        let again = try await city.start()
        #expect(again.program.output.contains("the shadow's rules are left out"))
        #expect(try await again.post(#"{"id":"u1","text":"buca"}"#).status == 201)
        await city.end(again)
        town.remove()
    }
}
