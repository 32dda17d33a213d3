import Civic
import Store
import Testing

@testable import Intake

@Suite("The body of a back office's event") struct EventBodyTests {
    private static let directory = OfficeDirectory(
        offices: [
            Office(code: "urp", names: [:], forwards: [.init(category: "rifiuti.*", to: "ama")]),
            Office(code: "ama", names: [:]),
        ], lastResort: "urp")

    private func step(_ json: String) throws -> Tickets.Step {
        try JSONBody.decode(Array(json.utf8), as: EventBody.self).step(
            code: "RM-00000000", by: "urp", directory: EventBodyTests.directory, at: Rome.monday,
            timing: .prompt(lifetime: .seconds(60))
        )
    }

    @Test(
        "What an office may report",
        arguments: [
            ("acknowledged", TicketEvent.Kind.acknowledged), ("in_progress", .inProgress), ("resolved", .resolved),
            ("rejected", .rejected), ("reopened", .reopened), ("waiting", .waiting),
        ])
    func statuses(_ status: String, _ kind: TicketEvent.Kind) throws {
        let step = try step(#"{"id":"e1","status":"\#(status)","note":"fatto"}"#)
        #expect(step.kind == kind)
        #expect(step.code == "RM-00000000")
        #expect(step.by == "urp")
        #expect(step.at == Rome.monday)
        #expect(step.externalID == "e1")
        #expect(step.note == "fatto")
        #expect(step.office == nil)
        #expect(step.category == nil)
        #expect(step.tells)
        let plan = step.timing.plan(
            NotificationPlan.Subject(
                template: status, category: nil, medium: .email, priority: .normal, owedAt: Rome.monday))
        #expect(plan.expiresAt == Rome.monday + .seconds(60))
    }

    @Test("Forwarded goes to an office")
    func forwarded() throws {
        let step = try step(#"{"id":"e1","status":"forwarded","to_office":"ama"}"#)
        #expect(step.kind == .forwarded)
        #expect(step.office == "ama")
        #expect(step.note == nil)
    }

    @Test("Forwarded without an office goes where the ticket's office hands on such tickets")
    func secondHop() throws {
        let step = try step(#"{"id":"e1","status":"forwarded"}"#)
        #expect(step.office == nil)
        #expect(step.secondHop("rifiuti.raccolta", "urp") == "ama")
        #expect(step.secondHop("strade.buche", "urp") == nil)
        #expect(step.secondHop("rifiuti.raccolta", "ama") == nil)
    }

    @Test(
        "A member at fault is told by its pointer",
        arguments: [
            (#"{"status":"resolved"}"#, "/id"), (#"{"id":"","status":"resolved"}"#, "/id"),
            (#"{"id":"a\u0000","status":"resolved"}"#, "/id"), (#"{"id":1,"status":"resolved"}"#, "/id"),
            (#"{"id":"1"}"#, "/status"), (#"{"id":"1","status":"Resolved"}"#, "/status"),
            (#"{"id":"1","status":"opened"}"#, "/status"), (#"{"id":"1","status":"moved"}"#, "/status"),
            (#"{"id":"1","status":"note"}"#, "/status"), (#"{"id":"1","status":"closed"}"#, "/status"),
            (#"{"id":"1","status":"forwarded","to_office":"nowhere"}"#, "/to_office"),
            (#"{"id":"1","status":"forwarded","to_office":""}"#, "/to_office"),
            (#"{"id":"1","status":"resolved","to_office":"ama"}"#, "/to_office"),
            (#"{"id":"1","status":"resolved","note":7}"#, "/note"),
        ])
    func fault(_ json: String, _ pointer: String) throws {
        let problem = try problem { try step(json) }
        #expect(problem.status.code == 422)
        #expect(problem.pointer == pointer)
    }

    private func read(payment: String, status: String = "answered", note: String? = "ok") throws -> Tickets.Step {
        let note = note.map { #","note":"\#($0)""# } ?? ""
        let body = #"{"id":"e1","status":"\#(status)","payment":\#(payment)\#(note)}"#
        return try EventBody.read(Array(body.utf8)).step(
            code: "RM-00000000", by: "urp", directory: EventBodyTests.directory, at: Rome.monday, timing: .prompt()
        )
    }

    @Test("An answer may ask for a payment, with or without words of its own")
    func payment() throws {
        let full =
            #"{"amount":12345,"notice_number":"301011100007347557","due_date":"2026-12-31","invalid_after_due_date":true}"#
        for note in ["ok", nil] as [String?] {
            #expect(
                try read(payment: full, note: note).payment
                    == PaymentNotice(
                        amount: 12_345, noticeNumber: "301011100007347557", due: CivilDate("2026-12-31"),
                        invalidAfterDue: true))
        }
        let short = #"{"notice_number":"001011100007347557","amount" : 9999999999, "due_date":null}"#
        #expect(
            try read(payment: short).payment == PaymentNotice(amount: 9_999_999_999, noticeNumber: "001011100007347557")
        )
        #expect(try read(payment: "null").payment == nil)
        // What only looks like a member.
        #expect(try read(payment: full, note: #"\"amount\": 5.0"#).payment != nil)
    }

    @Test(
        "A payment at fault is told by its pointer",
        arguments: [
            (#"{"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":"12","notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":0,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":-5,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":12.5,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":50.00,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":5e3,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":10000000000,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":99999999999999999999,"notice_number":"301011100007347557"}"#, "/payment/amount"),
            (#"{"amount":1}"#, "/payment/notice_number"),
            (#"{"amount":1,"notice_number":301011100007347557}"#, "/payment/notice_number"),
            (#"{"amount":1,"notice_number":"30101110000734755"}"#, "/payment/notice_number"),
            (#"{"amount":1,"notice_number":"401011100007347557"}"#, "/payment/notice_number"),
            (#"{"amount":1,"notice_number":"30101110000734755x"}"#, "/payment/notice_number"),
            (#"{"amount":1,"notice_number":"301011100007347557","due_date":"31/12/2026"}"#, "/payment/due_date"),
            (#"{"amount":1,"notice_number":"301011100007347557","due_date":"2026-02-30"}"#, "/payment/due_date"),
            (
                #"{"amount":1,"notice_number":"301011100007347557","due_date":"2026-12-31T22:59:59Z"}"#,
                "/payment/due_date"
            ),
            (
                #"{"amount":1,"notice_number":"301011100007347557","invalid_after_due_date":true}"#,
                "/payment/invalid_after_due_date"
            ),
            (
                #"{"amount":1,"notice_number":"301011100007347557","invalid_after_due_date":"yes"}"#,
                "/payment/invalid_after_due_date"
            ),
            ("[]", "/payment"), ("7", "/payment"),
        ])
    func paymentFault(_ json: String, _ pointer: String) throws {
        let problem = try problem { try read(payment: json) }
        #expect(problem.status.code == 422)
        #expect(problem.pointer == pointer)
    }

    @Test("Only an answer asks for a payment", arguments: ["resolved", "corrected"])
    func paymentElsewhere(_ status: String) throws {
        let notice = #"{"amount":1,"notice_number":"301011100007347557"}"#
        #expect(try problem { try read(payment: notice, status: status) }.pointer == "/payment")
    }

    @Test("A correction says what is right")
    func corrected() throws {
        #expect(try step(#"{"id":"1","status":"corrected","note":"lunedì"}"#).kind == .corrected)
        for body in [#"{"id":"1","status":"corrected"}"#, #"{"id":"1","status":"corrected","note":" \n"}"#] {
            #expect(try problem { try step(body) }.pointer == "/note")
        }
    }

    @Test("Files: so many, in base64")
    func files() throws {
        func body(_ contents: String...) throws -> EventBody {
            let files = contents.map { #"{"name":"a.txt","type":"text/plain","content":"\#($0)"}"# }.joined(
                separator: ",")
            return try JSONBody.decode(
                Array(#"{"id":"1","status":"resolved","attachments":[\#(files)]}"#.utf8), as: EventBody.self)
        }
        #expect(try body("Y2lhbw==").files(most: 1).map(\.content) == [Array("ciao".utf8)])
        #expect(try problem { _ = try body("Y2lhbw==", "Y2lhbw==").files(most: 1) }.pointer == "/attachments")
        #expect(try problem { _ = try body("ciao!").files(most: 1) }.pointer == "/attachments/0/content")
    }

    @Test("A note: up to 10,000 characters, none if empty, without U+0000")
    func note() throws {
        func noted(_ note: String) -> String { #"{"id":"1","status":"resolved","note":"\#(note)"}"# }
        #expect(try step(noted(String(repeating: "è", count: 10_000))).note?.count == 10_000)
        #expect(try problem { try step(noted(String(repeating: "è", count: 10_001))) }.pointer == "/note")
        #expect(try step(noted("")).note == nil)
        #expect(try step(noted(#"a\u0000"#)).note == "a\u{FFFD}")
        #expect(try step(#"{"id":"1","status":"resolved","attachments":[]}"#).kind == .resolved)
    }

    @Test("500 bytes of id")
    func id() throws {
        func identified(_ length: Int) -> String {
            #"{"id":"\#(String(repeating: "x", count: length))","status":"resolved"}"#
        }
        #expect(try step(identified(500)).externalID?.count == 500)
        #expect(try problem { try step(identified(501)) }.pointer == "/id")
    }
}
