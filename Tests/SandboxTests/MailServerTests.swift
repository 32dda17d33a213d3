import Foundation
import Testing

@testable import Sandbox

private let envelope = "EHLO a\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"

private func mail(_ id: String, _ body: String = "Ciao\r\n") -> String {
    "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
        + "Message-ID: <\(id)@example.org>\r\nSubject: s\r\n\r\n\(body).\r\n"
}

@Suite("Mail server")
struct MailServerTests {
    @Test("greets with what it can do, and not with STARTTLS")
    func capabilities() async throws {
        try await World.with { world in
            let bytes = try await Wire.exchange(world.ports.smtp, Array("EHLO a\r\nQUIT\r\n".utf8))
            let text = String(decoding: bytes, as: UTF8.self)
            for name in ["SIZE 31457280", "8BITMIME", "SMTPUTF8", "PIPELINING", "AUTH PLAIN LOGIN"] {
                #expect(text.contains(name))
            }
            #expect(!text.contains("STARTTLS"))
        }
    }

    @Test("pipelined mails are all taken and counted exactly, after their content was dropped too")
    func pipelining() async throws {
        try await World.with({
            $0.capacity = 10; $0.bodies = 2
        }) { world in
            let mails = (0..<50).map { mail("\($0 % 40)") }.joined()
            let codes = try await world.smtp("EHLO a\r\n" + mails + "QUIT\r\n")
            #expect(codes == [220, 250] + Array(repeating: [250, 250, 354, 250], count: 50).joined() + [221])
            let counts = try await world.json("/api/counts")
            #expect(counts["mails"] == 50)
            #expect(counts["distinct_message_ids"] == 40)
            let listed = try await world.json("/api/mails?limit=1000").array ?? []
            #expect(listed.compactMap { $0["id"]?.integer } == Array(41...50))
            #expect(listed.filter { $0["text"] != nil }.count == 2)
            #expect(try await world.send("GET", "/api/mails/3")?.status == 410)
            #expect(try await world.send("GET", "/api/mails/51")?.status == 404)
        }
    }

    @Test("the dots of the text are undone, the rest is kept to the octet")
    func dots() async throws {
        try await World.with { world in
            let text = "Subject: x\r\n\r\n..\r\n..a\r\nb.\r\n\r\n. \r\nbare\nlf\r\n"
            let codes = try await world.smtp(envelope + text + ".\r\nQUIT\r\n")
            #expect(codes == [220, 250, 250, 250, 354, 250, 221])
            let raw = try await world.send("GET", "/api/mails/1")?.text
            #expect(raw == "Subject: x\r\n\r\n.\r\n.a\r\nb.\r\n\r\n \r\nbare\nlf\r\n")
        }
    }

    @Test("only CR LF . CR LF ends a mail", arguments: ["\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r"])
    func smuggling(ending: String) async throws {
        try await World.with { world in
            let codes = try await world.smtp(envelope + "x\(ending)\r\nMAIL FROM:<evil@example.org>\r\n.\r\nQUIT\r\n")
            #expect(codes == [220, 250, 250, 250, 354, 250, 221])
            #expect(try await world.json("/api/counts")["mails"] == 1)
        }
    }

    @Test(
        "commands out of order, malformed or unknown",
        arguments: [
            ("MAIL FROM:<a@b.it>", 503), ("EHLO", 501), ("EHLO a\r\nRCPT TO:<a@b.it>", 503), ("EHLO a\r\nDATA", 503),
            ("EHLO a\r\nMAIL FROM:<a@b.it>\r\nMAIL FROM:<a@b.it>", 503), ("EHLO a\r\nMAIL FROM:a@b.it", 501),
            ("EHLO a\r\nMAIL FROM:<a b@b.it>", 501), ("EHLO a\r\nMAIL FROM:<a@b.it> SIZE=31457281", 552),
            ("EHLO a\r\nMAIL FROM:<a@b.it> SIZE=x", 501), ("EHLO a\r\nMAIL FROM:<a@b.it> WHAT=1", 555),
            ("EHLO a\r\nMAIL FROM:<è@b.it>", 553), ("EHLO a\r\nMAIL FROM:<è@b.it> SMTPUTF8", 250),
            ("EHLO a\r\nMAIL FROM:<> BODY=8BITMIME", 250), ("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<>", 501),
            ("EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<\"a> b\"@c.it>", 250), ("STARTTLS", 502), ("EXPN a", 502),
            ("VRFY a", 252), ("NOOP", 250), ("RSET", 250), ("WHAT", 500), ("AUTH PLAIN =", 503),
            ("EHLO a\r\nAUTH PLAIN !", 501), ("EHLO a\r\nAUTH X", 504), ("EHLO a\r\nAUTH LOGIN\r\n*", 501),
            ("EHLO a\r\nAUTH PLAIN AHVzZXIAcGFzcw==", 235), ("EHLO a\r\nAUTH PLAIN\r\nAHVzZXIAcGFzcw==", 235),
            ("EHLO a\r\nAUTH LOGIN\r\ndXNlcg==\r\ncGFzcw==", 235), ("", 500),
        ])
    func commands(dialogue: String, code: Int) async throws {
        try await World.with { world in
            let codes = try await world.smtp(dialogue + "\r\nQUIT\r\n")
            #expect(codes.dropLast().last == code)
            #expect(codes.last == 221)
        }
    }

