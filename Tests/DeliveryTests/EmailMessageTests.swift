import Civic
import Foundation
import TestSupport
import Testing

@testable import Delivery

@Suite struct EmailMessageTests {
    static let id = Identifier(high: 0x0192_0000_0000_7000, low: 0x8000_0000_0000_0001)

    static func message(
        subject: String = "La tua segnalazione è stata presa in carico", plain: String = "Buongiorno,\nè tutto.\n",
        html: String? = "<p>Buongiorno</p>\n", sender: String? = "Roma Capitale", citizen: String? = nil,
        occasion: EmailMessage.Occasion = .answer, original: String? = nil, replies: String? = nil
    ) throws -> EmailMessage {
        EmailMessage(
            id: id, token: "rm-7q4k2mxd.4hj2k9v0aqtz3", original: original, occasion: occasion,
            from: try Mailbox(name: sender, address: "non-rispondere@example.org"),
            to: try Mailbox(name: citizen, address: "mario@example.com"),
            replyTo: try replies.map { try Mailbox(address: $0) }, subject: subject, plain: plain, html: html,
            language: "it", date: Timestamp(seconds: 1_795_255_800), zone: Zone(name: "x", base: 3600, changes: []))
    }

    /// What any mail must be, whatever the texts: ASCII, whole line ends, lines of at most 78, only our headers.
    static func checkShape(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(bytes.allSatisfy { $0 < 0x80 && $0 != 0 }, sourceLocation: sourceLocation)
        let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
        #expect(
            !lines.contains { $0.contains { $0 == "\r" || $0 == "\n" || $0 == "\r\n" } }, sourceLocation: sourceLocation
        )
        #expect(lines.last?.isEmpty == true, sourceLocation: sourceLocation)
        // An id cannot be folded (RFC 5322, 3.6.4).
        #expect(lines.allSatisfy { $0.utf8.count <= 78 || $0.hasSuffix(">") }, sourceLocation: sourceLocation)
        let header = lines.prefix { !$0.isEmpty }.filter { !$0.hasPrefix(" ") }.map { $0.prefix { $0 != ":" } }
        let known: Set<Substring> = [
            "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
            "X-Auto-Response-Suppress", "Content-Language", "List-Id", "List-Unsubscribe",
            "List-Unsubscribe-Post", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        ]
        #expect(Set(header).isSubset(of: known) && Set(header).count == header.count, sourceLocation: sourceLocation)
        for line in lines.prefix(while: { !$0.isEmpty }) {
            #expect(!line.allSatisfy { $0 == " " }, sourceLocation: sourceLocation)
            for word in line.split(separator: " ") where word.hasPrefix("=?") {
                #expect(word.utf8.count <= 75, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func oneMailWhole() throws {
        let text = String(decoding: try Self.message().bytes, as: UTF8.self)
        #expect(
            text.replacingOccurrences(of: "\r\n", with: "\n") == """
                From: Roma Capitale <non-rispondere@example.org>
                To: mario@example.com
                Subject: =?UTF-8?B?TGEgdHVhIHNlZ25hbGF6aW9uZSDDqCBzdGF0YSBwcmVzYSBpbiBjYXJp?=
                 =?UTF-8?B?Y28=?=
                Date: Sat, 21 Nov 2026 11:10:00 +0100
                Message-ID: <01920000-0000-7000-8000-000000000001.rm-7q4k2mxd.4hj2k9v0aqtz3@example.org>
                References: <ticket.rm-7q4k2mxd.4hj2k9v0aqtz3@example.org>
                Auto-Submitted: auto-replied
                X-Auto-Response-Suppress: All
                Content-Language: it
                MIME-Version: 1.0
                Content-Type: multipart/alternative;
                 boundary="=_01920000-0000-7000-8000-000000000001"

                --=_01920000-0000-7000-8000-000000000001
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Buongiorno,
                =C3=A8 tutto.
                --=_01920000-0000-7000-8000-000000000001
                Content-Type: text/html; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                <p>Buongiorno</p>
                --=_01920000-0000-7000-8000-000000000001--

                """)
        Self.checkShape(Array(text.utf8))
    }

