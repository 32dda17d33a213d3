import Foundation
import Testing

/// The city as a server of GeoReport v2.
@Suite(.serialized) struct Open311Acceptance {
    @Test("Every answer is as the strictest readers want it, in XML and in JSON")
    func answers() async throws {
        try await Open311City.with { server in
            let first = try await server.report(Open311City.hole)
            let car = try await server.report([
                ("service_code", "manutenzione.veicolo-abbandonato"), ("address_string", "via Appia 1"),
                ("attribute[tipo]", "auto"),
            ])
            let event = try await server.running.post(
                #"{"id":"e1","status":"resolved","note":"fatto"}"#,
                to: server.running.base + "/v1/tickets/\(first)/events",
                token: City.officeToken)
            #expect(event.status == 201)
            for path in [
                "discovery", "services", "services/manutenzione.veicolo-abbandonato", "requests", "requests/\(first)",
                "requests/nobody", "services/nobody", "tokens/nobody", "nowhere",
                "servicerequestupdates",
            ] {
                let query = path == "servicerequestupdates" ? "?api_key=\(Open311City.key)" : ""
                let xml = try await server.get("\(path).xml\(query)")
                let json = try await server.get("\(path).json\(query)")
                #expect(xml.headers["content-type"] == "text/xml; charset=utf-8")
                #expect(json.headers["content-type"] == "application/json; charset=utf-8")
                #expect(xml.text.hasPrefix(#"<?xml version="1.0" encoding="UTF-8"?>"#))
                #expect(xml.status == json.status)
                #expect(xml.status == (path.contains("no") && path != "discovery" ? 404 : 200), "\(path)")
                Open311Rules.same(try XMLTree.read(xml.body), try JSONSerialization.jsonObject(with: json.body))
            }
            try Open311Rules.discovery(try await server.get("discovery.json").object)
            let services = try await server.get("services.json").list
            #expect(services.count == 110)
            services.forEach(Open311Rules.service)
            #expect(services.filter { $0["metadata"] as? Bool == true }.count == 1)
            let definition = try await server.get("services/manutenzione.veicolo-abbandonato.json").object
            #expect(definition["service_code"] as? String == "manutenzione.veicolo-abbandonato")
            let attributes = try #require(definition["attributes"] as? [[String: Any]])
            attributes.forEach(Open311Rules.attribute)
            #expect(attributes.compactMap { $0["order"] as? Int } == [1, 2])

            let requests = try await server.get("requests.json").list
            requests.forEach(Open311Rules.request)
            #expect(requests.compactMap { $0["service_request_id"] as? String } == [car, first])
            #expect(requests.map { $0["status"] as? String } == ["open", "closed"])
            // Nothing of who reported it, nor the words.
            let text = try await server.get("requests.xml").text
            for word in ["Tuscolana", "Appia", "Anna", "Rossi", "347", "example.org", "fatto"] {
                #expect(!text.contains(word))
            }
            let one = try await server.get("requests/\(first.lowercased()).json").list
            #expect(one.count == 1)
            #expect(one[0]["service_name"] as? String == "Buche e dissesto stradale")
            #expect(one[0]["description"] as? String == "Buche e dissesto stradale")
            #expect(one[0]["lat"] as? Double == 41.8719)
            #expect(one[0]["status_notes"] as? String == "risolta")

            let updates = try await server.get("servicerequestupdates.json?api_key=\(Open311City.key)").list
            updates.forEach(Open311Rules.update)
            #expect(updates.map { $0["status"] as? String } == ["fixed"])
            #expect(updates[0]["description"] as? String == "Risolta")
            #expect(try await server.get("servicerequestupdates.xml").status == 403)
            #expect(try await server.get("servicerequestupdates.xml?api_key=x").status == 403)
        }
    }

