import Civic
import Foundation
import TestSupport
import Testing

@testable import Delivery

@Suite("Mail with files and list fields") struct EmailFileTests {
    private static func message(
        _ files: [EmailMessage.File], html: String? = "<p>Buongiorno</p>\n", list: String? = nil,
        unsubscribe: String? = nil
    ) throws -> EmailMessage {
        var message = try EmailMessageTests.message(html: html)
        message.files = files
        message.list = list
        message.unsubscribeURL = unsubscribe
        return message
    }

    private static func file(_ name: String, _ content: [UInt8], type: String = "application/pdf") -> EmailMessage.File
    {
        EmailMessage.File(name: name, type: type, content: content)
    }

    private static let contents: [[UInt8]] = [
        [], [0], [0, 255], [1, 2, 3], Array(repeating: 0xFF, count: 57), Array(repeating: 0x2D, count: 58),
        (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }, Array("--=_files-x\r\n.\r\nFrom x\r\n".utf8),
    ]
    private static let names = [
        "certificato.pdf", "certificato di residenza.pdf", "Certificato di nascita – Niccolò.pdf", "довідка.pdf",
        "adeverință \"2026\".pdf", "a%20b.pdf", "../../etc/passwd", "x\r\nBcc: tutti@example.org.pdf", "", "..",
        String(repeating: "molto lungo ", count: 12) + ".pdf", String(repeating: "è", count: 300) + ".pdf", "👩‍👩‍👧‍👦.pdf",
        "a\u{202E}fdp.exe", "a=_b;c.pdf",
    ]

