import Testing

@testable import Transfer

/// Cuts `bytes` in pieces of `size` and reads all responses.
func responses(_ bytes: [UInt8], piece: Int = .max, limit: Int = 1 << 20, text: Int = 1 << 20) throws -> [IMAPResponse]
{
    var framer = IMAPFramer()
    framer.literalLimit = limit
    framer.textLimit = text
    var all: [IMAPResponse] = []
    var rest = bytes[...]
    while !rest.isEmpty {
        framer.append(Array(rest.prefix(piece)))
        rest = rest.dropFirst(piece)
        while let frame = try framer.next() { all.append(try IMAPParser.parse(frame)) }
    }
    return all
}

func response(_ text: String) throws -> IMAPResponse {
    try #require(try responses(Array((text + "\r\n").utf8)).first)
}

@Suite("IMAP, what the server says")
struct IMAPParserTests {
    @Test func statuses() throws {
        #expect(try response("P7 OK done") == .completion(tag: "P7", IMAPStatus(condition: .ok)))
        #expect(
            try response("P7 NO [TRYCREATE] no such {5}")
                == .completion(tag: "P7", IMAPStatus(condition: .no, code: IMAPCode(name: "TRYCREATE"))))
        #expect(
            try response("* BYE [UNAVAILABLE] later")
                == .status(IMAPStatus(condition: .bye, code: IMAPCode(name: "UNAVAILABLE"))))
        #expect(try response("* ok") == .status(IMAPStatus(condition: .ok)))
        #expect(try response("+ go on") == .proceed)
        #expect(try response("+") == .proceed)
        // A text that looks like the start of a literal is a text.
        #expect(try responses(Array("* OK ecco {3}\r\n* 4 EXISTS\r\n".utf8)).last == .exists(4))
        #expect(try responses(Array("P1 NO ecco {3}\r\n* 4 EXISTS\r\n".utf8)).last == .exists(4))
    }

    @Test func codes() throws {
        guard case .status(let validity) = try response("* OK [UIDVALIDITY 3857529045] UIDs valid") else {
            throw UnexpectedSuccess()
        }
        #expect(validity.code?.number == 3_857_529_045)
        guard case .status(let flags) = try response("* OK [PERMANENTFLAGS (\\Deleted \\Seen \\*)] Limited") else {
            throw UnexpectedSuccess()
        }
        #expect(flags.code?.members == ["\\Deleted", "\\Seen", "\\*"])
        // Of a code nobody asked for, anything.
        #expect(try response("* OK [X ((((\"] what") == .status(IMAPStatus(condition: .ok, code: IMAPCode(name: "X"))))
    }

    @Test func data() throws {
        #expect(try response("* CAPABILITY IMAP4rev1 move") == .capabilities(["IMAP4REV1", "MOVE"]))
        #expect(try response("* 23 EXISTS") == .exists(23))
        #expect(try response("* SEARCH 2 84 882") == .search([2, 84, 882]))
        #expect(try response("* SEARCH") == .search([]))
        #expect(try response("* SEARCH 7 ") == .search([7]))
        #expect(try response("* SEARCH 2 3 (MODSEQ 917)") == .search([2, 3]))
        #expect(
            try response("* LIST (\\Noselect \\HasChildren) \".\" \"Citt&AOA-\"")
                == .list(IMAPListed(attributes: ["\\NOSELECT", "\\HASCHILDREN"], delimiter: ".", name: "Città")))
        #expect(try response("* LIST () NIL INBOX") == .list(IMAPListed(attributes: [], delimiter: nil, name: "INBOX")))
        #expect(
            try responses(Array("* LIST () \"/\" {5}\r\na\"b/c\r\n".utf8)) == [
                .list(IMAPListed(attributes: [], delimiter: "/", name: "a\"b/c"))
            ])
        #expect(try response("* VANISHED 41") == .other("VANISHED"))
        #expect(try response("* 3 EXPUNGE") == .other("EXPUNGE"))
    }

    @Test func aMessagesDataInAnyOrder() throws {
        let text =
            "* 12 FETCH (FLAGS (\\Seen $Pasquino) MODSEQ (12) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
            + "RFC822.SIZE 4286 BODY[HEADER.FIELDS (SUBJECT FROM)] \"x\" ENVELOPE ((NIL \"a\\\"b\")(NIL)) UID 7)"
        var expected = IMAPFetched(number: 12)
        expected.uid = 7
        expected.size = 4286
        expected.flags = ["\\Seen", "$Pasquino"]
        expected.internalDate = 837_596_665
        #expect(try response(text) == .fetch(expected))
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func literalsGoByTheirCountAlone(piece: Int) throws {
        let mail = Array("P1 OK {12}\r\n* BYE\r\n)\r\n\r\n+ \u{0}\r".utf8)
        let bytes =
            Array("* 1 FETCH (UID 9 BODY[]<0> {\(mail.count)}\r\n".utf8) + mail + Array(" FLAGS ())\r\nP1 OK\r\n".utf8)
        var expected = IMAPFetched(number: 1)
        expected.uid = 9
        expected.flags = []
        expected.body = .some(mail)
        #expect(
            try responses(bytes, piece: piece)
                == [.fetch(expected), .completion(tag: "P1", IMAPStatus(condition: .ok))])
    }

    @Test func bodiesOfNothing() throws {
        for (text, body) in [("NIL", [UInt8]?.none), ("\"\"", []), ("{0}\r\n", [])] {
            guard case .fetch(let fetched) = try response("* 1 FETCH (BODY[] \(text))") else {
                throw UnexpectedSuccess()
            }
            #expect(fetched.body == .some(body))
        }
    }

    @Test(arguments: [
        ("17-Jul-1996 02:44:25 -0700", 837_596_665), (" 1-Jan-1970 00:00:00 +0000", 0),
        ("29-Feb-2024 23:59:59 +0200", 1_709_243_999), ("01-Mar-2000 00:00:00 +0000", 951_868_800),
        ("31-Dec-9999 23:59:60 +0000", 253_402_300_800),
    ])
    func dates(text: String, seconds: Int64) { #expect(IMAPDate.seconds(text) == seconds) }

    @Test(arguments: [
        "", "17-Jul-1996", "17-Jul-1996 02:44:25", "17-Jux-1996 02:44:25 -0700", "99-Jul-1996 02:44:25 -0700",
        "17-Jul-1996 25:44:25 -0700", "17-Jul-1996 02:44:25 *0700", "17-Jul-1996 02:44:25 -07000", "-- :: +0000",
        "17-Jul-1996 -2:44:25 -0700", "17-Jul-99999999999999999999 02:44:25 -0700",
    ])
    func noDates(text: String) { #expect(IMAPDate.seconds(text) == nil) }
}

@Suite("IMAP, hostile servers")
struct HostileIMAPTests {
    @Test(arguments: [
        "* 1 FETCH", "* 1 FETCH (", "* 1 FETCH (UID", "* 1 FETCH (UID 1", "* 1 FETCH (BODY[ 1)", "* 1 FETCH (FLAGS x)",
        "* 1 FETCH (BODY[] (a))", "* SEARCH x", "* SEARCH 99999999999", "* LIST", "* LIST ()",
        "* LIST x \"/\" a", "* LIST () \"/\" \"a", "* OK [UIDVALIDITY (1] x", "* OK [UIDVALIDITY 1", "*", " OK", "",
        "P1",
        "P1 MAYBE", "* -1 EXISTS", "* 1 FETCH (UID 1 X \"\\", "* LIST (\u{0}) \"/\" a", "\u{0}",
        "* 1 FETCH (X \r)",
    ])
    func whatIsNoIMAPIsAnError(text: String) {
        #expect(throws: IMAPError.self) { try responses(Array((text + "\r\n").utf8)) }
    }

    @Test func aLineWithoutCRIsAnError() {
        #expect(throws: IMAPError.self) { try responses(Array("* OK\n".utf8)) }
    }

    @Test func lengthsHaveBounds() {
        func kind(_ text: String, limit: Int = 100, bound: Int = 1000) -> IMAPError.Kind? {
            do {
                _ = try responses(Array(text.utf8), piece: 64, limit: limit, text: bound)
                return nil
            } catch {
                return (error as? IMAPError)?.kind
            }
        }
        #expect(kind("* SEARCH " + String(repeating: "1 ", count: 600)) == .tooLarge)
        #expect(kind("* SEARCH " + String(repeating: "1 ", count: 600) + "\r\n") == .tooLarge)
        #expect(kind("* 1 FETCH (BODY[] {101}\r\n") == .tooLarge)
        #expect(kind("* 1 FETCH (BODY[] {99999999999999999999999}\r\n") == .tooLarge)
        #expect(kind("* 1 FETCH (A {60}\r\n" + String(repeating: "a", count: 60) + " B {60}\r\n") == .tooLarge)
        #expect(kind("* 1 FETCH (A " + String(repeating: "(", count: 17) + "\r\n") == .tooLarge)
        #expect(
            kind("* 1 FETCH (A \(String(repeating: "(", count: 15))\(String(repeating: ")", count: 15)))\r\n") == nil)
        // Many empty literals are many lines.
        #expect(kind("* LIST (" + String(repeating: "{0}\r\n ", count: 1000)) == .tooLarge)
    }

    /// Any bytes lead to responses or to an `IMAPError`.
    @Test func noBytesBringItDown() {
        let seeds = [
            "* 12 FETCH (FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" BODY[]<0> {5}\r\nabcde UID 7)\r\n",
            "* LIST (\\HasChildren) \"/\" {3}\r\na&b\r\n* SEARCH 1 2 3\r\nP1 OK [UIDVALIDITY 12] done\r\n+ x\r\n",
            "* OK [PERMANENTFLAGS (\\Deleted \\*)] x\r\n* CAPABILITY IMAP4rev1\r\n* 3 EXISTS\r\n* BYE\r\n",
        ].map { Array($0.utf8) }
        let alphabet = Array("()[]{}\"\\ *+\r\n0129aZ&-<>~\u{0}".utf8) + [0x80, 0xFF]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = seeds.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                default: bytes.remove(at: place)
                }
                if bytes.isEmpty { bytes = [0] }
            }
            _ = try? responses(bytes, piece: Int.random(in: 1...40, using: &random), limit: 1000, text: 1000)
        }
    }
}

