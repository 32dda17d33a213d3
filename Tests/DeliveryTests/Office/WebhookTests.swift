import Civic
import Foundation
import Store
import Testing

@testable import Delivery

@Suite("Posts to offices' systems") struct WebhookTests {
    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    private func body(_ task: OfficeTask) -> [UInt8] {
        WebhookPayload.body(task, to: "gestore-idrico", baseURL: "https://comune.example")
    }

    @Test("The body says what happened and shows the ticket with its place and its files' addresses")
    func payload() throws {
        let body = try object(body(OfficeSample.task(note: "è vostro", attachments: 2)))
        #expect(body["type"] as? String == "ticket.forwarded")
        #expect(body["timestamp"] as? String == "2026-11-21T09:30:00Z")
        let data = try #require(body["data"] as? [String: Any])
        #expect(data["code"] as? String == "FI-7Q4K2MXD")
        #expect(data["office"] as? String == "lavori-pubblici")
        #expect(data["recipient"] as? String == "gestore-idrico")
        #expect(data["text"] as? String == "Perde il tubo davanti al n. 12")
        #expect(data["url"] as? String == "https://comune.example/v1/tickets/FI-7Q4K2MXD")
        #expect(data["truncated"] as? Bool == false)
        #expect(data["notifications"] == nil, "who else was told is nobody's concern")
        let place = try #require(data["location"] as? [String: Any])
        #expect(place["lat"] as? Double == 44.8651)
        #expect(place["address"] as? String == "via Gramsci 12")
        let event = try #require(data["event"] as? [String: Any])
        #expect(event["kind"] as? String == "forwarded")
        #expect(event["note"] as? String == "è vostro")
        #expect(event["office"] as? String == "gestore-idrico")
        let files = try #require(data["attachments"] as? [[String: Any]])
        #expect(
            files.map { $0["url"] as? String } == [
                "https://comune.example/v1/tickets/FI-7Q4K2MXD/attachments/1",
                "https://comune.example/v1/tickets/FI-7Q4K2MXD/attachments/2",
            ])
    }

    @Test("The type is the event's kind", arguments: TicketEvent.Kind.allCases)
    func types(kind: TicketEvent.Kind) throws {
        #expect(try object(body(OfficeSample.task(kind: kind)))["type"] as? String == "ticket.\(kind.rawValue)")
    }

    @Test("A ticket that grew for years is told in part, within half a megabyte, the latest of it")
    func bounded() throws {
        // Each character takes six bytes in JSON.
        let text = String(repeating: "\u{1}", count: 60_000)
        let bytes = body(OfficeSample.task(text: text, messages: 400, attachments: 900))
        #expect(bytes.count <= WebhookPayload.largest)
        let data = try #require(try object(bytes)["data"] as? [String: Any])
        #expect(data["truncated"] as? Bool == true)
        let messages = try #require(data["messages"] as? [[String: Any]])
        #expect(messages.last?["id"] as? String == Identifier(high: 1, low: 399).description)
        let some = body(OfficeSample.task(text: "ciao", messages: 60))
        let told = try #require(try object(some)["data"] as? [String: Any])
        #expect((told["messages"] as? [Any])?.count == 50)
        #expect(told["truncated"] as? Bool == true)
    }

    @Test("Success delivers", arguments: [200, 201, 202, 204, 299])
    func success(status: Int) { #expect(WebhookVerdict(OfficeAnswer(status: status)) == .delivered) }

    @Test("410 means never again")
    func gone() { #expect(WebhookVerdict(OfficeAnswer(status: 410)) == .gone) }

    @Test(
        "Whatever else is tried again; what concerns every post pauses the office's line",
        arguments: [
            (301, true), (307, true), (401, true), (403, true), (404, true), (405, true), (429, true), (502, true),
            (503, true), (504, true), (400, false), (408, false), (413, false), (422, false), (500, false),
            (101, false),
        ])
    func again(status: Int, pauses: Bool) {
        guard case .tryAgain(let reason, nil, let pause) = WebhookVerdict(OfficeAnswer(status: status)) else {
            Issue.record("\(status)")
            return
        }
        #expect(reason.contains("\(status)"))
        #expect(pause == pauses)
    }

    @Test("Retry-After counts, within an hour")
    func retryAfter() {
        let asked = OfficeAnswer(status: 429, retryAfter: .seconds(90))
        #expect(
            WebhookVerdict(asked)
                == .tryAgain(reason: "the office's system answered 429", after: .seconds(90), pause: true))
        #expect(OfficeAnswer(status: 503, retryAfter: .seconds(1_000_000)).retryAfter == .seconds(3600))
        #expect(OfficeAnswer(status: 503, retryAfter: .seconds(-5)).retryAfter == .zero)
    }

    @Test("No answer: again, also where the post may have arrived, for its id is the same")
    func failures() {
        let lost = OfficeFailure(requestSent: true, isRetriable: true, message: "timeout")
        #expect(WebhookVerdict(lost) == .tryAgain(reason: "timeout", after: nil, pause: false))
        let dead = OfficeFailure(requestSent: false, isRetriable: true, message: "no connection")
        #expect(WebhookVerdict(dead) == .tryAgain(reason: "no connection", after: nil, pause: true))
    }
}
