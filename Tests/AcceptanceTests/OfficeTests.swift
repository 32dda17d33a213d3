import Foundation
import Testing

/// Fidenza, whose offices have systems of their own: work reaches each as it can take it, and one that is down holds up
/// no other.
@Suite(.timeLimit(.minutes(30))) struct OfficeAcceptance {
    private static let secret = "whsec_c2FuZGJveC1vZmZpY2Utc2VjcmV0LTAx"

    /// The town, in which offices have a webhook of the sandbox's: by each one's code its `work`.
    private func withTown(
        _ work: [String: String], utility: (settings: String, extra: [String: String]) = ("", [:]),
        _ body: (City, String) async throws -> Void
    ) async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/fidenza", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        let path = folder + "/offices.yaml"
        var text = try String(contentsOfFile: path, encoding: .utf8)
        for (office, settings) in work {
            guard let range = text.range(of: "    email: \(office)@example.org\n") else {
                throw City.Failure("there is no \(office)")
            }
            text.insert(contentsOf: "    work: \(settings)\n", at: range.upperBound)
        }
        text = text.replacingOccurrences(
            of: "          - {category: segnalazioni.acqua-fogne, code: acqua}\n",
            with: utility.settings.isEmpty
                ? "          - {category: segnalazioni.acqua-fogne, code: acqua}\n        poll: 0m\n" : utility.settings
        )
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        let city = try await City(
            configuration: folder,
            extra: [
                "PASQUINO_IO_KEY_TARI": "sandbox-key-1", "PASQUINO_IO_KEY_IMU": "sandbox-key-1",
                "PASQUINO_IO_KEY_MENSA": "sandbox-key-1", "PASQUINO_IO_KEY_CUP": "sandbox-key-1",
                "PASQUINO_OFFICE_SECRET": Self.secret,
            ].merging(utility.extra) { $1 })
        do { try await body(city, "http://127.0.0.1:\(city.sandboxPort)") } catch {
            await city.end(nil)
            throw error
        }
    }

    private static func webhook(_ office: String) -> String {
        #"{webhook: {url: "http://127.0.0.1:${env:SANDBOX}/offices/\#(office)", secret: "${env:PASQUINO_OFFICE_SECRET}"}}"#
    }

    private func posts(_ sandbox: String, _ office: String) async throws -> [[String: Any]] {
        try await HTTP.get("\(sandbox)/api/offices?office=\(office)").list
    }

    private func control(_ sandbox: String, _ json: String) async throws {
        let answer = try await HTTP.post("\(sandbox)/control", body: Data(json.utf8))
        #expect(answer.status == 200)
    }

    private func until(_ condition: () async throws -> Bool) async throws {
        while true { if try await condition() { return } }
    }

    private func open(_ id: String, _ text: String, in running: City.Running, place: Bool = false) async throws
        -> String
    {
        let location = place ? #","location":{"lat":44.8651,"lon":10.0606,"address":"via Gramsci 12"}"# : ""
        let answer = try await running.post(
            #"{"id":"\#(id)","from":{"email":"\#(id)@example.org"},"text":"\#(text)"\#(location)}"#)
        #expect(answer.status == 201)
        return try #require(answer.member("ticket"))
    }

    private func ticket(_ code: String, in running: City.Running) async throws -> [String: Any] {
        try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken).object
    }

    private func told(_ code: String, by medium: String, in running: City.Running) async throws -> [[String: Any]] {
        let all = try await ticket(code, in: running)["notifications"] as? [[String: Any]] ?? []
        return all.filter { $0["medium"] as? String == medium }
    }
}

