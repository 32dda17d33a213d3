import Civic
import Testing

@testable import Mail

@Suite struct ReaderTests {
    private func read(_ mail: String) -> MailMessage { MailReader().read(Array(mail.utf8)) }
    private func read(_ header: String, _ body: [UInt8]) -> MailMessage {
        MailReader().read(Array((header + "\n\n").utf8) + body)
    }

    @Test func header() {
        let mail = read(
            """
            Return-Path: <maria@example.org>
            Delivered-To: urp@comune.example
            From: =?utf-8?q?Maria_Ross=C3=AC?= <maria@example.org>
            To: "Comune, URP" <urp@comune.example>, Ufficio: a@b.example, c@d.example;
            Subject: =?iso-8859-1?Q?Caff=E8?= =?utf-8?B?w6g=?=
             e poi
            Date: Tue, 3 Mar 2026 10:11:12 +0100
            Message-ID: <1@example.org>
            In-Reply-To: <2@comune.example>
            References: <3@comune.example>
             <2@comune.example>

            Una buca.
            """)
        let header = mail.header
        #expect(header.from == [MailAddress(name: "Maria Rossì", address: "maria@example.org")])
        #expect(header.to.map(\.address) == ["urp@comune.example", "a@b.example", "c@d.example"])
        #expect(header.to.first?.name == "Comune, URP")
        #expect(header.subject == "Caffèè e poi")
        #expect(header.date == Timestamp(rfc3339: "2026-03-03T09:11:12Z"))
        #expect(header.messageID == "1@example.org")
        #expect(header.inReplyTo == ["2@comune.example"])
        #expect(header.references == ["3@comune.example", "2@comune.example"])
        #expect(header.returnPath == "maria@example.org")
        #expect(header.deliveredTo == ["urp@comune.example"])
        #expect(mail.text == "Una buca.")
    }

    @Test func aNullReturnPathIsNotNone() {
        #expect(read("Return-Path: <>\n\n").header.returnPath == "")
        #expect(read("From: a@b.example\n\n").header.returnPath == nil)
    }

    /// What goes into a field of an answer must not bring fields of its own.
    @Test func aSubjectIsOneLine() {
        #expect(read("Subject: =?utf-8?q?uno=0D=0ABcc:_tutti=1B[31m?=\n\n").header.subject == "uno  Bcc: tutti [31m")
    }

    @Test(
        "charsets, right, wrong and missing",
        arguments: [
            ("utf-8", Array("è già".utf8), "è già"), ("iso-8859-1", [0xE8], "è"), ("iso-8859-1", Array("è".utf8), "è"),
            ("utf-8", [0x63, 0xE8, 0x21], "cè!"), ("us-ascii", [0xE0], "à"), ("", Array("è".utf8), "è"),
            ("x-unknown", [0xE8, 0x20, 0x93], "è “"), ("windows-1252", [0x80], "€"), ("iso-8859-15", [0xA4], "€"),
            ("koi8-r", [0xC4, 0xC1], "да"), ("gb2312", [0xC4, 0xE3], "你"), ("shift_jis", [0x82, 0xA0], "あ"),
            ("iso-2022-jp", [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x28, 0x42], "あ"), ("utf-7", Array("+AOg-".utf8), "è"),
            ("utf-16", [0xFE, 0xFF, 0, 0xE8], "è"), ("macintosh", [0x8F], "è"),
        ])
    func charset(_ label: String, _ bytes: [UInt8], _ text: String) {
        #expect(read("From: a@b.example\nContent-Type: text/plain; charset=\"\(label)\"", bytes).text == text)
    }

    @Test(
        "names of attachments",
        arguments: [
            (#"filename="foto.jpg""#, "foto.jpg"), (#"filename=foto uno.jpg"#, "foto uno.jpg"),
            (#"filename*=utf-8''citt%C3%A0.pdf"#, "città.pdf"),
            (#"filename*0*=iso-8859-1''citt%E0; filename*1="-2.pdf""#, "città-2.pdf"),
            (#"filename="=?utf-8?q?citt=C3=A0.pdf?=""#, "città.pdf"), (#"filename="città.pdf""#, "città.pdf"),
        ])
    func names(_ parameter: String, _ name: String) {
        let mail = read(
            "From: a@b.example\nContent-Type: application/pdf\nContent-Disposition: attachment; \(parameter)\n\nx")
        #expect(mail.attachments.map(\.name) == [name])
        #expect(mail.text.isEmpty)
    }

    @Test func anEmptyPlainPartGivesWayToHTML() {
        let mail = read(
            """
            From: a@b.example
            Content-Type: multipart/alternative; boundary=b

            --b
            Content-Type: text/plain


            --b
            Content-Type: text/html

            <p>Una buca.</p>
            --b--
            """)
        #expect(mail.text == "Una buca.")
        #expect(mail.attachments.isEmpty)
    }

    @Test func flowedLinesAreOne() {
        let mail = read(
            "From: a@b.example\nContent-Type: text/plain; format=flowed\n\nLa strada \nè rotta.\n> detto \n> prima\n-- \nAnna"
        )
        #expect(mail.text == "La strada è rotta.\n> detto prima\n-- \nAnna")
        #expect(
            mail.reading == MailReading(fresh: "La strada è rotta.", quoted: "> detto prima", signature: "-- \nAnna"))
    }

    @Test func filesWithinTheText() {
        let mail = read("From: a@b.example\n\nEcco.\nbegin 644 a.txt\n#0V%T\n`\nend\nSaluti")
        #expect(mail.text == "Ecco.\nSaluti")
        #expect(mail.attachments.map(\.content) == [Array("Cat".utf8)])
    }

    @Test func anAttachedMailIsNoText() {
        let mail = read(
            """
            From: a@b.example
            Content-Type: multipart/mixed; boundary=b

            --b

            Vedi sotto.
            --b
            Content-Type: message/rfc822

            Subject: Buca/e
            Content-Type: multipart/mixed; boundary=c

            --c

            dentro
            --c--
            --b--
            """)
        #expect(mail.text == "Vedi sotto.")
        #expect(mail.attachments.map(\.name) == ["Buca e.eml"])
        #expect(String(decoding: mail.attachments[0].content, as: UTF8.self).hasPrefix("Subject: Buca/e"))
        #expect(mail.structure.children[1].children.map(\.type) == ["multipart/mixed"])
    }

    @Test func nothingAndNoHeader() {
        #expect(MailReader().read([]).text.isEmpty)
        #expect(read("Buongiorno, una buca.").text == "Buongiorno, una buca.")
    }
}
