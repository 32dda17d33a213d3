import Civic
import Testing

@testable import Mail

/// What programs write otherwise than the standards say, and everybody reads.
@Suite struct BrokenMailTests {
    private func read(_ mail: String) -> MailMessage { MailReader().read(Array(mail.utf8)) }

    @Test(
        "base64 with what was added to it or is missing",
        arguments: [
            ("R2nDoCBjb3PDrCE", "Già così!"), ("R2nDoCBjb3PDrCEh", "Già così!!"),
            ("R2nDoCBj  \nb3PDrCE=  ", "Già così!"),
            ("R2nDoCBjb3PDrCE=\n\n--\nfooter aggiunto", "Già così!"),
            ("R2nDoCBjb3PDrCEh\n__________\nlista mailing", "Già così!!"), ("R2nDoA==\nIGNvc8Os", "Già così"),
        ])
    func base64(_ body: String, _ text: String) {
        let header = "From: a@b.example\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
        #expect(read(header + body).text == text)
    }

    @Test func base64OfAWordAndOfAFile() {
        let mail = read(
            """
            Subject: =?utf-8?B?UGVyY2jDqXg?=
            Content-Type: application/pdf; name=a.pdf
            Content-Transfer-Encoding: base64

            AQIDBAU
            """)
        #expect(mail.header.subject == "Perchéx")
        #expect(mail.attachments.map(\.content) == [[1, 2, 3, 4, 5]])
    }

    @Test(arguments: ["", "; start=\"<t>\""])
    func aRootThatIsNotFirst(_ start: String) {
        let mail = read(
            """
            Content-Type: multipart/related; boundary=b\(start)

            --b
            Content-Type: image/png; name=a.png

            x
            --b
            Content-Type: text/html
            Content-ID: <t>

            <p>Testo
            --b--
            """)
        #expect(mail.text == "Testo")
        #expect(mail.attachments.map(\.name) == ["a.png"])
    }

    @Test("boundaries that are not there", arguments: ["; boundary=c", "", "; boundary=B"])
    func boundaries(_ parameter: String) {
        let mail = read(
            """
            Content-Type: multipart/mixed\(parameter)

            --b
            Content-Type: text/plain

            Testo
            --b
            Content-Type: application/pdf; name=a.pdf

            x
            --b--
            """)
        #expect(mail.text == "Testo")
        #expect(mail.attachments.map(\.name) == ["a.pdf"])
    }

    @Test(arguments: ["utf-8 (uni)", "x-foo", "\"utf-8 (Unicode)\""])
    func charsets(_ label: String) {
        #expect(read("From: a@b.example\nContent-Type: text/plain; charset=\(label)\n\nGià").text == "Già")
    }

    @Test(arguments: [
        "Tue, 4 Mar 2025 09:12:00 +01:00", "Tue, 4 Mar 2025 09:12:00 CET", "Tue, 4 Mar 2025 10:12:00 CEST",
        "Tue, 4 Mar 2025 09.12.00 +0100", "Tue, 4 Mar 2025 09:11:60 +0100", "2025-03-04T09:12:00+01:00",
    ])
    func dates(_ date: String) {
        #expect(read("Date: \(date)\n\n").header.date == Timestamp(rfc3339: "2025-03-04T08:12:00Z"))
    }

    @Test(arguments: ["=?utf-8?Q?Ugo=20=3Ca=40x=2Eexample=3E?=", "Ugo <<a@x.example>>"])
    func addresses(_ from: String) {
        #expect(read("From: \(from)\n\n").header.from == [MailAddress(name: "Ugo", address: "a@x.example")])
    }

    @Test func blanksBehindASoftBreakAndAByteOrderMark() {
        let header = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        #expect(read(header + "una =  \nriga e = altro").text == "una riga e = altro")
        #expect(read(header + "=EF=BB=BFGi=C3=A0").text == "Già")
    }
}
