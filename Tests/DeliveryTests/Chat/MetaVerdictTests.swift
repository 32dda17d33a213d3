import Testing

@testable import Delivery

@Suite("What Meta's and Twilio's answers mean") struct MetaVerdictTests {
    private enum Kind: Equatable {
        case delivered(String?), tryAgain(Duration?, pause: Bool), unreachable, givenUp, stopped
    }

    private func kind(_ verdict: Verdict) -> Kind? {
        switch verdict {
        case .delivered(let id): .delivered(id)
        case .tryAgain(_, let after, let pause): .tryAgain(after, pause: pause)
        case .unreachable, .absent: .unreachable
        case .givenUp: .givenUp
        case .stopped: .stopped
        case .uncertain, .held: nil
        }
    }

    private func meta(_ status: Int, _ body: String, after: Duration? = nil) -> Kind? {
        kind(MetaVerdict.of(ChatAnswer(status: status, retryAfter: after, body: Array(body.utf8))))
    }

    private func error(_ code: Int, _ subcode: Int? = nil, more: String = "") -> String {
        let subcode = subcode.map { ",\"error_subcode\":\($0)" } ?? ""
        return #"{"error":{"message":"(#\#(code)) m","code":\#(code)\#(subcode)\#(more)}}"#
    }

    @Test("accepted, with the id by which receipts name it")
    func accepted() {
        #expect(meta(200, #"{"messages":[{"id":"wamid.1"}],"contacts":[]}"#) == .delivered("wamid.1"))
        #expect(meta(200, #"{"recipient_id":"1","message_id":"m_1"}"#) == .delivered("m_1"))
        #expect(meta(200, "odd") == .delivered(nil))
        #expect(meta(200, #"{"messages":[]}"#) == .delivered(nil))
    }

    @Test("another medium may do", arguments: [131047, 131026, 131030, 131049, 130472, 551, 132001, 132015, 132000])
    func unreachable(code: Int) { #expect(meta(400, error(code)) == .unreachable) }

    @Test(
        "another medium may do, by the second code",
        arguments: [(10, 2_018_278), (10, 2_018_065), (10, 2_534_022), (100, 2_018_001), (200, 2_018_108)])
    func unreachable(code: Int, subcode: Int) { #expect(meta(400, error(code, subcode)) == .unreachable) }

    @Test("too much: the account pauses", arguments: [4, 613, 80007, 130429, 131048])
    func limits(code: Int) {
        #expect(meta(400, error(code)) == .tryAgain(nil, pause: true))
        #expect(meta(429, error(code), after: .seconds(7)) == .tryAgain(.seconds(7), pause: true))
    }

    @Test("too much to one citizen, and Meta's own trouble, hold nobody else up")
    func trouble() {
        #expect(meta(400, error(131056)) == .tryAgain(.seconds(10), pause: false))
        for code in [1, 2, 131000, 131016] { #expect(meta(500, error(code)) == .tryAgain(nil, pause: false)) }
        #expect(meta(400, error(99, more: #","is_transient":true"#)) == .tryAgain(nil, pause: false))
        #expect(meta(503, "<html>") == .tryAgain(nil, pause: false))
        #expect(meta(429, "") == .tryAgain(nil, pause: true))
    }

    @Test("our side", arguments: [0, 3, 10, 33, 190, 200, 230, 299, 368, 131005, 131031, 133010])
    func stopped(code: Int) { #expect(meta(400, error(code)) == .stopped) }

    @Test("what is not known speaks of the message, unless its status says otherwise")
    func unknown() {
        #expect(meta(400, error(100)) == .givenUp)
        #expect(meta(400, error(131051)) == .givenUp)
        #expect(meta(400, "") == .givenUp)
        #expect(meta(401, "") == .stopped)
        #expect(meta(403, #"{"error":{"code":"x"}}"#) == .stopped)
        #expect(meta(404, "") == .stopped)
        #expect(meta(301, "") == .stopped)
        #expect(meta(500, error(7777)) == .tryAgain(nil, pause: false))
    }

    @Test("a reason has the code, and nobody's number")
    func reason() {
        let body = #"{"error":{"code":131026,"message":"m","error_data":{"details":"Message to 393331234567 failed"}}}"#
        #expect(
            MetaVerdict.of(ChatAnswer(status: 400, body: Array(body.utf8)))
                == .unreachable(reason: "Meta answered 400, 131026: m: Message to […] failed"))
    }

    private func sms(_ status: Int, _ code: Int) -> Kind? {
        kind(
            SMSVerdict.of(
                ChatAnswer(status: status, body: Array(#"{"code":\#(code),"message":"m","status":\#(status)}"#.utf8))))
    }

    @Test("Twilio's answers")
    func twilio() {
        let body = Array(#"{"sid":"SM1","status":"queued"}"#.utf8)
        #expect(kind(SMSVerdict.of(ChatAnswer(status: 201, body: body))) == .delivered("SM1"))
        for code in [21211, 21614, 21610, 21612, 21408] { #expect(sms(400, code) == .unreachable) }
        for code in [20003, 21606, 21659, 21703] { #expect(sms(400, code) == .stopped) }
        for code in [20429, 21611, 30001] { #expect(sms(400, code) == .tryAgain(nil, pause: true)) }
        for code in [21602, 21617] { #expect(sms(400, code) == .givenUp) }
        #expect(sms(500, 20500) == .tryAgain(nil, pause: false))
        #expect(kind(SMSVerdict.of(ChatAnswer(status: 401, body: []))) == .stopped)
        #expect(kind(SMSVerdict.of(ChatAnswer(status: 502, body: []))) == .tryAgain(nil, pause: false))
    }
}