    @Test("The sender's category counts, and the record says so; rules still see the words")
    func declared() async throws {
        try await Open311City.with { server in
            let code = try await server.report([
                ("service_code", "manutenzione.veicolo-abbandonato"), ("lat", "41.8719"), ("long", "12.5674"),
                ("attribute[tipo]", "auto"), ("description", "C'è una buca enorme"), ("email", "anna@example.org"),
            ])
            let ticket = try await server.ticket(code)
            #expect(ticket["category"] as? String == "manutenzione.veicolo-abbandonato")
            #expect(ticket["channel"] as? String == "open311")
            let decision = try #require(ticket["decision"] as? [String: Any])
            let because = try #require(decision["because"] as? [[String: Any]])
            let reason = because.first { $0["field"] as? String == "category" }?["condition"] as? String
            #expect(reason == "declared by the sender; the rule strade.buche would have named another")
            let explained = try await server.city.run(["explain", "--ticket", code])
            #expect(explained.output.contains("declared by the sender"))
            // What is kept can be decided again, and gives the same.
            let same = try await server.city.run(
                ["backtest", "--against", server.city.configuration, "--since", "1d", "--fail-above", "0", "--json"])
            #expect(same.status == 0, "\(same.output)")
            #expect(same.output.contains(#""messages":1"#), "\(same.output)")
            #expect(!same.output.contains(Open311City.key))
            try await server.city.quiet()
            #expect(try await server.city.counts().mails == 1)
        }
    }

    @Test("The same report again, and many at once, are one ticket; another key's is another")
    func again() async throws {
        try await Open311City.with { server in
            let codes = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        try await server.report(index % 2 == 0 ? Open311City.hole : Open311City.hole.reversed())
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(codes.count == 1)
            let other = try await server.post("requests.xml", Open311City.hole, key: Open311City.officeKey)
            let request = try #require(try XMLTree.read(other.body).all("request").first)
            let another = try #require(request["service_request_id"])
            #expect(!codes.contains(another))
            #expect(try await server.report(Open311City.hole + [("attribute[fixmystreet_id]", "7")]) != codes.first)
        }
    }

