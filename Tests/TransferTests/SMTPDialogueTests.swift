import Testing

@testable import Transfer

@Suite("SMTP dialogue")
struct SMTPDialogueTests {
    static func after(_ lines: [String]) -> SMTPDialogue {
        var dialogue = SMTPDialogue()
        for line in lines {
            let bytes = Array((line.dropFirst(2) + "\r\n").utf8)
            bytes.withUnsafeBytes { line.hasPrefix("C") ? dialogue.sent($0) : dialogue.received($0) }
        }
        return dialogue
    }

    @Test(
        arguments: [
            (["S:250 ok"], nil, ""), (["S:554 5.7.1 no"], 554, "5.7.1 no"),
            (["C:MAIL FROM:<a>", "S:450-one", "S:450 two"], 450, "one two"),
            (["C:MAIL FROM:<a>", "S:450 no", "C:QUIT", "S:221 bye"], 450, "no"),
            (["C:MAIL FROM:<a>", "S:450 no", "C:RCPT TO:<b>"], nil, ""),
            (["C:AUTH PLAIN", "S:334 ", "C:c2VncmV0bw==", "S:535"], 535, ""),
            (["C:DATA", "S:354 go", "S:554 late"], 554, "late"),
            (["S:550550 no"], nil, ""), (["S:550-not yet"], nil, ""), (["S:999 what"], nil, ""),
            (["S:x", "S:55", "S:4\u{7}", "S:550 a\u{7}b"], 550, "ab"),
        ] as [([String], Int?, String)])
    func keepsTheLastRefusal(lines: [String], code: Int?, text: String) {
        let refusal = Self.after(lines).refusal
        #expect(refusal?.code == code)
        #expect((refusal?.text ?? "") == text)
    }

    @Test(arguments: [
        (550, "5.1.1 <b> unknown", "RCPT TO refused: 550 5.1.1"), (550, "mario.rossi.1@x", "RCPT TO refused: 550"),
        (554, "5.6.0 spam", "RCPT TO refused: 554 5.6.0"), (451, "", "RCPT TO refused: 451"),
    ])
    func theSummaryQuotesNobody(code: Int, text: String, summary: String) {
        #expect(SMTPDialogue.summary(place: "RCPT TO", code: code, text: text) == summary)
    }

    @Test func aLongReplyIsCut() {
        let dialogue = Self.after(Array(repeating: "S:250-" + String(repeating: "x", count: 900), count: 100))
        #expect(dialogue.text.utf8.count < 3000)
    }
}