    @Test("Without files the bytes are as they were; with files the text is the first part of a mixed message")
    func shape() throws {
        let plain = try EmailMessageTests.message().bytes
        #expect(try Self.message([]).bytes == plain)
        for html in ["<p>x</p>", nil] {
            let mail = try Self.message([Self.file("certificato.pdf", Array("%PDF-1.7".utf8))], html: html)
            EmailMessageTests.checkShape(mail.bytes)
            let text = String(decoding: mail.bytes, as: UTF8.self).replacing("\r\n", with: "\n")
            let boundary = "=_files-\(EmailMessageTests.id)"
            #expect(text.contains("Content-Type: multipart/mixed;\n boundary=\"\(boundary)\"\n\n--\(boundary)\n"))
            #expect(
                text.hasSuffix(
                    """
                    --\(boundary)
                    Content-Type: application/pdf
                    Content-Disposition: attachment;
                     filename="certificato.pdf"
                    Content-Transfer-Encoding: base64

                    JVBERi0xLjc=
                    --\(boundary)--

                    """))
            // The same bytes at every attempt.
            #expect(mail.bytes == mail.bytes)
        }
    }

    @Test(
        "Types that base64 may not hold, or that are none, go as bytes",
        arguments: [
            ("message/rfc822", "application/octet-stream"), ("multipart/mixed", "application/octet-stream"),
            ("Image/PNG", "image/png"), ("a/b\r\nX: y", "application/octet-stream"), ("", "application/octet-stream"),
            ("text/html; charset=utf-8", "application/octet-stream"),
            ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ])
    func types(type: String, written: String) throws {
        let bytes = try Self.message([Self.file("x", [1], type: type)]).bytes
        EmailMessageTests.checkShape(bytes)
        #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nContent-Type: \(written)\r\nContent-Disposition"))
    }

    @Test("What a mail cannot hold is left, the rest goes in its order")
    func fitting() {
        let files = [3, 8, 2, 5, 0].map { Self.file("\($0)", Array(repeating: 0, count: $0)) }
        let (taken, left) = EmailCarrier.fitting(files, into: 10)
        #expect(taken.map(\.name) == ["3", "2", "5", "0"] && left.map(\.name) == ["8"])
        #expect(EmailCarrier.fitting(files, into: 0).taken.map(\.name) == ["0"])
    }

    @Test("List fields: the city's name, one click only by https, nothing that is no address")
    func lists() throws {
        func head(_ list: String?, _ url: String?) throws -> String {
            let bytes = try Self.message([], list: list, unsubscribe: url).bytes
            let text = String(decoding: bytes, as: UTF8.self)
            return String(text.prefix(upTo: try #require(text.range(of: "\r\n\r\n")).lowerBound))
        }
        let https = try head("Roma Capitale", "https://c.example.org/t/RM-1/stop?k=0a")
        #expect(https.contains("\r\nList-Id: Roma Capitale <tickets.example.org>\r\n"))
        #expect(https.contains("\r\nList-Unsubscribe: <https://c.example.org/t/RM-1/stop?k=0a>\r\n"))
        #expect(https.contains("\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"))
        let http = try head("Città di Castello, \"x\"", "http://127.0.0.1:8060/t/x")
        #expect(http.contains("\r\nList-Unsubscribe: <http://127.0.0.1:8060/t/x>\r\n"))
        #expect(!http.contains("List-Unsubscribe-Post"))
        #expect(http.contains("List-Id: =?UTF-8?B?"))
        for url in [
            "javascript:x", "https://a b", "https://a>\r\nBcc: x@y.z", "https://a,b", "https://città.it",
            "https://" + String(repeating: "a", count: 900),
        ] { #expect(try !head(nil, url).contains("List-"), "\(url)") }
        #expect(try !head("\r\n ", nil).contains("List-Id"))
    }

    // MARK: Read by another program

    private struct Read: Decodable {
        let name: String?
        let type: String
        let content: [UInt8]
    }

    private struct Mail: Decodable {
        let types: [String]
        let files: [Read]
        let defects: [String]
        let list: String?
    }

    private static let script = """
        import email, email.policy, json, sys
        from email.header import decode_header, make_header
        result = []
        for path in sys.argv[1:]:
            mail = email.message_from_bytes(open(path, 'rb').read(), policy=email.policy.compat32)
            parts = list(mail.walk())
            files = [p for p in parts if p.get_content_disposition() == 'attachment']
            result.append(dict(
                types=[p.get_content_type() for p in parts],
                files=[dict(name=p.get_filename(), type=p.get_content_type(), content=list(p.get_payload(decode=True)))
                       for p in files],
                defects=[str(d) for p in parts for d in p.defects],
                list=str(make_header(decode_header(mail['List-Id'].replace('\\n', '')))) if mail['List-Id'] else None))
        print(json.dumps(result))
        """
    private static let hasPython = (try? Tool.output(["python3", "-c", "import email"])) != nil

    @Test("Every name and every content arrives as it was", .enabled(if: hasPython, "python3 is not installed"))
    func readByPython() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let all = Self.names.enumerated().map { Self.file($1, Self.contents[$0 % Self.contents.count]) }
        let mails = try [Self.message(all, list: "Città di Castello"), Self.message(all, html: nil)]
        var paths: [String] = []
        for (index, mail) in mails.enumerated() {
            EmailMessageTests.checkShape(mail.bytes)
            let path = folder.appendingPathComponent("\(index).eml")
            try Data(mail.bytes).write(to: path)
            paths.append(path.path)
        }
        let read = try JSONDecoder().decode([Mail].self, from: try Tool.output(["python3", "-c", Self.script] + paths))
        #expect(read[0].types.prefix(4) == ["multipart/mixed", "multipart/alternative", "text/plain", "text/html"])
        #expect(read[1].types.prefix(2) == ["multipart/mixed", "text/plain"])
        #expect(read[0].list == "Città di Castello <tickets.example.org>")
        for mail in read {
            #expect(mail.defects.isEmpty)
            #expect(mail.files.map(\.name) == all.map(\.safeName))
            #expect(mail.files.map(\.content) == all.map(\.content))
            #expect(mail.files.allSatisfy { $0.type == "application/pdf" })
        }
        #expect(all.map(\.safeName)[6...9] == [".._.._etc_passwd", "x Bcc: tutti@example.org.pdf", "file", "file"])
    }
}