    @Test("Every refusal has its number, and tells all reasons")
    func refusals() async throws {
        try await Open311City.with { server in
            func status(_ fields: [(String, String)], key: String? = Open311City.key) async throws -> Int {
                let answer = try await server.post("requests.xml", fields, key: key)
                let errors = try XMLTree.read(answer.body)
                #expect(errors.name == "errors")
                #expect(
                    errors.all("error").allSatisfy {
                        $0["code"] == "\(answer.status)" && $0["description"]?.isEmpty == false
                    })
                return answer.status
            }
            #expect(try await status(Open311City.hole, key: nil) == 403)
            #expect(try await status(Open311City.hole, key: "wrong") == 403)
            #expect(try await status(Open311City.hole, key: City.token) == 403)
            #expect(try await status([]) == 400)
            #expect(try await status([("service_code", "nowhere"), ("lat", "1"), ("long", "1")]) == 404)
            #expect(try await status([("service_code", "manutenzione.buche")]) == 400)
            #expect(try await status(Open311City.hole + [("jurisdiction_id", "comune.milano.it")]) == 404)
            let many = try await server.post(
                "requests.json",
                [("service_code", "manutenzione.veicolo-abbandonato"), ("lat", "x"), ("long", "y"), ("email", "@")])
            #expect(many.status == 400)
            #expect(many.list.count == 4)
            for path in [
                "requests.xml?start_date=ieri", "requests.json?page=0", "requests.json?status=fixed",
                "requests.xml?bbox=1",
                "requests.json?\((0...1000).map { "a\($0)=1" }.joined(separator: "&"))", "requests.xml?start_date=%FF",
            ] { #expect(try await server.get(path).status == 400, "\(path)") }
            for path in [
                "services.xml?jurisdiction_id=comune.milano.it", "services/tributi.tari.json", "services/x.json",
                "requests/RM-AAAAAAAA.xml", "requests.xml?service_request_id=a,b", "requests/%FF.xml",
                "requests/%2e%2e.json",
                "tokens/01234567-0123-7123-8123-012345678901.json", "requests.html", "requests", "update.xml",
            ] { #expect(try await server.get(path).status == 404, "\(path)") }
            #expect(try await server.get("services.xml?jurisdiction_id=comune.roma.it").status == 200)
            #expect(try await server.post("services.xml", []).status == 405)
            for (type, body) in [
                ("application/json", "{}"), ("text/plain", "x"), ("multipart/form-data", "x"),
                ("multipart/form-data; boundary=b", "--b\r\n"), ("multipart/form-data; boundary=b", ""),
                ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--"),
                ("application/x-www-form-urlencoded", "description=%FF"), ("", "a=b"),
            ] {
                let answer = try await HTTP.post(
                    server.base + "requests.json", body: Data(body.utf8), headers: ["Content-Type": type])
                #expect([400, 403, 415].contains(answer.status), "\(type) \(answer.status)")
                #expect(answer.list.first?["code"] as? Int == answer.status)
            }
            let large = Open311City.hole + [("x", String(repeating: "a", count: 1_100_000))]
            #expect(try await server.post("requests.xml", large).status == 413)
            // 1,000 of whatever there is do no harm.
            let fields = (0..<990).map { ("attribute[a\($0)][]", "%00\u{0}<&>") }
            #expect(try await server.post("requests.xml", Open311City.hole + fields).status == 200)
            #expect(try await HTTP.get(server.running.base + "/health/live").status == 200)
            #expect(!server.running.program.output.contains("internal"))
            #expect(!server.running.program.output.contains("Tuscolana"))
        }
    }

    @Test("A closed channel answers nothing")
    func closed() async throws {
        let city = try await City()
        let running = try await city.start()
        for path in ["discovery.xml", "services.json", "requests.xml"] {
            #expect(try await HTTP.get(running.base + "/open311/v2/" + path).status == 404)
        }
        #expect(try await HTTP.post(running.base + "/open311/v2/requests.xml", body: Data()).status == 404)
        await city.end(running)
    }

    @Test("Batch: a report is answered with a token, and the token with the code")
    func tokens() async throws {
        try await Open311City.with(["type: batch"]) { server in
            let answer = try await server.post("requests.json", Open311City.hole)
            let token = try #require(answer.list.first?["token"] as? String)
            #expect(answer.list.first?["service_request_id"] == nil)
            #expect(try await server.post("requests.json", Open311City.hole).list.first?["token"] as? String == token)
            let found = try await server.get("tokens/\(token).xml")
            let request = try #require(try XMLTree.read(found.body).all("request").first)
            #expect(request["token"] == token)
            let code = try #require(request["service_request_id"])
            #expect(try await server.get("requests/\(code).json").list.count == 1)
            // A rule that discards leaves a token under which nothing comes.
            let discarded = try await server.post(
                "requests.json",
                [("service_code", "manutenzione.buche"), ("address_id", "#NOTPINPOINTED#"), ("description", "Prova")])
            let nothing = try #require(discarded.list.first?["token"] as? String, "\(discarded.text)")
            #expect(try await server.get("tokens/\(nothing).json").list.first?["service_request_id"] is NSNull)
            #expect(try await server.get("services.json").list.allSatisfy { $0["type"] as? String == "batch" })
        }
        try await Open311City.with(["type: blackbox"]) { server in
            let answer = try await server.post("requests.json", Open311City.hole)
            #expect(answer.status == 200)
            #expect(answer.list.first?["token"] == nil)
            #expect(answer.list.first?["service_request_id"] == nil)
        }
    }

    @Test("Where texts are published: the words without what reaches a person, and the photo without its position")
    func texts() async throws {
        try await Open311City.with(["publish: text", "tickets: all"]) { server in
            let photo = Photos.jpeg
            let boundary = "----pasquino"
            var body = Data()
            for (name, value) in Open311City.hole + [("api_key", Open311City.key)] {
                body += Data(
                    "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
            }
            body += Data(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"photo1\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
                    .utf8)
            body += photo + Data("\r\n--\(boundary)--\r\n".utf8)
            let type = ["Content-Type": "multipart/form-data; boundary=\(boundary)"]
            let answer = try await HTTP.post(server.base + "requests.json", body: body, headers: type)
            let code = try #require(answer.list.first?["service_request_id"] as? String, "\(answer.text)")
            let again = try await HTTP.post(server.base + "requests.json", body: body, headers: type)
            #expect(again.list.first?["service_request_id"] as? String == code)

            // By another way, in a category that is offered, and in one that is not.
            _ = try await server.running.post(#"{"id":"1","text":"C'è una buca enorme in strada"}"#)
            _ = try await server.running.post(#"{"id":"2","text":"Vorrei pagare la TARI, bolletta sbagliata"}"#)
            let requests = try await server.get("requests.json").list
            requests.forEach(Open311Rules.request)
            #expect(requests.count == 2)
            let own = try #require(requests.first { $0["service_request_id"] as? String == code })
            #expect(own["description"] as? String == "C'è una buca enorme in via Tuscolana 512, chiamate Anna al […]")
            let url = try #require(own["media_url"] as? String)
            let path = url.dropFirst("http://127.0.0.1:8060".count)
            let picture = try await HTTP.get(server.running.base + path)
            #expect(picture.status == 200)
            #expect(picture.headers["content-type"] == "image/jpeg")
            #expect(picture.headers["x-content-type-options"] == "nosniff")
            #expect(!picture.body.isEmpty)
            for wrong in ["9", "x", "-1"] {
                #expect(try await HTTP.get(server.base + "requests/\(code)/media/\(wrong)").status == 404)
            }
        }
    }

    @Test("What others post on a report joins it; it closes nothing, unless the office says so")
    func updates() async throws {
        try await Open311City.with { server in
            let code = try await server.report(Open311City.hole)
            func post(
                _ id: String, _ status: String, _ text: String = "sempre lì", key: String = Open311City.key,
                ticket: String? = nil
            ) async throws -> HTTP.Answer {
                try await server.post(
                    "servicerequestupdates.xml",
                    [
                        ("service_request_id", ticket ?? code), ("update_id", id), ("status", status),
                        ("updated_datetime", "2026-11-21T09:30:00+01:00"), ("description", text),
                        ("email", "anna@example.org"), ("last_name", "-"),
                    ], key: key)
            }
            func id(_ answer: HTTP.Answer) throws -> String {
                #expect(answer.status == 200, "\(answer.text)")
                return try #require(try XMLTree.read(answer.body).all("request_update").first?["update_id"])
            }
            let first = try id(try await post("1", "FIXED"))
            #expect(try id(try await post("1", "FIXED", "another text, the same id")) == first)
            var ticket = try await server.ticket(code)
            #expect(ticket["status"] as? String == "open")
            var events = try #require(ticket["events"] as? [[String: Any]])
            #expect(events.map { $0["kind"] as? String } == ["opened", "message"])
            #expect(events[1]["by"] as? String == "open311:fixmystreet")
            #expect(events[1]["note"] as? String == "FIXED\nsempre lì")

            let done = try id(try await post("1", "FIXED", "riparata", key: Open311City.officeKey))
            #expect(try id(try await post("1", "FIXED", "riparata", key: Open311City.officeKey)) == done)
            #expect(try await server.ticket(code)["status"] as? String == "resolved")
            let late = try await post("2", "IN_PROGRESS", key: Open311City.officeKey)
            #expect(late.status == 400)
            _ = try id(try await post("3", "OPEN", "grazie"))
            #expect(try await server.ticket(code)["status"] as? String == "resolved")
            _ = try id(try await post("4", "REOPEN", "di nuovo rotta"))
            let notes = try await server.get("servicerequestupdates.json?api_key=\(Open311City.officeKey)").text
            #expect(!notes.contains("di nuovo rotta"))
            ticket = try await server.ticket(code)
            #expect(ticket["status"] as? String == "reopened")
            events = try #require(ticket["events"] as? [[String: Any]])
            #expect(events.map { $0["kind"] as? String } == ["opened", "message", "resolved", "message", "reopened"])

            // It is told what the city did, not what it said itself.
            let listed = try await server.get("servicerequestupdates.json?api_key=\(Open311City.key)").list
            #expect(listed.compactMap { $0["update_id"] as? String } == [done])
            let forOffice = try await server.get("servicerequestupdates.json?api_key=\(Open311City.officeKey)").list
            #expect(forOffice.map { $0["status"] as? String } == ["open"])

            #expect(try await post("5", "FIXED", key: "wrong").status == 403)
            #expect(try await post("5", "DONE").status == 400)
            #expect(try await post("5", "OPEN", ticket: "RM-AAAAAAAA").status == 404)
            let elsewhere = try #require(
                try await server.running.post(#"{"id":"1","text":"C'è una buca enorme"}"#).member("ticket"))
            #expect(try await post("5", "REOPEN", ticket: elsewhere).status == 404)
            try await server.city.quiet()
        }
    }
}

private enum Photos {
    /// The smallest baseline picture.
    static let jpeg = Data(
        base64Encoded:
            "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AVN//2Q=="
    )!
}