    @Test("only the user of a login is remembered")
    func user() async throws {
        try await World.with { world in
            _ = try await world.smtp("EHLO a\r\nAUTH PLAIN AHVzZXIAcGFzcw==\r\n" + mail("1") + "QUIT\r\n")
            let listed = try await world.json("/api/mails")
            #expect(listed.array?.first?["user"] == "user")
        }
    }

    @Test(
        "faults asked for",
        arguments: [
            "tempfail", "reject", "refuse_recipient", "drop_after_data", "slow", "busy", "reset", "half_answer",
        ])
    func faults(mode: String) async throws {
        try await World.with { world in
            #expect(try await world.control(["smtp": ["mode": .string(mode), "delay_ms": 1]]) == 200)
            let codes = try await world.smtp("EHLO a\r\n" + mail("1") + "QUIT\r\n")
            let stored = try await world.json("/api/counts")["mails"]
            switch mode {
            case "tempfail": #expect(codes.contains(451) && stored == 0)
            case "reject": #expect(codes == [220, 250, 250, 250, 354, 554, 221] && stored == 0)
            case "refuse_recipient": #expect(Array(codes.prefix(5)) == [220, 250, 250, 550, 554] && stored == 0)
            case "busy": #expect(codes.first == 421 && stored == 0)
            case "reset": #expect(codes == [220, 250] && stored == 0)
            case "half_answer": #expect(!codes.contains(221) && stored == 1)
            case "drop_after_data": #expect(codes == [220, 250, 250, 250, 354] && stored == 1)
            default: #expect(codes == [220, 250, 250, 250, 354, 250, 221] && stored == 1)
            }
        }
    }

    @Test("the listed recipients only are refused, and the next mails fail as often as asked")
    func faultDetails() async throws {
        try await World.with { world in
            let refusing: JSONValue = ["mode": "refuse_recipient", "addresses": ["NOBODY@example.org"], "fail_next": 1]
            #expect(try await world.control(["smtp": refusing]) == 200)
            let from = "MAIL FROM:<>\r\n"
            let codes = try await world.smtp(
                "EHLO a\r\n\(from)\(from)RCPT TO:<nobody@example.org>\r\nRCPT TO:<b@example.org>\r\nQUIT\r\n")
            #expect(codes == [220, 250, 451, 250, 550, 250, 221])
        }
    }

    @Test("binary garbage ends in a hang-up, and the server goes on")
    func garbage() async throws {
        try await World.with { world in
            let garbage = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 ^ $0 >> 3) }
            let codes = try await world.smtp(bytes: garbage + Array("\n".utf8))
            #expect(codes.last != 250)
            let lines = Array(String(repeating: "\u{0}\r\n", count: 100).utf8)
            #expect(try await world.smtp(bytes: lines).last == 421)
            #expect(try await world.smtp("NOOP\r\nQUIT\r\n") == [220, 250, 221])
        }
    }

    @Test("endless lines, in commands and in text, are refused without being kept")
    func endlessLines() async throws {
        try await World.with { world in
            let long = String(repeating: "x", count: 3_000_000)
            #expect(try await world.smtp(long + "\r\nQUIT\r\n") == [220, 500, 221])
            let codes = try await world.smtp(envelope + long + "\r\n.\r\nNOOP\r\nQUIT\r\n")
            #expect(codes == [220, 250, 250, 250, 354, 554, 250, 221])
            #expect(try await world.json("/api/counts")["mails"] == 0)
        }
    }

    @Test("a mail beyond the size is refused and its room given back")
    func size() {
        let budget = SMTPBudget()
        var text = SMTPText()
        let line = ByteBufferLine.make(998)
        while !text.tooBig { text.append(line, budget: budget) }
        #expect(text.refusal == .tooBig)
        #expect(text.bytes.readableBytes == 0)
        budget.release(text.reserved)
        #expect(budget.reserve(SMTPLimits.inFlight))
        #expect(!budget.reserve(1))
    }
}
