import Civic
import Settings
import Store
import Testing

@testable import Delivery

@Suite("Tickets handed on by Open311") struct Open311OfficeTests {
    private func fields(_ task: OfficeTask, _ server: OfficeOpen311 = OfficeSample.server()) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: Open311Request.fields(
                task, service: "acqua", settings: server, city: "Comune di Fidenza"
            ).map { ($0.name, $0.value) })
    }

    @Test("A request has the key, the service, the place and the words, and nothing of the citizen unless allowed")
    func form() {
        let plain = fields(OfficeSample.task(note: "urgente"))
        #expect(plain["api_key"] == "chiave&=")
        #expect(plain["jurisdiction_id"] == "acqua.example")
        #expect(plain["service_code"] == "acqua")
        #expect(plain["lat"] == "44.865100" && plain["long"] == "10.060600")
        #expect(plain["address_string"] == "via Gramsci 12")
        #expect(
            plain["description"]
                == "Perdita\n\nPerde il tubo davanti al n. 12\n\nurgente\n\n[FI-7Q4K2MXD, Comune di Fidenza]")
        #expect(plain["email"] == nil && plain["phone"] == nil)
        let shared = fields(OfficeSample.task(), OfficeSample.server(contact: true, key: nil))
        #expect(shared["email"] == "anna@example.org" && shared["phone"] == "+393331234567")
        #expect(shared["api_key"] == nil)
        #expect(fields(OfficeSample.task(location: nil))["lat"] == nil)
    }

    @Test("A description stays within GeoReport's 4000 characters, and its end is our code")
    func long() throws {
        let text = try #require(
            fields(OfficeSample.task(text: String(repeating: "acqua ", count: 2000)))["description"])
        #expect(text.unicodeScalars.count <= 4000)
        #expect(text.hasSuffix("…\n\n[FI-7Q4K2MXD, Comune di Fidenza]"))
        let bidi = try #require(fields(OfficeSample.task(text: "a\u{202E}b\u{0}c\r\nd"))["description"])
        #expect(bidi.contains("abc\nd"))
    }

    @Test("Form encoding: all but unreserved characters as UTF-8 in hexadecimal")
    func encoding() {
        let bytes = Open311Request.encoded([("attribute[a]", "è & ü=1+1 ~-._"), ("b", "")])
        #expect(
            String(decoding: bytes, as: UTF8.self) == "attribute%5Ba%5D=%C3%A8%20%26%20%C3%BC%3D1%2B1%20~-._&b=")
    }

    @Test(
        "Degrees never have an exponent",
        arguments: [
            (0.00001, "0.000010"), (-12.5, "-12.500000"), (0, "0.000000"), (-0.0000001, "0.000000"),
            (179.9999999, "180.000000"),
        ])
    func degrees(value: Double, text: String) { #expect(Open311Request.degrees(value) == text) }

    @Test("The first service that covers the category counts")
    func services() {
        let server = OfficeSample.server()
        #expect(server.service(for: "segnalazioni.acqua-fogne") == "acqua")
        #expect(server.service(for: "ambiente.parchi") == "verde")
        #expect(server.service(for: "strade.buche") == nil)
        #expect(server.service(for: nil) == nil)
        let all = OfficeOpen311(url: "", services: [OfficeOpen311.Service(category: "*", code: "1")])
        #expect(all.service(for: nil) == "1" && all.service(for: "a.b") == "1")
    }

    // MARK: Answers

    private func answer(_ status: Int, _ body: String = "", after: Duration? = nil) -> OfficeAnswer {
        OfficeAnswer(status: status, retryAfter: after, body: Array(body.utf8))
    }

    @Test("An id, a token, or neither, in JSON and XML")
    func taken() {
        #expect(Open311Verdict(answer(201, #"[{"service_request_id":"293944"}]"#)) == .taken(id: "293944"))
        #expect(Open311Verdict(answer(200, #"[{"service_request_id":293944}]"#)) == .taken(id: "293944"))
        #expect(Open311Verdict(answer(200, #"{"service_requests":[{"service_request_id":"1"}]}"#)) == .taken(id: "1"))
        #expect(Open311Verdict(answer(200, #"[{"token":"12345","service_notice":null}]"#)) == .promised(token: "12345"))
        #expect(Open311Verdict(answer(200, #"[{"account_id":null}]"#)) == .taken(id: nil))
        let xml = """
            <?xml version="1.0" encoding="utf-8"?>
            <service_requests><request><service_request_id>29&amp;4</service_request_id><account_id/></request></service_requests>
            """
        #expect(Open311Verdict(answer(200, xml)) == .taken(id: "29&4"))
        #expect(
            Open311Verdict(
                answer(200, "<service_requests><request><token>T1</token></request></service_requests>"))
                == .promised(token: "T1"))
    }

    @Test("What was taken but cannot be read is uncertain, as is a lost answer")
    func uncertain() {
        for body in ["", "<html><body>ok", "ok", "[1]", #"<!DOCTYPE a [<!ENTITY b "c">]><a><b>&b;</b></a>"#] {
            guard case .uncertain = Open311Verdict(answer(200, body)) else {
                Issue.record("\(body)")
                continue
            }
        }
        for status in [502, 504, 520] {
            guard case .uncertain = Open311Verdict(answer(status)) else {
                Issue.record("\(status)")
                continue
            }
        }
        let lost = OfficeFailure(requestSent: true, isRetriable: true, message: "timeout")
        #expect(Open311Verdict(lost) == .uncertain(reason: "no answer after the request was sent: timeout"))
        let dead = OfficeFailure(requestSent: false, isRetriable: true, message: "no connection")
        #expect(Open311Verdict(dead) == .tryAgain(reason: "no connection", after: nil, pause: true))
    }

    @Test("Errors in JSON and XML, their words on record without anybody's address")
    func errors() {
        #expect(
            Open311Verdict(answer(400, #"[{"code":400,"description":"lat is required, ask anna@example.org"}]"#))
                == .refused(reason: "the office's server answered 400: lat is required, ask […]"))
        let xml = "<errors><error><code>404</code><description>service_code not found</description></error></errors>"
        #expect(
            Open311Verdict(answer(404, xml))
                == .refused(reason: "the office's server answered 404: service_code not found"))
        for status in [301, 401, 403, 405] {
            guard case .stopped = Open311Verdict(answer(status)) else {
                Issue.record("\(status)")
                continue
            }
        }
        #expect(
            Open311Verdict(answer(503, "", after: .seconds(7)))
                == .tryAgain(reason: "the office's server answered 503", after: .seconds(7), pause: true))
        #expect(
            Open311Verdict(answer(500))
                == .tryAgain(reason: "the office's server answered 500", after: nil, pause: false))
    }

    @Test("Ids that cannot stand in a list are none", arguments: ["", " ", "a,b", String(repeating: "1", count: 201)])
    func unusable(id: String) { #expect(Open311Verdict.usable(id) == nil) }

    @Test("A hostile document is no list")
    func hostile() {
        let laughs = #"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><r><i><status>&b;</status></i></r>"#
        #expect(Open311Records.read(Array(laughs.utf8)) == nil)
        let deep = String(repeating: "<a>", count: 100_000)
        #expect(Open311Records.read(Array(deep.utf8)) == nil)
        let many = "<r>" + String(repeating: "<i><status>open</status></i>", count: 5000) + "</r>"
        #expect(Open311Records.read(Array(many.utf8))?.count == 2000)
        #expect(Open311Records.read(Array(String(repeating: "[", count: 100_000).utf8)) == nil)
    }

    // MARK: What became of it

    private func theirs(_ status: String, _ notes: String? = nil) throws -> Open311Progress.Theirs {
        try #require(Open311Progress.Theirs(["status": status, "status_notes": notes].compactMapValues(\.self)))
    }

    private func step(
        _ status: String, _ ours: TicketStatus, last: TicketEvent.Kind? = nil, byThem: Bool = false
    ) throws -> TicketEvent.Kind? {
        Open311Progress.step(try theirs(status), .init(status: ours, last: last, isClosedByThem: byThem))
    }

    @Test("Open there it is being worked on, once; closed there it is resolved")
    func forward() throws {
        #expect(try step("open", .forwarded) == .inProgress)
        #expect(try step("open", .open) == .inProgress)
        #expect(try step("open", .inProgress) == nil)
        #expect(try step("open", .inProgress, last: .inProgress) == nil)
        #expect(try step("closed", .inProgress, last: .inProgress) == .resolved)
        #expect(try step("closed", .forwarded) == .resolved)
        #expect(try step("CLOSED", .resolved, last: .resolved, byThem: true) == nil)
    }

    @Test("A ticket that was closed here is left alone; one that they closed and open again is reopened")
    func reopened() throws {
        #expect(try step("closed", .rejected, last: .inProgress) == nil)
        #expect(try step("open", .resolved, last: .inProgress) == nil)
        #expect(try step("open", .resolved, last: .resolved, byThem: true) == .reopened)
        #expect(try step("open", .resolved, last: .resolved, byThem: false) == nil)
        #expect(try step("open", .reopened, last: .resolved) == nil, "the citizen was first")
        #expect(try step("closed", .reopened, last: .reopened) == .resolved)
        #expect(try step("closed", .reopened, last: .resolved) == nil, "they have not looked at it again")
    }

    @Test("What a utility writes is plain text of a bounded length")
    func notes() throws {
        #expect(try theirs("closed", "  Riparato\r\n\u{202E}\n il  tubo\t\u{0} ").notes == "Riparato\nil tubo")
        #expect(try theirs("closed", " \n ").notes == nil)
        let long = try #require(try theirs("closed", String(repeating: "a ", count: 50_000)).notes)
        #expect(long.utf16.count <= 2000)
        #expect(Open311Progress.Theirs(["status": "archived"]) == nil)
        #expect(Open311Progress.Theirs([:]) == nil)
    }

    @Test("Looks get rarer with a ticket's age, and end")
    func looks() {
        let created = OfficeSample.moment
        func pause(_ age: Duration, closed: Duration? = nil) -> Duration? {
            let now = created + age
            return Open311Progress.next(
                after: now, created: created, closed: closed.map { now + (.zero - $0) }, poll: .seconds(600)
            ).map { $0 - now }
        }
        #expect(pause(.zero) == .seconds(600))
        #expect(pause(.seconds(12_000)) == .seconds(600))
        #expect(pause(.seconds(86_400)) == .seconds(4320))
        #expect(pause(.seconds(30 * 86_400)) == .seconds(86_400))
        #expect(pause(.seconds(181 * 86_400)) == nil)
        #expect(pause(.seconds(86_400), closed: .seconds(3600)) == .seconds(4320))
        #expect(pause(.seconds(20 * 86_400), closed: .seconds(15 * 86_400)) == nil)
    }
}
