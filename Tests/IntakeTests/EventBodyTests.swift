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
