import Civic
import Crypto
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Intake
@testable import Settings

@Suite("SMS, as Twilio delivers them") struct SMSTests {
    private static let account = SMSAccount(
        api: "https://api.twilio.com/2010-04-01", account: "AC1", token: Secret("12345"), from: "+393399957711",
        url: nil)
    private static let url = "https://city.example/v1/channels/sms"

    private func delivery(_ pairs: [(String, String)], type: String = "application/x-www-form-urlencoded") -> Delivery {
        let body = pairs.map { "\(encoded($0))=\(encoded($1))" }.joined(separator: "&")
        return Delivery(
            url: Self.url, headers: [.contentType: type], body: Array(body.utf8),
            receivedAt: Timestamp(seconds: 1_795_424_400))
    }

    private func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics)?.replacing("%20", with: "+") ?? ""
    }

    private func read(_ pairs: [(String, String)], _ account: SMSAccount = account) throws -> [ChatEvent] {
        try TwilioMessenger(account).read(delivery(pairs))
    }

    private func incoming(_ more: (String, String)...) throws -> ChatEvent {
        let pairs = [
            ("MessageSid", "SM1"), ("SmsStatus", "received"), ("From", "+393331234567"), ("To", "+393399957711"),
        ]
        return try #require(try read(pairs + more).first)
    }

    // MARK: Signatures

    private static let parameters =
        "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309"

    @Test(
        "the vectors of twilio-python",
        arguments: [
            ("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com:1234/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("https://mycompany.com/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
            ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
            ("http://mycompany.com/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
            // Behind a proxy that speaks TLS.
            ("http://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
            ("http://mycompany.com:8080/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ])
    func vectors(url: String, signature: String) throws {
        let form = try FormBody(urlencoded: Self.parameters)
        let twilio = try #require(TwilioSignature(token: "12345"))
        #expect(twilio.accepts(signature, url: url, form: form, body: []))
        #expect(try !#require(TwilioSignature(token: "12346")).accepts(signature, url: url, form: form, body: []))
        let other = try FormBody(urlencoded: Self.parameters + "&Extra=1")
        #expect(!twilio.accepts(signature, url: url, form: other, body: []))
        #expect(!twilio.accepts(signature, url: url + "&x", form: form, body: []))
        #expect(!twilio.accepts(signature, url: url.replacing("mycompany", with: "other"), form: form, body: []))
        for damaged in ["", "RSOYDt4T1cUTdK1PDd93", "!", String(signature.dropLast(4)), String(signature.reversed())] {
            #expect(!twilio.accepts(damaged, url: url, form: form, body: []))
        }
    }

    @Test("names come sorted, each pair once")
    func duplicates() throws {
        let form = try FormBody(urlencoded: "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234")
        #expect(
            try #require(TwilioSignature(token: "12345")).accepts(
                "IK+Dwps556ElfBT0I3Rgjkr1wJU=", url: "https://mycompany.com/myapp.php?foo=1&bar=2", form: form, body: []
            ))
    }

    @Test("a body that is no form is signed by its hash in the address")
    func json() throws {
        let body = Array(#"{"property": "value", "boolean": true}"#.utf8)
        let hash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=\(hash)"
        let twilio = try #require(TwilioSignature(token: "12345"))
        #expect(twilio.accepts("a9nBmqA0ju/hNViExpshrM61xv4=", url: url, form: nil, body: body))
        #expect(!twilio.accepts("a9nBmqA0ju/hNViExpshrM61xv4=", url: url, form: nil, body: body + [0x20]))
        // Signed as well, but without the hash nothing vouches for the body.
        #expect(
            !twilio.accepts(
                "RSOYDt4T1cUTdK1PDd93/VVr8B8=", url: "https://mycompany.com/myapp.php?foo=1&bar=2", form: nil,
                body: body))
    }

    @Test("numbers that make no sense, and senders that are none", arguments: ["-5", "99999999999", "x", ""])
    func nonsense(count: String) throws {
        let pairs = [
            ("MessageSid", "SM1"), ("Body", "Buca"), ("From", "a/b\u{0} c:+393331234567"), ("NumMedia", count),
        ]
        guard case .message(let said) = try TwilioMessenger(Self.account).read(delivery(pairs)).first?.storable else {
            Issue.record("no message")
            return
        }
        #expect(said.media.isEmpty)
        #expect(said.phone == nil)
        #expect(!said.chat.contains { $0 == "/" || $0 == "\u{0}" || $0 == " " })
        let nobody = try TwilioMessenger(Self.account).read(
            delivery([("MessageSid", "SM2"), ("Body", "?"), ("From", "")]))
        guard case .message(let stranger) = nobody.first else {
            Issue.record("no message")
            return
        }
        #expect(stranger.chat == "SM2")
    }

    @Test("without a token nobody is believed")
    func noToken() { #expect(TwilioSignature(token: "") == nil) }

    @Test("an address may be written in these ways")
    func spellings() {
        #expect(
            Set(TwilioSignature.spellings(of: "http://[::1]:8080/a?b")) == [
                "http://[::1]:8080/a?b", "http://[::1]/a?b", "http://[::1]:80/a?b", "https://[::1]/a?b",
                "https://[::1]:443/a?b", "https://[::1]:8080/a?b",
            ])
        #expect(TwilioSignature.spellings(of: "nonsense") == ["nonsense"])
        #expect(Set(TwilioSignature.spellings(of: "https://a")) == ["https://a", "https://a:443"])
    }

    private func signature(_ url: String, _ pairs: [(String, String)]) -> String {
        let text = url + pairs.sorted { $0.0 < $1.0 }.map { $0 + $1 }.joined()
        let code = HMAC<Insecure.SHA1>.authenticationCode(
            for: Array(text.utf8), using: SymmetricKey(data: Array("12345".utf8)))
        return Data(code).base64EncodedString()
    }

    @Test("the address that was configured is the one that is signed, with the query that came")
    func configured() throws {
        var account = Self.account
        account.url = "https://proxy.example/sms"
        let pairs = [("MessageSid", "SM1"), ("Body", "Buca è qui"), ("From", "+393331234567")]
        var signed = delivery(pairs)
        signed.url += "?k=1"
        let name = try #require(HTTPField.Name("X-Twilio-Signature"))
        signed.headers[name] = signature("https://proxy.example/sms?k=1", pairs)
        try TwilioMessenger(account).prove(signed)
        #expect(throws: Problem.self) { try TwilioMessenger(Self.account).prove(signed) }
        signed.headers[name] = signature(Self.url + "?k=1", pairs)
        #expect(throws: Problem(.unauthorized, "X-Twilio-Signature is missing or wrong")) {
            try TwilioMessenger(account).prove(signed)
        }
        try TwilioMessenger(Self.account).prove(signed)
        signed.headers[name] = nil
        #expect(throws: Problem.self) { try TwilioMessenger(Self.account).prove(signed) }
        // What is not said to be a form is no form.
        signed.headers[name] = signature(Self.url + "?k=1", pairs)
        signed.headers[.contentType] = "application/json"
        #expect(throws: Problem.self) { try TwilioMessenger(Self.account).prove(signed) }
    }

    // MARK: What is said

    @Test("a message, however many segments it had")
    func message() throws {
        let long = String(repeating: "C'è una buca in via Tuscolana 512. ", count: 20)
        guard case .message(let message) = try incoming(("Body", long), ("NumSegments", "5"), ("NumMedia", "0")) else {
            Issue.record("no message")
            return
        }
        #expect(message.id == "SM1")
        #expect(message.text == long)
        #expect(message.chat == "+393331234567")
        #expect(message.phone == "+393331234567")
        #expect(message.media.isEmpty)
    }

    @Test("files of an MMS")
    func media() throws {
        let url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
        guard
            case .message(let message) = try incoming(
                ("Body", ""), ("NumMedia", "2"), ("MediaUrl0", url), ("MediaContentType0", "image/jpeg"),
                ("MediaUrl1", url + "2"))
        else {
            Issue.record("no message")
            return
        }
        #expect(
            message.media == [
                ChatMedia(reference: url, type: "image/jpeg"), ChatMedia(reference: url + "2"),
            ])
        guard case .message(let many) = try incoming(("NumMedia", "99999999999999999999")) else {
            Issue.record("no message")
            return
        }
        #expect(many.media.isEmpty)
    }

    @Test(
        "consent: Twilio's word for it, and citizens' own",
        arguments: [
            ("STOP", nil, .stop), (" stop! ", nil, .stop), ("/stop", nil, .stop), ("Disiscrivimi", nil, .stop),
            ("BASTA", nil, .stop), ("unstop", nil, .start), ("RIPRENDI", nil, .start), ("info", nil, .help),
            ("/stato", nil, .status), ("nuova", nil, .new), ("riapri rm-7q4k2mxd", nil, .reopen("RM-7Q4K2MXD")),
            ("Riapri RM 7Q4K 2MXD", nil, .reopen("RM7Q4K2MXD")), ("qualunque cosa", "STOP", .stop),
            ("sì", "START", .start), ("x", "HELP", .help), ("stop ai rumori", nil, nil), ("sì", nil, nil),
            ("riapri", nil, nil), ("aiuto", nil, nil), ("yes", nil, nil), ("", nil, nil),
        ] as [(String, String?, ChatCommand?)])
    func consent(text: String, type: String?, command: ChatCommand?) throws {
        let event = try incoming(("Body", text), ("OptOutType", type ?? ""))
        switch event {
        case .command(let found, let message):
            #expect(found == command)
            #expect(message.text == text)
        case .message: #expect(command == nil)
        default: Issue.record("\(event)")
        }
    }

    @Test("what became of ours")
    func receipts() throws {
        func told(_ state: String, _ code: String? = nil) throws -> ChatEvent {
            var pairs = [
                ("MessageSid", "SM9"), ("MessageStatus", state), ("SmsStatus", state), ("To", "+393331234567"),
            ]
            if let code { pairs.append(("ErrorCode", code)) }
            return try #require(try read(pairs).first)
        }
        #expect(try told("delivered") == .receipt(ChatReceipt(messageID: "SM9", state: .delivered)))
        #expect(try told("read") == .receipt(ChatReceipt(messageID: "SM9", state: .read)))
        #expect(
            try told("undelivered", "30003")
                == .receipt(
                    ChatReceipt(
                        messageID: "SM9", state: .failed, reason: "SMS: the telephone cannot be reached (30003)")))
        #expect(
            try told("failed") == .receipt(ChatReceipt(messageID: "SM9", state: .failed, reason: "SMS: failed")))
        for state in ["queued", "sending", "sent", "accepted", "scheduled", "canceled", "novel"] {
            guard case .ignored(let id, state) = try told(state), id.count == 32 else {
                Issue.record("\(state)")
                continue
            }
        }
    }

    @Test("another number's is ignored; a messaging service may have many numbers")
    func numbers() throws {
        let pairs = [("MessageSid", "SM1"), ("From", "+393331234567"), ("To", "+393311111111"), ("Body", "a")]
        if case .ignored(_, "another number") = try read(pairs).first {} else { Issue.record("not ignored") }
        var service = Self.account
        service.from = "MG1"
        if case .message = try read(pairs + [("MessagingServiceSid", "MG1")], service).first {
        } else {
            Issue.record("")
        }
        if case .ignored = try read(pairs + [("MessagingServiceSid", "MG2")], service).first {
        } else {
            Issue.record("")
        }
    }

    @Test("who sends under a name, and who comes from another network")
    func senders() throws {
        func chat(_ from: String) throws -> ChatMessage? {
            if case .message(let message) = try read([("MessageSid", "SM1"), ("From", from), ("Body", "a")]).first {
                message
            } else {
                nil
            }
        }
        #expect(try chat("POSTE INFO")?.chat == "POSTE_INFO")
        #expect(try chat("POSTE INFO")?.phone == nil)
        #expect(try chat("whatsapp:+393331234567")?.chat == "whatsapp:+393331234567")
        #expect(try chat("whatsapp:+393331234567")?.phone == "+393331234567")
        #expect(try chat("")?.chat == "SM1")
        #expect(try chat("../..")?.chat == "SM1")
    }

    @Test("JSON says the same")
    func jsonMessage() throws {
        var json = delivery([], type: "application/json")
        json.body = Array(#"{"MessageSid":"SM1","From":"+393331234567","Body":"Buca","NumMedia":0}"#.utf8)
        guard case .message(let message) = try TwilioMessenger(Self.account).read(json).first else {
            Issue.record("no message")
            return
        }
        #expect(message.text == "Buca")
    }

    @Test("Twilio is answered with TwiML that says nothing")
    func answer() { #expect(TwilioMessenger(Self.account).answer.body.hasSuffix("<Response/>")) }

    @Test("what cannot be understood is said to be so, and damage harms nobody")
    func damage() throws {
        #expect(throws: UnreadableDelivery.self) { try read([]) }
        if case .ignored(_, "no message") = try read([("a", "b")]).first {} else { Issue.record("not ignored") }
        let good = delivery([
            ("MessageSid", "SM1"), ("From", "+393331234567"), ("Body", "C'è una buca"), ("NumMedia", "1"),
            ("MediaUrl0", "https://api.twilio.com/1"),
        ])
        var dice = Dice(6)
        for _ in 0..<3000 {
            var damaged = good
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let place = Int.random(in: 0..<damaged.body.count, using: &dice)
                damaged.body[place] = UInt8.random(in: 0...255, using: &dice)
            }
            do throws(UnreadableDelivery) {
                #expect(try !TwilioMessenger(Self.account).read(damaged).isEmpty)
            } catch {
                #expect(!error.reason.isEmpty)
            }
        }
    }
}
