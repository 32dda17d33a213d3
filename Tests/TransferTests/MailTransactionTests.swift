import Testing

@testable import Transfer

@Suite("A mail's transaction")
struct MailTransactionTests {
    static func mail(_ recipients: [String] = ["maria@example.org"], text: String = "a\r\n") -> MailSubmission {
        MailSubmission(
            server: "smtp://127.0.0.1", from: "urp@example.org", recipients: recipients, message: Array(text.utf8))
    }

    /// Answers each group of commands, and returns what was said and how it ended.
    static func play(
        _ mail: MailSubmission, offers: SMTPOffers, needsReset: Bool = false, _ replies: [(Int, String)]
    ) -> (said: [String], last: MailTransaction.Step?) {
        var transaction = MailTransaction(mail, offers: offers, needsReset: needsReset)
        var said = [String(decoding: transaction.begin(), as: UTF8.self)]
        var last: MailTransaction.Step?
        for (code, text) in replies {
            let step = transaction.received(SMTPReply(code: code, text: text))
            last = step
            if case .say(let bytes) = step { said.append(String(decoding: bytes, as: UTF8.self)) }
        }
        return (said, last)
    }

    @Test func oneAfterTheOtherWithoutPipelining() {
        let (said, last) = Self.play(
            Self.mail(["a@b.it", "c@d.it"]), offers: [.size],
            [(250, ""), (250, ""), (251, ""), (354, ""), (250, "queued")])
        #expect(
            said == [
                "MAIL FROM:<urp@example.org> SIZE=3\r\n", "RCPT TO:<a@b.it>\r\n", "RCPT TO:<c@d.it>\r\n", "DATA\r\n",
            ])
        #expect(last == .taken(MailReceipt(code: 250, text: "queued")))
    }

    @Test func allAtOnceForOneRecipient() {
        let (said, last) = Self.play(Self.mail(), offers: .pipelining, [(250, ""), (250, ""), (354, "")])
        #expect(said == ["MAIL FROM:<urp@example.org>\r\nRCPT TO:<maria@example.org>\r\nDATA\r\n"])
        #expect(last == .sayText)
    }

    @Test func dataWaitsUntilAllRecipientsAreTaken() {
        let both = Self.mail(["a@b.it", "c@d.it"])
        let (said, last) = Self.play(both, offers: .pipelining, [(250, ""), (250, ""), (550, "5.1.1 no")])
        #expect(said.count == 1)
        #expect(last == .refused(.recipient, SMTPReply(code: 550, text: "5.1.1 no"), isSpoiled: false))
        let (all, end) = Self.play(both, offers: .pipelining, [(250, ""), (250, ""), (250, "")])
        #expect(all.last == "DATA\r\n")
        #expect(end == .say(Array("DATA\r\n".utf8)))
    }

    /// RFC 2920, 3.1: the server may ask for the text although it refused the only recipient.
    @Test func aTextThatNobodyGetsIsNotSent() {
        let refused = SMTPReply(code: 550, text: "no")
        let (_, fair) = Self.play(Self.mail(), offers: .pipelining, [(250, ""), (550, "no"), (503, "none")])
        #expect(fair == .refused(.recipient, refused, isSpoiled: false))
        let (_, eager) = Self.play(Self.mail(), offers: .pipelining, [(250, ""), (550, "no"), (354, "go on")])
        #expect(eager == .refused(.recipient, refused, isSpoiled: true))
    }

    @Test func afterARefusalTheSessionIsReset() {
        let (said, last) = Self.play(Self.mail(), offers: [], needsReset: true, [(250, ""), (250, "")])
        #expect(said == ["RSET\r\n", "MAIL FROM:<urp@example.org>\r\n", "RCPT TO:<maria@example.org>\r\n"])
        #expect(last == .say(Array("RCPT TO:<maria@example.org>\r\n".utf8)))
    }

    @Test(arguments: [(421, true), (450, false), (554, false)])
    func aGoodbyeSpoilsTheSession(code: Int, spoilt: Bool) {
        let (_, last) = Self.play(Self.mail(), offers: [], [(code, "no")])
        #expect(last == .refused(.sender, SMTPReply(code: code, text: "no"), isSpoiled: spoilt))
    }

    @Test(arguments: [[(354, "")], [(250, ""), (250, ""), (250, "")], [(250, ""), (250, ""), (354, ""), (354, "")]])
    func repliesOutOfTurnEndIt(replies: [(Int, String)]) {
        #expect(Self.play(Self.mail(), offers: [], replies).last == .broken)
    }

    @Test func addressesBeyondASCIIAreAnnounced() {
        let (said, _) = Self.play(Self.mail(["è@b.it"]), offers: .internationalised, [])
        #expect(said == ["MAIL FROM:<urp@example.org> SMTPUTF8\r\n"])
    }

    @Test(arguments: [
        ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"), (".\r\n", "..\r\n.\r\n"), ("a\r\n.\r\n", "a\r\n..\r\n.\r\n"),
        ("\r\n.b\r\n..c\r\n.d", "\r\n..b\r\n...c\r\n..d\r\n.\r\n"), ("a.b\r\n", "a.b\r\n.\r\n"),
    ])
    func dotsAreStuffed(text: String, wire: String) {
        #expect(String(decoding: Self.mail(text: text).textOnTheWire, as: UTF8.self) == wire)
    }

    @Test(arguments: [
        ("250-PIPELINING", SMTPOffers.pipelining), ("250 SIZE 1000", SMTPOffers.size),
        ("250-smtputf8", SMTPOffers.internationalised),
        ("250-8BITMIME", SMTPOffers()), ("250", SMTPOffers()),
    ])
    func offersAreRead(line: String, offer: SMTPOffers) {
        #expect(Array((line + "\r\n").utf8).withUnsafeBytes { SMTPOffers($0) } == offer)
    }

    static func replies(_ text: String, pieces: Int) throws -> [SMTPReply] {
        var replies = SMTPReplies()
        var all: [SMTPReply] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { replies.append($0) }
            while let reply = try replies.next() { all.append(reply) }
        }
        return all
    }

    @Test(arguments: [1, 3, 7, 1000])
    func repliesArriveInPieces(pieces: Int) throws {
        let text = "250-one\r\n250 two\r\n550550 what\r\nno\r\n354\r\n451 a\u{7}b\r\n550-not yet"
        #expect(
            try Self.replies(text, pieces: pieces) == [
                SMTPReply(code: 250, text: "one two"), SMTPReply(code: 354, text: ""), SMTPReply(code: 451, text: "ab"),
            ])
    }

    @Test func anEndlessReplyIsNotKept() {
        #expect(throws: SMTPReplies.TooLarge.self) {
            try Self.replies(String(repeating: "250-more\r\n", count: 10_000), pieces: 1000)
        }
        #expect(throws: SMTPReplies.TooLarge.self) {
            try Self.replies(String(repeating: "x", count: 70_000), pieces: 1000)
        }
    }
}
