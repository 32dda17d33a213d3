import Testing

@testable import Mail

@Suite struct WinmailTests {
    @Test func itsFilesAreTheMailsAndItsTextIfThereIsNoOther() throws {
        let envelope = try #require(TNEF(WinmailExample.bytes[...]))
        #expect(envelope.text == "La strada è rotta.")
        #expect(envelope.attachments.map(\.name) == ["una foto lunga.jpg", "NOTA.TXT"])
        #expect(envelope.attachments.map(\.type) == ["image/jpeg", "application/octet-stream"])
        #expect(envelope.attachments.map(\.content) == [[1, 2, 3, 4, 5], Array("ciao".utf8)])
    }

    @Test func withinAMail() {
        let body = WinmailExample.bytes.map { String($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .map { "=" + $0.uppercased() + "=\n" }.joined()
        let mail = MailReader().read(
            Array(
                """
                From: a@example.org
                Content-Type: application/ms-tnef; name=winmail.dat
                Content-Transfer-Encoding: quoted-printable

                \(body)
                """.utf8))
        #expect(mail.text == "La strada è rotta.")
        #expect(mail.attachments.map(\.name) == ["una foto lunga.jpg", "NOTA.TXT"])
    }

    @Test func packedRichText() throws {
        // MS-OXRTFCP, 4.1.1: the example of the specification.
        let packed: [UInt8] = [
            0x2D, 0, 0, 0, 0x2B, 0, 0, 0, 0x4C, 0x5A, 0x46, 0x75, 0xF1, 0xC5, 0xC7, 0xA7, 0x03, 0x00, 0x0A, 0x00, 0x72,
            0x63,
            0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0A, 0xF3, 0x20, 0x68, 0x65, 0x6C, 0x09, 0x00, 0x20, 0x62, 0x77,
            0x05,
            0xB0, 0x6C, 0x64, 0x7D, 0x0A, 0x80, 0x0F, 0xA0,
        ]
        let rtf = try #require(RTF.decompress(packed[...]))
        #expect(String(decoding: rtf, as: UTF8.self) == "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")
        #expect(RTF.text(rtf) == "hello world")
        #expect(
            RTF.text(Array(#"{\rtf1{\fonttbl{\f0 Arial;}}perch\'e9 \u8364? \{x\}\par due}"#.utf8))
                == "perché € {x}\ndue")
    }
}

/// A winmail.dat: text, a file whose long name is a property, and an older one.
enum WinmailExample {
    static let bytes: [UInt8] = {
        let start = [UInt8](repeating: 0, count: 14)
        var bytes: [UInt8] = [0x78, 0x9F, 0x3E, 0x22, 0x01, 0x00]
        bytes += attribute(1, 0x0006_9007, [0xE4, 0x04, 0, 0, 0, 0, 0, 0])
        bytes += attribute(1, 0x0006_9003, properties([(0x1000_001F, utf16("La strada è rotta.\0"))]))
        bytes += attribute(2, 0x0006_9002, start)
        bytes += attribute(2, 0x0006_800F, [1, 2, 3, 4, 5])
        bytes += attribute(2, 0x0001_8010, Array("UNAFOT~1.JPG\0".utf8))
        let named = [(0x3707_001F, utf16("una foto lunga.jpg\0")), (0x370E_001E, Array("image/jpeg\0".utf8))]
        bytes += attribute(2, 0x0006_9005, properties(named))
        bytes += attribute(2, 0x0006_9002, start)
        bytes += attribute(2, 0x0001_8010, Array("NOTA.TXT\0".utf8))
        bytes += attribute(2, 0x0006_800F, Array("ciao".utf8))
        return bytes
    }()

    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }

    private static func attribute(_ level: UInt8, _ id: Int, _ data: [UInt8]) -> [UInt8] {
        var result = [level]
        result += number(id, 4)
        result += number(data.count, 4)
        result += data
        result += number(data.reduce(0) { $0 + Int($1) }, 2)
        return result
    }

    private static func properties(_ all: [(Int, [UInt8])]) -> [UInt8] {
        var result = number(all.count, 4)
        for (tag, value) in all {
            result += number(tag & 0xFFFF, 2)
            result += number(tag >> 16, 2)
            result += number(1, 4)
            result += number(value.count, 4)
            result += value
            result += [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
        }
        return result
    }

    private static func utf16(_ text: String) -> [UInt8] { text.utf16.flatMap { number(Int($0), 2) } }
}
