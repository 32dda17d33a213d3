import Foundation
import TestSupport
import Testing

/// The town and its App IO services: what citizens see on their telephones, and what becomes of it.
@Suite(.serialized, .timeLimit(.minutes(30))) struct AppIOAcceptance {
    private static let citizen = "MRTNTN23M02D969P"
    private static let notice =
        #"{"amount":12345,"notice_number":"301011100007347557","due_date":"2026-12-31","invalid_after_due_date":true}"#

    private struct Town {
        let folder: String
        let city: City
        var running: City.Running

        func event(_ code: String, _ json: String) async throws -> HTTP.Answer {
            try await HTTP.post(
                running.base + "/v1/tickets/\(code)/events", body: Data(json.utf8), token: City.officeToken)
        }

        func control(_ json: String, _ path: String = "/control") async throws {
            let answer = try await HTTP.post("http://127.0.0.1:\(city.sandboxPort)\(path)", body: Data(json.utf8))
            #expect(answer.status == 200, "\(answer.text)")
        }

        struct Message: Decodable {
            let id: String, subject: String, service: String
            let markdown: String?
            let due: String?
            let payment: Payment?
            struct Payment: Decodable {
                let amount: Int
                let number: String
                private enum CodingKeys: String, CodingKey { case amount, number = "notice_number" }
            }
            private enum CodingKeys: String, CodingKey {
                case id, subject, service, markdown, payment
                case due = "due_date"
            }
        }
        struct Letter: Decodable { let subject: String, text: String? }

        /// Waits until so many have arrived.
        func messages(_ count: Int) async throws -> [Message] { try await arrived("messages", count) }
        func mails(_ count: Int) async throws -> [Letter] { try await arrived("mails", count) }

        private func arrived<Value: Decodable>(_ what: String, _ count: Int) async throws -> [Value] {
            while true {
                let answer = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/\(what)")
                let found = try JSONDecoder().decode([Value].self, from: answer.body)
                if found.count >= count { return found }
                await Task.yield()
            }
        }

        /// What is said of the ticket, once it says `words`.
        func shown(_ code: String, _ words: String) async throws -> String {
            while true {
                let output = try await city.run(["ticket", "show", code]).output
                if output.contains(words) { return output }
            }
        }

        /// The time has come to ask what became of what was taken.
        func letTimePass() async throws {
            try await city.query("update notification set watch_at = now() where watch_at is not null")
        }
    }

    /// - Parameter keys: of the town's services, by the end of the variable's name.
    private func withTown(
        keys: [String: String] = [:], change: (String) -> String = { $0 },
        _ body: (inout Town) async throws -> Void
    ) async throws {
        let folder = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        try FileManager.default.copyItem(atPath: City.root + "/Config/fidenza", toPath: folder)
        let main = folder + "/pasquino.yaml"
        try change(try String(contentsOfFile: main, encoding: .utf8))
            .write(toFile: main, atomically: true, encoding: .utf8)
        var extra = ["TARI", "IMU", "MENSA", "CUP"].reduce(into: [String: String]()) {
            $0["PASQUINO_IO_KEY_\($1)"] = "sandbox-key-1"
        }
        for (name, key) in keys { extra["PASQUINO_IO_KEY_\(name)"] = key }
        let city = try await City(configuration: folder, extra: extra)
        let running: City.Running
        do { running = try await city.start() } catch {
            await city.end(nil)
            throw error
        }
        var town = Town(folder: folder, city: city, running: running)
        let result: Result<Void, any Error>
        do { result = .success(try await body(&town)) } catch { result = .failure(error) }
        await city.end(town.running)
        try FileManager.default.removeItem(atPath: folder)
        try result.get()
    }

    private func ask(_ town: Town, _ id: String, _ text: String, email: Bool = true) async throws -> String {
        let address = email ? #","email":"antonia@example.org""# : ""
        let answer = try await town.running.post(
            #"{"id":"\#(id)","from":{"fiscal_code":"\#(Self.citizen)"\#(address)},"text":"\#(text)"}"#)
        #expect(answer.status == 201)
        return try #require(answer.member("ticket"))
    }

    @Test(
        "A payment notice: on the telephone with its last day, on the ticket, on the status page; and that it was paid")
    func payment() async throws {
        try await withTown(
            keys: ["TARI": "tari-1"],
            change: {
                $0.replacingOccurrences(
                    of: "{name: TARI, categories: [tributi.tari],",
                    with: "{name: TARI, premium: true, categories: [tributi.tari],")
            }
        ) { town in
            try await town.control(#"{"io":{"services":[{"name":"TARI","keys":["tari-1"],"premium":true}]}}"#)
            let code = try await ask(town, "p1", "Quando scade la TARI?")
            _ = try await town.messages(1)
            let refused = try await town.event(
                code, #"{"id":"e0","status":"answered","payment":{"amount":123.45,"notice_number":"3"}}"#)
            #expect(refused.status == 422)
            #expect(refused.text.contains("/payment/amount"))
            let taken = try await town.event(code, #"{"id":"e1","status":"answered","payment":\#(Self.notice)}"#)
            #expect(taken.status == 201, "\(taken.text)")
            let message = try #require(try await town.messages(2).last)
            #expect(message.service == "TARI")
            #expect(message.due == "2026-12-31T22:59:59Z")
            #expect(message.payment?.amount == 12_345)
            #expect(message.payment?.number == "301011100007347557")
            #expect(message.markdown?.contains("123,45 €") == true)

            let ticket = try await HTTP.get(town.running.base + "/v1/tickets/\(code)", token: City.officeToken)
            #expect(ticket.text.contains(#""payment":\#(Self.notice)"#))
            let shown = try await town.city.run(["ticket", "show", code]).output
            #expect(shown.contains("to pay 123.45 € with notice 301011100007347557 by 2026-12-31, not later"))
            let link = try #require(message.markdown?.firstMatch(of: /\/t\/[^\s)"\\]+/)).output
            let page = try await HTTP.get(town.running.base + link).text
            #expect(page.contains("301011100007347557: 123,45 €, entro il 31/12/2026"))

            try await town.control(#"{"read":true,"paid":true}"#, "/control/messages/\(message.id)")
            while !(try await town.city.run(["ticket", "show", code]).output.contains("receipt paid")) {
                try await town.letTimePass()
            }
            #expect(!town.running.program.output.contains(Self.citizen))
        }
    }

    @Test("A payment notice by e-mail, from an operator; what is not one is refused before anything is written")
    func paymentByMail() async throws {
        try await withTown { town in
            let answer = try await town.running.post(
                #"{"id":"m1","from":{"email":"antonia@example.org"},"text":"Quando scade la TARI?"}"#)
            let code = try #require(answer.member("ticket"))
            let note = ["ticket", "note", code, "Ecco l'avviso", "--payment-notice", "301011100007347557"]
            for wrong in [["--payment-amount", "50"], ["--payment-amount", "0,00"], ["--payment-amount", "1.5"], []] {
                #expect(try await town.city.run(note + ["--tell"] + wrong).status == 2, "\(wrong)")
            }
            #expect(try await town.city.run(note + ["--payment-amount", "1,00"]).status == 2, "nobody is told")
            let told = try await town.city.run(
                note + ["--tell", "--payment-amount", "1234,50", "--payment-due", "2026-07-31"])
            #expect(told.status == 0, "\(told.output)")
            let letter = try #require(try await town.mails(2).last)
            for words in ["1.234,50 €", "301011100007347557", "31/07/2026"] {
                #expect(letter.text?.contains(words) == true, "\(words)")
            }
        }
    }

    @Test("REJECTED after the 201: the e-mail takes its place, once, also over a kill -9")
    func rejected() async throws {
        try await withTown { town in
            let code = try await ask(town, "r1", "Quando scade la TARI?")
            let message = try #require(try await town.messages(1).first)
            _ = try await town.shown(code, "delivered")
            #expect(try await town.city.counts().mails == 0)
            try await town.control(#"{"status":"REJECTED"}"#, "/control/messages/\(message.id)")
            town.running.program.signal(SIGKILL)
            _ = await town.running.program.wait()
            try await town.letTimePass()
            town.running = try await town.city.start()
            // The first look says ACCEPTED.
            while try await town.city.counts().mails == 0 { try await town.letTimePass() }
            let shown = try await town.shown(code, "receipt failed")
            #expect(shown.contains("refused") && shown.contains("App IO rejected it"))
            try await town.letTimePass()
            try await town.city.quiet()
            #expect(try await town.city.counts().mails == 1)
            #expect(try await town.city.counts().messages == 1)
            #expect(!town.running.program.output.contains(Self.citizen))
        }
    }

    @Test("An erratum names what it corrects, from an office and from an operator")
    func erratum() async throws {
        try await withTown { town in
            let code = try await ask(town, "c1", "Quando scade la TARI?")
            _ = try await town.messages(1)
            #expect(
                try await town.event(code, #"{"id":"e1","status":"answered","note":"Scade il 16 maggio."}"#).status
                    == 201)
            let wrong = try #require(try await town.messages(2).last)
            #expect(try await town.event(code, #"{"id":"e2","status":"corrected"}"#).status == 422)
            #expect(
                try await town.event(code, #"{"id":"e3","status":"corrected","note":"Scade il 16 giugno."}"#).status
                    == 201)
            var right = try #require(try await town.messages(3).last)
            #expect(right.subject == "Errata corrige: \(wrong.subject)")
            #expect(right.markdown?.contains("16 giugno") == true)
            #expect(try await town.city.run(["ticket", "correct", code, " "]).status == 2)
            #expect(try await town.city.run(["ticket", "correct", code, "Scade il 17 giugno."]).status == 0)
            right = try #require(try await town.messages(4).last)
            #expect(right.subject == "Errata corrige: \(wrong.subject)", "not of the erratum before it")
            #expect(try await town.city.run(["ticket", "show", code]).output.contains("corrected  by operator:"))
        }
    }

    @Test("The TARI's key is revoked: the canteen's messages flow, the operator sees it, and nothing is lost")
    func revoked() async throws {
        try await withTown(keys: ["TARI": "tari-1", "MENSA": "mensa-1"]) { town in
            let services =
                #""services":[{"name":"TARI","keys":["tari-1"]},{"name":"Mensa","keys":["mensa-1"]}]"#
            try await town.control(#"{"io":{\#(services),"revoked":["tari-1"]}}"#)
            let tari = try await ask(town, "t1", "Quando scade la TARI?")
            #expect(await town.running.program.line(containing: "nothing goes to app_io: TARI") != nil)
            for number in 0..<5 { _ = try await ask(town, "m\(number)", "Come pago la mensa scolastica?") }
            #expect(try await town.messages(5).map(\.service) == Array(repeating: "Mensa", count: 5))
            while !(try await town.city.run(["status"]).output.contains("app_io: TARI  held: App IO refused the key")) {
            }
            #expect(try await town.city.counts().mails == 0)

            // The key is valid again, and somebody says so.
            try await town.control(#"{"io":{"revoked":[]}}"#)
            #expect(try await town.city.run(["reload"]).status == 0)
            let waiting = try await town.city.run(["queue", "show", "--waiting", "--json"]).output
            let id = try #require(waiting.firstMatch(of: /"id":"([^"]+)"/)).output.1
            #expect(waiting.contains(tari))
            #expect(try await town.city.run(["queue", "retry", String(id)]).status == 0)
            #expect(try await town.messages(6).last?.service == "TARI")
        }
    }
}
