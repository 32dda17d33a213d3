import Testing
import TransferTesting

@testable import Transfer

func imapFailure<Value>(_ body: () async throws(IMAPError) -> Value) async throws -> IMAPError {
    do {
        _ = try await body()
    } catch {
        return error
    }
    throw UnexpectedSuccess()
}

@Suite("IMAP, a real server", .timeLimit(.minutes(30)), .enabled(if: Dovecot.isInstalled, "\(Dovecot.absence)"))
struct RealMailboxTests {
    @Test(arguments: [true, false])
    func readsMarksAndMoves(implicitTLS: Bool) async throws {
        let server = try Dovecot()
        let mail = Array("Subject: prova\r\n\r\nP1 OK ecco {5}\r\n* BYE\r\n)\r\n".utf8)
        try await withSession(server.account(tls: implicitTLS)) { session in
            try await session.append(mail, to: "INBOX")
            let folder = try await session.select("INBOX")
            #expect(folder.messages == 1)
            #expect(folder.keeps("$Pasquino"))
            let uids = try await session.search(IMAPSearch(lacking: "$Pasquino"))
            #expect(uids.count == 1)
            let summary = try #require(try await session.summaries(uids).first)
            #expect(summary.size == mail.count)
            #expect(!summary.flags.contains("\\Seen"))
            #expect((summary.internalDate ?? 0) > 1_700_000_000)
            #expect(try await session.fetch(uids[0], limit: 1000) == IMAPMessage(bytes: mail, isTruncated: false))
            #expect(
                try await session.fetch(uids[0], limit: 7)
                    == IMAPMessage(bytes: Array(mail.prefix(7)), isTruncated: true))
            // Reading has not marked it.
            #expect(try await session.summaries(uids).first?.flags == summary.flags)
            try await session.move(uids[0], to: "Pasquino/città & più")
            #expect(try await session.search().isEmpty)
            #expect(try await session.select("Pasquino/città & più").messages == 1)
        }
    }

    @Test func messagesOfAllKinds() async throws {
        let server = try Dovecot()
        let large = Array("Subject: grande\r\n\r\n".utf8) + (0..<300_000).flatMap { _ in Array(Self.line) }
        #expect(large.count > 20_000_000)
        let mails: [[UInt8]] = [
            Array("\r\n".utf8), Array("Subject: otto bit \u{e8}\r\n\r\n".utf8) + [0xE8, 0xFF, 0x80, 13, 10],
            Array("P3 NO\r\nP4 OK\r\n+ \r\n* BYE\r\n* 1 FETCH (BODY[] {99}\r\n".utf8),
            Array("Subject: senza fine di riga".utf8), large,
        ]
        try await withSession(server.account()) { session in
            for mail in mails { try await session.append(mail, to: "INBOX") }
            _ = try await session.select("INBOX")
            let uids = try await session.search()
            #expect(uids.count == mails.count)
            for (uid, mail) in zip(uids, mails) {
                #expect(try await session.fetch(uid, limit: 30 << 20)?.bytes == mail)
            }
            let start = try await session.fetch(try #require(uids.last), limit: 1000)
            #expect(start == IMAPMessage(bytes: Array(large.prefix(1000)), isTruncated: true))
        }
    }

    private static let line = Array("Le buche di via Garibaldi, tutte quante, sono qui dentro. Saluti, M.\r\n".utf8)

    @Test func idleEndsWhenAMessageComes() async throws {
        let server = try Dovecot()
        try await withSession(server.account()) { session in
            #expect(await session.canIdle)
            _ = try await session.select("INBOX")
            #expect(try await session.search().isEmpty)
            // Told to end before anything comes, and at once.
            #expect(try await session.idle {} == false)
            let isComing = Event()
            let idling = Task {
                try await session.idle {
                    isComing.signal()
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                }
            }
            await isComing.happened()
            try await withSession(server.account()) {
                try await $0.append(Array("Subject: x\r\n\r\n".utf8), to: "INBOX")
            }
            #expect(try await idling.value)
            #expect(try await session.search().count == 1)
        }
    }

    @Test func theCertificateMustBeTrustedAndThePasswordRight() async throws {
        let server = try Dovecot()
        func kind(_ account: IMAPAccount) async throws -> IMAPError.Kind {
            try await imapFailure { () async throws(IMAPError) in
                let session = try await IMAPClient(label: "test").connect(account)
                await session.close()
                return session
            }.kind
        }
        for tls in [true, false] {
            #expect(try await kind(server.account(tls: tls) { $0.trustAuthority = nil }) == .tls)
            #expect(try await kind(server.account(tls: tls) { $0.secret = .password("falsa") }) == .authentication)
            // The certificate is that of 127.0.0.1.
            #expect(
                try await kind(
                    server.account(tls: tls) { $0.server = $0.server.replacing("127.0.0.1", with: "localhost") })
                    == .tls)
        }
        let plain = try FakeMailboxServer()
        #expect(try await kind(plain.account { $0.tls = .required }) == .tls)
        try await withSession(server.account(tls: false) { $0.tls = .opportunistic }) { try await $0.noop() }
        try await withSession(server.account(tls: false) { $0.tls = .never }) { try await $0.noop() }
    }

    @Test func nothingStaysOpen() async throws {
        let server = try Dovecot()
        let client = try IMAPClient(label: "test")
        for _ in 0..<5 {
            let session = try await client.connect(server.account())
            _ = try await session.select("INBOX")
            #expect(await session.descriptors == (1, 0))
            await session.close()
            #expect(await session.descriptors == (0, 0))
        }
    }
}