    @Test func everyAttemptIsTheSameMail() throws {
        #expect(try Self.message().bytes == Self.message().bytes)
        #expect(
            try Self.message().messageID
                == "<01920000-0000-7000-8000-000000000001.rm-7q4k2mxd.4hj2k9v0aqtz3@example.org>")
    }

    @Test func laterStepsAreNews() throws {
        let text = String(decoding: try Self.message(html: nil, occasion: .news).bytes, as: UTF8.self)
        #expect(text.contains("\r\nAuto-Submitted: auto-generated\r\n"))
        #expect(text.contains("\r\nIn-Reply-To: <ticket.rm-7q4k2mxd.4hj2k9v0aqtz3@example.org>\r\n"))
        #expect(text.contains("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"))
        #expect(!text.contains("multipart"))
    }

    @Test("Below the citizen's own mail, with an address for replies; an id that is none is left out")
    func belowTheCitizensMail() throws {
        let text = String(
            decoding: try Self.message(original: "abc@example.com", replies: "urp+token@example.org").bytes,
            as: UTF8.self)
        Self.checkShape(Array(text.utf8))
        let thread = "<ticket.rm-7q4k2mxd.4hj2k9v0aqtz3@example.org>"
        #expect(text.contains("\r\nIn-Reply-To: <abc@example.com>\r\nReferences: <abc@example.com>\r\n \(thread)\r\n"))
        #expect(text.contains("\r\nReply-To: urp+token@example.org\r\n"))
        for original in ["a b@example.com", "a>\r\nBcc: <b@c", "città@example.com", String(repeating: "a", count: 201)]
        {
            let text = String(decoding: try Self.message(original: original).bytes, as: UTF8.self)
            Self.checkShape(Array(text.utf8))
            #expect(text.contains("\r\nReferences: \(thread)\r\n"))
            #expect(!text.contains("In-Reply-To"))
        }
    }

    @Test(
        "Dates",
        arguments: [
            ("2026-11-21T09:30:00Z", 0, "Sat, 21 Nov 2026 09:30:00 +0000"),
            ("2026-12-31T23:30:05.9Z", 3600, "Fri, 01 Jan 2027 00:30:05 +0100"),
            ("2026-01-01T00:00:00Z", -12_600, "Wed, 31 Dec 2025 20:30:00 -0330"),
        ])
    func dates(moment: String, offset: Int, expected: String) throws {
        let at = try #require(Timestamp(rfc3339: moment))
        #expect(EmailHeader.date(at, in: Zone(name: "x", base: offset, changes: [])) == expected)
    }

    @Test(
        "Names",
        arguments: [
            ("Roma Capitale", "From: Roma Capitale <a@b.it>"),
            ("Comune di Fidenza (PR)", "From: \"Comune di Fidenza (PR)\" <a@b.it>"),
            ("A \"B\" \\C, D", "From: \"A \\\"B\\\" \\\\C, D\" <a@b.it>"),
            ("Città", "From: =?UTF-8?B?Q2l0dMOg?= <a@b.it>"),
            ("=?x?q?y?=", "From: =?UTF-8?B?PT94P3E/eT89?= <a@b.it>"),
            (" \r\n ", "From: a@b.it"),
            ("X\r\nBcc: c@d.it", "From: \"X Bcc: c@d.it\" <a@b.it>"),
        ])
    func names(name: String, expected: String) throws {
        #expect(EmailHeader.mailbox("From", try Mailbox(name: name, address: "a@b.it")) == expected + "\r\n")
    }

    @Test(
        "Quoted-printable",
        arguments: [
            ("è", "=C3=A8\r\n"), ("a=b", "a=3Db\r\n"), ("a \nb\t\n", "a=20\r\nb=20\r\n"), ("", ""), ("\n\n", ""),
            (".\n..", "=2E\r\n=2E.\r\n"), ("From me", "=46rom me\r\n"), ("a\0\u{7}b", "ab\r\n"),
            ("a\rb\r\nc", "a\r\nb\r\nc\r\n"), ("a\n\nb", "a\r\n\r\nb\r\n"),
            (String(repeating: "a", count: 75), String(repeating: "a", count: 75) + "\r\n"),
            (String(repeating: "a", count: 76), String(repeating: "a", count: 75) + "=\r\na\r\n"),
        ])
    func quotedPrintable(text: String, expected: String) {
        #expect(String(decoding: QuotedPrintable.encode(text), as: UTF8.self) == expected)
    }

    static let difficultTexts =
        [
            "", "breve", String(repeating: "lungo ", count: 2_000), String(repeating: "a", count: 10_000),
            String(repeating: "è", count: 500), String(repeating: "😀", count: 500), "👨‍👩‍👧‍👦 e\u{301}",
            "x\r\nBcc: evil@example.com\r\n\r\nbody", "x\nX-Evil: 1",
            "x\r\n\r\n--=_01920000-0000-7000-8000-000000000001--",
            "a\u{85}b\u{2028}c\0d", "=?UTF-8?Q?=0D=0ABcc:_x?=", ".", "From x", String(repeating: "=", count: 300),
            String(repeating: "a ", count: 36) + "b", "\u{FEFF}x", String(repeating: "ab\"\\", count: 16),
        ] + SharedData.naughtyStrings

    @Test(arguments: [1, 2, 7, 9, 40, 50])
    func anyColumnKeepsTheLimits(column: Int) {
        for text in Self.difficultTexts {
            for (index, word) in EmailHeader.encodedWords(text, firstColumn: column).enumerated() {
                #expect(word.utf8.count <= 75 && word.utf8.count + (index == 0 ? column : 1) <= 78)
            }
        }
    }

    @Test func noTextBreaksOut() throws {
        for text in Self.difficultTexts {
            Self.checkShape(try Self.message(subject: text, plain: text, html: text, sender: text, citizen: text).bytes)
        }
    }
}