@Suite("IMAP, what we say")
struct IMAPCommandTests {
    @Test(arguments: [
        ("INBOX", "INBOX"), ("A&B", "A&-B"), ("Città", "Citt&AOA-"),
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("📮", "&2D3c7g-"), ("Hi Mom ☺!", "Hi Mom &Jjo-!"), ("a\r\nb", "a&AA0ACg-b"), ("", ""), ("&é&", "&-&AOk-&-"),
    ])
    func foldersInModifiedUTF7(name: String, wire: String) {
        #expect(MailboxName.encode(name) == wire)
        #expect(MailboxName.decode(Array(wire.utf8)) == name)
    }

    @Test(arguments: ["&", "&AOA", "Citt\u{e0}", "&A-", "&AOB-x&", "&2D0-", "&A/A-", "&AOAA-", "a\u{7}"])
    func notModifiedUTF7(wire: String) { #expect(MailboxName.decode(Array(wire.utf8)) == nil) }

    @Test func strings() throws {
        var command = IMAPCommand("SELECT")
        try command.add(mailbox: "Posta \"in\" \\ città")
        #expect(command.parts == [Array("SELECT \"Posta \\\"in\\\" \\\\ citt&AOA-\"".utf8)])
        command = IMAPCommand("LOGIN")
        try command.add(string: "è\r\nP2 LOGOUT")
        try command.add(string: "x")
        #expect(command.parts == [Array("LOGIN {13}\r\n".utf8), Array("è\r\nP2 LOGOUT \"x\"".utf8)])
        #expect(throws: IMAPError.self) { try command.add(string: "\u{0}") }
    }

    @Test func setsOfUIDs() {
        var command = IMAPCommand("UID FETCH")
        command.add(uids: [1, 2, 3, 7, 9, 10, .max - 1, .max])
        #expect(command.parts == [Array("UID FETCH 1:3,7,9:10,4294967294:4294967295".utf8)])
    }
}
