import TestSupport
import Testing

@testable import Mail

/// Mails made to hurt: read to an end, with a bounded result. Times are measured elsewhere.
@Suite(.serialized) struct HostileMailTests {
    /// Named by its beginning: some are megabytes.
    struct Bomb: Sendable, CustomTestStringConvertible {
        let mail: String
        var testDescription: String {
            String(mail.unicodeScalars.prefix(60).map { $0.value < 0x20 ? " " : Character($0) })
        }
    }

    private static let from = "From: a@example.org\n"

    private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    @Test(
        "bombs",
        arguments: [
            times(20_000, "Content-Type: message/rfc822\n\n"),
            (0..<5_000).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined(),
            from + times(200_000, "X-A: b\n") + "\nx",
            from + "Subject: " + times(2_500_000, "=?") + "\n\nx",
            from + "Subject: " + times(300_000, "=?a?q?b ") + "\n\nx",
            "From: " + times(200_000, "a:") + "\n\nx",
            "From: " + times(200_000, "(") + "\n\nx",
            "From: " + times(200_000, "a@b.example, ") + "\n\nx",
            "Content-Type: text/plain; " + times(100_000, "a*1=x; ") + "\n\nx",
            from + "Content-Type: multipart/mixed; boundary=b\n\n" + times(100_000, "--b\n\nx\n"),
            from + "Content-Type: text/html\n\n" + times(200_000, "<b>") + times(200_000, "</i>"),
            from + "Content-Type: text/html\n\n" + times(400_000, "<"),
            from + "Content-Type: text/html\n\n" + times(200_000, "<!--"),
            from + "Content-Type: text/html\n\n<a " + (0..<50_000).map { "a\($0)=1 " }.joined() + ">x</a>",
            from + "Content-Type: text/plain; format=flowed\n\n" + times(200_000, "x \n"),
            from + "\n" + times(100_000, "begin 644 a\nM\n"),
            from + "\n" + times(100_000, "Da: x\nA: y\n"),
            from + "\n" + times(20_000, "-----Messaggio inoltrato-----\n"),
            from + "\n" + times(200_000, "--\n"),
            from + "\n" + times(1_000_000, "\0"),
            times(100_000, "From: a@example.org\r\r"),
            "X-Ricevuta: accettazione\nContent-Type: application/xml; name=daticert.xml\n\n" + times(100_000, "<a>"),
        ].map(Bomb.init))
    func isBounded(_ bomb: Bomb) {
        let message = MailReader().read(Array(bomb.mail.utf8))
        #expect(message.text.utf8.count <= Limits.text)
        #expect(message.attachments.count <= Limits.parts)
        #expect(message.header.fields.count <= Limits.fields)
        #expect(depth(message.structure) <= Limits.depth + 2)
    }

    private func depth(_ part: MailPart) -> Int { 1 + (part.children.map(depth).max() ?? 0) }

    private static let whole = """
        From: =?utf-8?q?Maria_Ross=C3=AC?= <maria@example.org>
        Subject: =?iso-8859-1?b?0OjX?= (fine)
        Content-Type: multipart/mixed; boundary="=_x"

        --=_x
        Content-Type: multipart/alternative; boundary=y

        --y
        Content-Type: text/plain; charset=utf-8; format=flowed
        Content-Transfer-Encoding: quoted-printable

        La strada =C3=A8 rotta=
         da mesi.
        > prima
        --y
        Content-Type: text/html; charset=utf-8

        <p>La <a href="https://example.org">strada</a> &egrave; rotta<blockquote>prima
        --y--
        --=_x
        Content-Type: application/octet-stream; name*0*=utf-8''f%C3%B2t; name*1=o.jpg
        Content-Transfer-Encoding: base64

        /9j/4AAQSkZJRgABAQ==
        --=_x
        Content-Type: message/rfc822

        From: b@example.org
        Subject: dentro

        begin 644 a.txt
        #0V%T
        `
        end
        --=_x--
        """

    @Test("Marks heaped on a letter: three stay, and nothing compares thousands")
    func heapedMarks() {
        let heap = "s" + Self.times(200_000, "\u{0315}\u{0323}")
        let mail = MailReader().read(
            Array("From: \(heap) <rosa@example.org>\nSubject: \(heap)\n\n\(heap)\n> \(heap)\n".utf8))
        #expect(mail.header.subject?.unicodeScalars.count == 4)
        #expect(mail.header.from.first?.name?.unicodeScalars.count == 4)
        #expect(mail.text.unicodeScalars.count < 20)
        #expect("perche\u{0301} co\u{0302}\u{0323}ng".withFewMarks == "perche\u{0301} co\u{0302}\u{0323}ng")
    }

    @Test func everyBeginningIsRead() {
        let bytes = Array(Self.whole.utf8)
        for count in 0...bytes.count {
            let message = MailReader().read(Array(bytes[..<count]))
            #expect(message.attachments.count <= 2)
        }
        #expect(MailReader().read(bytes).attachments.map(\.name) == ["fòto.jpg", "dentro.eml"])
    }

    @Test func anyByteMayBeAnother() {
        var dice = Dice(7)
        let bytes = Array(Self.whole.utf8)
        for _ in 0..<500 {
            var broken = bytes
            for _ in 0..<Int.random(in: 1...20, using: &dice) {
                broken[Int.random(in: 0..<broken.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            _ = MailReader().read(broken)
        }
    }

    @Test func manyThreadsReadAtOnce() async {
        let bytes = Array(Self.whole.utf8)
        await withTaskGroup(of: String.self) { group in
            for _ in 0..<64 { group.addTask { MailReader().read(bytes).text } }
            for await text in group { #expect(text.hasPrefix("La strada è rotta")) }
        }
    }

    @Test func winmailMayBreakOffAnywhere() {
        let whole = WinmailExample.bytes
        for count in whole.indices { _ = TNEF(whole[..<count]) }
        var dice = Dice(11)
        for _ in 0..<1_000 {
            var broken = whole
            for _ in 0..<5 {
                broken[Int.random(in: 6..<broken.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            }
            _ = TNEF(broken[...])
        }
    }
}