/// The same mails, read by somebody else's parser.
@Suite struct EmailParsedByPythonTests {
    private struct Parsed: Decodable {
        let subject: String
        let from: [[String]]
        let to: [[String]]
        let date: Int
        let plain: String
        let html: String
        let keys: [String]
        let defects: [String]
    }

    private static let script = """
        import base64, email, email.policy, email.utils, json, sys
        from email.header import decode_header, make_header
        result = []
        for item in json.load(open(sys.argv[1])):
            raw = base64.b64decode(item)
            mail = email.message_from_bytes(raw)
            text = lambda part: part.get_payload(decode=True).decode(part.get_content_charset())
            parts = mail.get_payload()
            unfold = lambda value: ''.join(value.splitlines())
            pairs = lambda name: [[str(make_header(decode_header(unfold(n)))), a]
                                  for n, a in email.utils.getaddresses([unfold(mail[name])])]
            result.append(dict(
                subject=str(make_header(decode_header(unfold(mail['Subject'])))), plain=text(parts[0]),
                html=text(parts[1]), **{'from': pairs('From'), 'to': pairs('To')}, keys=list(mail.keys()),
                date=int(email.utils.parsedate_to_datetime(mail['Date']).timestamp()),
                defects=[str(d) for part in mail.walk() for d in part.defects]))
        print(json.dumps(result))
        """

    private static let hasPython = (try? Tool.output(["python3", "-c", "import email"])) != nil

    @Test(.enabled(if: hasPython, "python3 is not installed"))
    func readsWhatWasWritten() throws {
        let texts = EmailMessageTests.difficultTexts
        let mails = try texts.map {
            Data(try EmailMessageTests.message(subject: $0, plain: $0, html: $0, sender: $0, citizen: $0).bytes)
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("mails.json")
        try JSONEncoder().encode(mails).write(to: file)
        let output = try Tool.output(["python3", "-c", Self.script, file.path])
        let parsed = try JSONDecoder().decode([Parsed].self, from: output)
        #expect(parsed.count == texts.count)
        for (text, mail) in zip(texts, parsed) {
            let line = PlainText.singleLine(text)
            #expect(mail.defects.isEmpty, "\(text.debugDescription)")
            #expect(mail.keys.count == 11)
            #expect(mail.subject == line)
            #expect(mail.from == [[line, "non-rispondere@example.org"]])
            #expect(mail.to == [[line, "mario@example.com"]])
            #expect(mail.date == 1_795_255_800)
            for body in [mail.plain, mail.html] { #expect(bodyLines(body) == bodyLines(text)) }
        }
    }

    private func bodyLines(_ text: String) -> [String] {
        var lines = PlainText.lines(text)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}

@Suite struct MailboxTests {
    @Test(arguments: [
        "a@b.it", "m.rossi+x@sub.example.org", "o'neil@example.com", "root@localhost", "a@xn--citt-0na.it",
    ])
    func deliverable(address: String) throws {
        #expect(try Mailbox(address: address).address == address)
    }

    @Test(
        arguments: [
            ("", "no @"), ("a", "no @"), ("@b.it", "no @"), ("a@", "domain is not valid"),
            ("a b@c.it", "local part is not valid"), ("a..b@c.it", "local part"), (".a@c.it", "local part"),
            ("\"a b\"@c.it", "local part"), ("a@b@c.it", "local part"), ("a@[127.0.0.1]", "domain is not valid"),
            ("a@-b.it", "domain"), ("a@b..it", "domain"), ("a@b.it.", "domain"), ("a@b_c.it", "domain"),
            ("però@example.it", "SMTPUTF8"), ("a@città.it", "ASCII form (xn--)"),
            ("a@b.it\r\nRCPT TO:<x@y.z>", "local part"),
            ("a\r\n@b.it", "local part"), ("a@b.it\r\n", "domain"), ("a\0@b.it", "local part"),
            ("<a@b.it>", "local part"),
            (String(repeating: "a", count: 65) + "@b.it", "too long"),
            ("a@" + String(repeating: "b.", count: 130) + "it", "too long"),
        ])
    func refused(address: String, reason: String) {
        do {
            _ = try Mailbox(address: address)
            Issue.record("\(address.debugDescription) was accepted")
        } catch {
            #expect(error.reason.contains(reason))
        }
    }
}