extension OfficeAcceptance {
    @Test("Three offices, one of them down: the others get their work, its own waits and arrives when it is back")
    func oneIsDown() async throws {
        let work = ["tributi", "anagrafe", "scuola"].map { ($0, Self.webhook($0)) }
        try await withTown(Dictionary(uniqueKeysWithValues: work)) { city, sandbox in
            try await control(sandbox, #"{"office":{"mode":"fail","status":500,"names":["tributi"]}}"#)
            var running = try await city.start()
            let down = try await open("a", "Quando scade la TARI?", in: running)
            let first = try await open("b", "Come rinnovo la carta d'identità?", in: running)
            let second = try await open("c", "Quanto costa la mensa scolastica?", in: running)
            try await until { try await posts(sandbox, "anagrafe").count == 1 }
            try await until { try await posts(sandbox, "scuola").count == 1 }
            let post = try #require(try await posts(sandbox, "anagrafe").first)
            #expect(post["type"] as? String == "ticket.opened" && post["ticket"] as? String == first)
            #expect(post["verified"] as? Bool == true)
            let data = (post["body"] as? [String: Any])?["data"] as? [String: Any]
            #expect(data?["text"] as? String == "Come rinnovo la carta d'identità?")
            #expect(data?["recipient"] as? String == "anagrafe")
            #expect(try await posts(sandbox, "scuola").first?["ticket"] as? String == second)
            // The attempts are on record while it waits.
            try await until {
                let waiting = try await told(down, by: "webhook", in: running).first
                return waiting?["status"] as? String == "waiting" && (waiting?["attempts"] as? Int ?? 0) >= 1
            }
            #expect(try await posts(sandbox, "tributi").isEmpty)
            // Meanwhile the daemon dies, and another takes over what it had.
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
            try await control(sandbox, #"{"office":{"mode":"normal","names":[]}}"#)
            running = try await city.start()
            try await until { try await posts(sandbox, "tributi").count >= 1 }
            #expect(try await posts(sandbox, "tributi").first?["ticket"] as? String == down)
            try await city.quiet()
            let delivered = try #require(try await told(down, by: "webhook", in: running).first)
            #expect(delivered["status"] as? String == "delivered")
            #expect(delivered["id"] as? String == (try await posts(sandbox, "tributi").first?["id"] as? String))
            // What is new on the ticket is told by the same way, the office's own steps are not.
            let moved = try await HTTP.post(
                running.base + "/v1/tickets/\(first)/events", body: Data(#"{"id":"e1","status":"acknowledged"}"#.utf8),
                token: City.officeToken)
            #expect(moved.status == 201)
            try await until { try await posts(sandbox, "anagrafe").count == 2 }
            #expect(try await posts(sandbox, "anagrafe").last?["type"] as? String == "ticket.acknowledged")
            await city.end(running)
        }
    }

    @Test("A ticket handed on to the utility is opened in its system, and closed there it is resolved here")
    func followed() async throws {
        try await withTown([:]) { city, sandbox in
            var running = try await city.start()
            let code = try await open("d", "Perdita d'acqua dalla fognatura in strada", in: running, place: true)
            #expect(try await ticket(code, in: running)["office"] as? String == "lavori-pubblici")
            #expect(
                try await told(code, by: "email", in: running).contains { $0["template"] as? String == "office_work" })
            try await control(sandbox, #"{"utility":{"tokens":true}}"#)
            let (status, output) = try await city.run(["ticket", "move", code, "--office", "gestore-idrico"])
            #expect(status == 0, "\(output)")
            try await until { try await HTTP.get("\(sandbox)/api/utility").list.count == 1 }
            let request = try #require(try await HTTP.get("\(sandbox)/api/utility").list.first)
            #expect(request["service_code"] as? String == "acqua")
            #expect(request["lat"] as? String == "44.865100")
            #expect((request["description"] as? String)?.contains(code) == true)
            #expect(request["email"] is NSNull, "the citizen's address is not theirs")
            try await city.quiet()
            #expect(try await told(code, by: "open311", in: running).first?["status"] as? String == "delivered")
            // A crash between their id and our knowing of it.
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
            _ = try await HTTP.post("\(sandbox)/api/utility/U-1", body: Data(#"{"give":true}"#.utf8))
            running = try await city.start()
            try await until { try await ticket(code, in: running)["status"] as? String == "in_progress" }
            _ = try await HTTP.post(
                "\(sandbox)/api/utility/U-1",
                body: Data(#"{"status":"closed","status_notes":"Tubo sostituito <b>ieri</b>"}"#.utf8))
            try await until { try await ticket(code, in: running)["status"] as? String == "resolved" }
            try await city.quiet()
            let events = try await ticket(code, in: running)["events"] as? [[String: Any]] ?? []
            #expect(events.map { $0["kind"] as? String } == ["opened", "moved", "in_progress", "resolved"])
            #expect(events.last?["by"] as? String == "gestore-idrico")
            let mails = try await HTTP.get("\(sandbox)/api/mails?to=d@example.org").list
            #expect(mails.contains { ($0["text"] as? String)?.contains("Tubo sostituito") == true })
            #expect(!mails.contains { ($0["html"] as? String)?.contains("<b>ieri</b>") == true })
            // They open it again.
            _ = try await HTTP.post("\(sandbox)/api/utility/U-1", body: Data(#"{"status":"open"}"#.utf8))
            try await until { try await ticket(code, in: running)["status"] as? String == "reopened" }
            await city.end(running)
        }
    }

    @Test("A request whose answer was lost is not repeated: it is found again by the ticket's code")
    func lost() async throws {
        try await withTown([:]) { city, sandbox in
            let running = try await city.start()
            let code = try await open("e", "Perdita d'acqua dalla fognatura in strada", in: running, place: true)
            try await control(sandbox, #"{"utility":{"mode":"silent"}}"#)
            _ = try await city.run(["ticket", "move", code, "--office", "gestore-idrico"])
            try await until {
                try await told(code, by: "open311", in: running).first?["status"] as? String == "uncertain"
            }
            try await control(sandbox, #"{"utility":{"mode":"normal"}}"#)
            try await until { try await ticket(code, in: running)["status"] as? String == "in_progress" }
            #expect(try await told(code, by: "open311", in: running).first?["status"] as? String == "delivered")
            #expect(try await HTTP.get("\(sandbox)/api/utility").list.count == 1)
            await city.end(running)
        }
    }

    @Test("One Pasquino hands a ticket on to another, and hears what became of it", arguments: ["json", "xml"])
    func neighbours(format: String) async throws {
        try await Open311City.with { rome in
            let settings = """
                          - {category: segnalazioni.*, code: manutenzione.perdite-acqua}
                        poll: 0m
                        format: \(format)
                        key: ${env:PASQUINO_UTILITY_KEY}
                        contact: true

                """
            let extra = ["PASQUINO_UTILITY": rome.base, "PASQUINO_UTILITY_KEY": Open311City.key]
            try await withTown([:], utility: (settings, extra)) { city, sandbox in
                let running = try await city.start()
                let code = try await open("n", "Perdita d'acqua dalla fognatura in strada", in: running, place: true)
                _ = try await city.run(["ticket", "move", code, "--office", "gestore-idrico"])
                try await until { try await ticket(code, in: running)["status"] as? String == "in_progress" }
                let (_, output) = try await rome.city.run(["ticket", "list", "--json"])
                let theirs = try #require(
                    try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
                let their = try #require(theirs["code"] as? String)
                #expect(theirs["category"] as? String == "manutenzione.perdite-acqua")
                let shown = try await rome.ticket(their)
                #expect((shown["text"] as? String)?.contains(code) == true)
                let (status, said) = try await rome.city.run(["ticket", "close", their, "--note", "Riparata"])
                #expect(status == 0, "\(said)")
                try await until { try await ticket(code, in: running)["status"] as? String == "resolved" }
                try await city.quiet()
                let mails = try await HTTP.get("\(sandbox)/api/mails?to=n@example.org").list
                // Opened, moved and worked on, resolved: the other's server says how it stands in words of its own.
                let events = try await ticket(code, in: running)["events"] as? [[String: Any]] ?? []
                #expect(events.last?["by"] as? String == "gestore-idrico")
                let note = try #require(events.last?["note"] as? String)
                #expect(mails.contains { ($0["text"] as? String)?.contains(note) == true })
                await city.end(running)
            }
        }
    }

    @Test("What the utility does not take goes to its address as a letter, with the reason on record")
    func refused() async throws {
        try await withTown([:]) { city, sandbox in
            let running = try await city.start()
            let code = try await open("f", "Quando scade la TARI?", in: running)
            _ = try await city.run(["ticket", "move", code, "--office", "gestore-idrico"])
            try await until {
                try await HTTP.get("\(sandbox)/api/mails?to=gestore-idrico@example.org").list.count == 1
            }
            try await city.quiet()
            let refused = try #require(try await told(code, by: "open311", in: running).first)
            #expect(refused["status"] as? String == "refused")
            #expect((refused["reason"] as? String)?.contains("no service for tributi.tari") == true)
            #expect(refused["recipient"] as? String == "gestore-idrico")
            await city.end(running)
        }
    }

    @Test("An office that answers 410 gets no more posts; its tickets wait")
    func gone() async throws {
        try await withTown(["tributi": Self.webhook("tributi")]) { city, sandbox in
            try await control(sandbox, #"{"office":{"mode":"fail","status":410}}"#)
            let running = try await city.start()
            let code = try await open("g", "Quando scade la TARI?", in: running)
            try await until {
                (try await told(code, by: "webhook", in: running).first?["reason"] as? String)?.contains("410") == true
            }
            #expect(try await told(code, by: "webhook", in: running).first?["status"] as? String == "waiting")
            try await control(sandbox, #"{"office":{"mode":"normal"}}"#)
            let (status, output) = try await city.run(["reload"])
            #expect(status == 0, "\(output)")
            try await until { try await posts(sandbox, "tributi").count == 1 }
            await city.end(running)
        }
    }

    @Test("An office's ways can be tried")
    func tried() async throws {
        try await withTown(["tributi": Self.webhook("tributi")]) { city, sandbox in
            let (fine, said) = try await city.run(["office", "try", "tributi"])
            #expect(fine == 0 && said.contains("the office's system took it"), "\(said)")
            #expect(try await posts(sandbox, "tributi").first?["type"] as? String == "test")
            let (open311, services) = try await city.run(["office", "try", "gestore-idrico", "--json"])
            #expect(open311 == 0 && services.contains(#""ok":true"#), "\(services)")
            try await control(sandbox, #"{"office":{"mode":"fail","status":403}}"#)
            let (refused, reason) = try await city.run(["office", "try", "tributi"])
            #expect(refused == 1 && reason.contains("answered 403"), "\(reason)")
            let (none, without) = try await city.run(["office", "try", "cultura"])
            #expect(none == 1 && without.contains("no work"), "\(without)")
            let running = try await city.start()
            try await control(sandbox, #"{"office":{"mode":"normal"}}"#)
            let code = try await open("h", "Quando scade la TARI?", in: running)
            let (shown, text) = try await city.run(["office", "try", "tributi", "--ticket", code])
            #expect(shown == 0, "\(text)")
            #expect(try await posts(sandbox, "tributi").contains { $0["ticket"] as? String == code })
            await city.end(running)
        }
    }
}
