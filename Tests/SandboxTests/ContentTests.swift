import NIOCore
import Testing

@testable import Sandbox

enum ByteBufferLine {
    static func make(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: UInt8(ascii: "x"), count: count) }
}

@Suite("What is shown")
struct ContentTests {
    @Test(
        "encoded words",
        arguments: [
            ("=?utf-8?Q?Perch=C3=A9_no?=", "Perché no"), ("=?UTF-8?B?w6g=?= =?utf-8?q?=C3=AC?= x", "èì x"),
            ("=?iso-8859-1?Q?=E0?=", "à"), ("plain =?broken", "plain =?broken"), ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
            ("=?utf-8?B?YQ?= b", "=?utf-8?B?YQ?= b"), ("=?", "=?"), ("", ""), ("a =?utf-8?Q?=?=", "a ="),
        ])
    func words(header: String, expected: String) {
        #expect(EncodedWord.decode(header) == expected)
    }

    @Test("the parts of a mail, decoded")
    func parts() {
        let raw = """
            Subject: x\r
            Content-Type: multipart/alternative;\r
             boundary="b 1"\r
            \r
            --b 1\r
            Content-Type: text/plain; charset=iso-8859-1\r
            Content-Transfer-Encoding: quoted-printable\r
            \r
            citt=E0 =\r
            nuova\r
            --b 1\r
            Content-Type: text/html; charset=utf-8\r
            Content-Transfer-Encoding: base64\r
            \r
            PGI+w6g8L2I+\r
            --b 1--\r

            """
        let content = MIMEContent(Array(raw.utf8))
        #expect(content.text == "città nuova\r\n")
        #expect(content.html == "<b>è</b>")
    }

    @Test("garbage is shown somehow and harms nobody")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let content = MIMEContent(bytes)
            #expect(content.html == nil)
        }
        let nested = String(repeating: "Content-Type: multipart/mixed; boundary=a\n\n--a\n", count: 2000)
        #expect(MIMEContent(Array(nested.utf8)).text == nil)
        #expect(MIMEContent(Array("Content-Type: text/html; charset=\n\n=".utf8)).html == "=")
    }

    @Test("an archive forgets the oldest, and bodies by number and size")
    func archive() {
        var archive = Archive<Int, String>(capacity: 4, bodies: 3, bytes: 10)
        for number in 1...6 { archive.append(number * 10, body: "b", size: 4) }
        #expect(archive.count == 6)
        #expect(archive.numbers == 3...6)
        #expect(archive.summary(2) == nil)
        #expect(archive.summary(3) == 30)
        #expect((3...6).map { archive.body($0) != nil } == [false, false, true, true])
        #expect(archive.search(since: nil, limit: 2) { _ in true } == [5, 6])
        #expect(archive.search(since: 1, limit: 2) { _ in true } == [3, 4])
        #expect(archive.search(since: 6, limit: 2) { _ in true } == [])
        archive.append(70, body: "huge", size: 11)
        #expect(archive.body(7) == nil)
        archive.append(80, body: "b", size: 4)
        #expect(archive.body(8) == "b")
    }

    @Test("the page runs nothing but its own script, and every answer names its parts")
    func page() async throws {
        try await World.with { world in
            let answer = try await world.send("GET", "/")
            let policy = answer?.headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'"))
            let nonce = try #require(policy.firstMatch(of: /'nonce-([a-z0-9]+)'/)?.1)
            #expect(answer?.text.contains("<script nonce=\"\(nonce)\">") == true)
            #expect(answer?.text.contains("http://") == false)
        }
    }

    @Test("listings filter and page")
    func listings() async throws {
        try await World.with { world in
            let mails = ["a@x.it", "B@x.it", "a@x.it"].map {
                "MAIL FROM:<>\r\nRCPT TO:<\($0)>\r\nDATA\r\nSubject: =?utf-8?Q?=C3=A8?=\r\n\r\nx\r\n.\r\n"
            }
            _ = try await world.smtp("EHLO a\r\n" + mails.joined() + "QUIT\r\n")
            let found = try await world.json("/api/mails?to=A@x.it&since=1&limit=5").array
            #expect(found?.compactMap { $0["id"]?.integer } == [3])
            #expect(found?.first?["subject"] == "è")
            #expect(try await world.json("/api/mails?to=b%40x.it").array?.count == 1)
            _ = try await world.io("POST", "/messages", message())
            _ = try await world.io("POST", "/messages", message("ENGLND80A41H501X"))
            let messages = try await world.json("/api/messages?fiscal_code=ENGLND80A41H501X").array
            #expect(messages?.count == 1)
            #expect(messages?.first?["status"] == "ACCEPTED")
            #expect(try await world.json("/api/counts")["without_profile_call"] == 2)
        }
    }
}
