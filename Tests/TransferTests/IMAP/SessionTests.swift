import Foundation
import Testing
import TransferTesting

@testable import Transfer

extension FakeMailboxServer {
    func account(change: (inout IMAPAccount) -> Void = { _ in }) -> IMAPAccount {
        var account = IMAPAccount(
            server: "imap://127.0.0.1:\(port)", tls: .never, user: "maria", secret: .password("parola"),
            connectTimeout: .seconds(1200), silence: .seconds(1200))
        change(&account)
        return account
    }
}

@Suite("IMAP sessions", .timeLimit(.minutes(30)))
struct IMAPSessionTests {
    private func session<Value: Sendable>(
        _ answers: [String: String?] = [:], _ body: (IMAPSession, FakeMailboxServer) async throws -> Value
    ) async throws -> Value {
        let server = try FakeMailboxServer(.init(answers: answers))
        return try await withSession(server.account()) { try await body($0, server) }
    }

    @Test func foldersAreNamedWithTheServersDelimiter() async throws {
        try await session { session, server in
            let folder = try await session.select("Posta/città")
            #expect(folder.uidValidity == 7)
            #expect(folder.messages == 3)
            #expect(!folder.keeps("$Pasquino"))
            #expect(folder.keeps("\\seen"))
            try await session.create("Posta/a.b")
            _ = try await session.select("INBOX")
            #expect(
                server.commands.all == [
                    "CAPABILITY", "LIST \"\" \"\"", "SELECT \"Posta.citt&AOA-\"", "CREATE \"Posta.a.b\"",
                    "SUBSCRIBE \"Posta.a.b\"", "SELECT \"INBOX\"",
                ])
        }
    }

    @Test func aFolderWithoutUIDVALIDITYCannotBeWorkedWith() async throws {
        try await session(["SELECT": "* 3 EXISTS\r\n% OK"]) { (session, _) async throws in
            let error = try await imapFailure { () async throws(IMAPError) in try await session.select("INBOX") }
            #expect(error.kind == .protocolError)
        }
    }

    @Test func aRefusalLeavesTheSessionOpen() async throws {
        let answers = ["NOOP": "% NO [X-BUSY] maria@example.org", "UID STORE": "% BAD what"]
        try await session(answers) { (session, _) async throws in
            var error = try await imapFailure { () async throws(IMAPError) in try await session.noop() }
            #expect(error == IMAPError(.refused(code: "X-BUSY"), "NOOP refused: NO [X-BUSY]", isRetriable: true))
            error = try await imapFailure { () async throws(IMAPError) in try await session.add(["\\Seen"], to: 1) }
            #expect(error == IMAPError(.refused(code: nil), "UID STORE refused: BAD", isRetriable: false))
            #expect(await session.isOpen)
            _ = try await session.select("INBOX")
        }
    }

    @Test func whatIsNotAskedForIsIgnored() async throws {
        let answer =
            "* 2 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (UID 8 RFC822.SIZE 5)\r\n* 4 EXISTS\r\n* 1 RECENT\r\n"
            + "* 3 FETCH (UID 9 RFC822.SIZE 44 INTERNALDATE \"gestern\" FLAGS (\\Seen))\r\n* X-NEWS (((a)))\r\n% OK"
        try await session(["UID FETCH": answer]) { (session, _) async throws in
            #expect(
                try await session.summaries([9])
                    == [IMAPSummary(uid: 9, size: 44, internalDate: nil, flags: ["\\Seen"])])
            #expect(try await session.fetch(9, limit: 100) == nil)
        }
    }

    @Test(arguments: ["\"\"", "{0}\r\n"]) func aMessageWithoutBytes(body: String) async throws {
        try await session(["UID FETCH": "* 1 FETCH (UID 1 BODY[]<0> \(body))\r\n% OK"]) { (session, _) async throws in
            #expect(try await session.fetch(1, limit: 10) == IMAPMessage(bytes: [], isTruncated: false))
        }
        try await session(["UID FETCH": "* 1 FETCH (UID 1 BODY[]<0> NIL)\r\n% OK"]) { (session, _) async throws in
            #expect(try await session.fetch(1, limit: 10) == nil)
        }
    }

    @Test func aServerThatSendsMoreThanWasAskedForIsLeft() async throws {
        let answer = "* 1 FETCH (UID 1 BODY[]<0> {12}\r\n123456789012)\r\n% OK"
        try await session(["UID FETCH": answer]) { (session, _) async throws in
            let error = try await imapFailure { () async throws(IMAPError) in try await session.fetch(1, limit: 10) }
            #expect(error.kind == .tooLarge)
            #expect(!(await session.isOpen))
            // It stays over, for the same reason.
            #expect(try await imapFailure { () async throws(IMAPError) in try await session.noop() } == error)
        }
    }

    @Test(arguments: [
        "P99 OK", "+ more", "* 1 FETCH (", "OK", "hello", "* SEARCH 1\u{0}\r\n% OK", "% MAYBE", "\u{16}\u{3}\u{1}",
    ])
    func whoDoesNotSpeakIMAPIsLeft(answer: String) async throws {
        try await session(["NOOP": answer]) { (session, _) async throws in
            let error = try await imapFailure { () async throws(IMAPError) in try await session.noop() }
            #expect(error.kind == .protocolError)
            #expect(!(await session.isOpen))
        }
    }

    @Test func aLostConnectionEndsTheSession() async throws {
        try await session(["NOOP": nil]) { (session, _) async throws in
            let error = try await imapFailure { () async throws(IMAPError) in try await session.noop() }
            #expect(error.kind == .connection)
            #expect(error.isRetriable)
        }
        try await session(["NOOP": "* BYE bored\r\n* 2 EXISTS", "LOGOUT": nil]) { (session, _) async throws in
            let running = Task { try await session.noop() }
            await session.close()
            await #expect(throws: IMAPError.self) { try await running.value }
        }
    }

    @Test func silenceEndsTheSession() async throws {
        let server = try FakeMailboxServer(.init(silentAfter: "NOOP"))
        // On a very slow machine the silence may already be over at the first command: the same error.
        let error = try await imapFailure { () async throws(IMAPError) in
            let session = try await IMAPClient(label: "test").connect(server.account { $0.silence = .seconds(1) })
            do throws(IMAPError) {
                try await session.noop()
            } catch {
                await session.close()
                throw error
            }
        }
        #expect(error.kind == .connection)
        #expect(error.message.contains("silent"))
    }

    @Test func cancellingEndsWhatIsUnderWay() async throws {
        let server = try FakeMailboxServer(.init(silentAfter: "NOOP"))
        try await withSession(server.account()) { session in
            let running = Task { () -> IMAPError.Kind? in
                do throws(IMAPError) {
                    try await session.noop()
                    return nil
                } catch {
                    return error.kind
                }
            }
            while !server.commands.all.contains("NOOP") { await Task.yield() }
            running.cancel()
            #expect(await running.value == .cancelled)
        }
        // While libcurl logs in.
        let mute = try LoopbackServer { peer, _ in _ = peer.untilClosed() }
        let account = server.account { $0.server = "imap://127.0.0.1:\(mute.port)" }
        let connecting = Task { try await IMAPClient(label: "test").connect(account) }
        while mute.connections == 0 { await Task.yield() }
        connecting.cancel()
        await #expect(throws: IMAPError.self) { try await connecting.value }
    }

    @Test(arguments: [
        ("* BYE [UNAVAILABLE] overloaded", nil, IMAPError.Kind.connection, true),
        ("* OK", "% NO [AUTHENTICATIONFAILED] no", .authentication, false),
        ("* OK", "% NO [UNAVAILABLE] later", .connection, true),
        ("* OK", "% NO", .authentication, false),
    ])
    func loginsFailForAReason(greeting: String, login: String?, kind: IMAPError.Kind, isRetriable: Bool) async throws {
        let answers: [String: String?] = login.map { ["LOGIN": $0] } ?? [:]
        let server = try FakeMailboxServer(.init(greeting: greeting, answers: answers))
        let error = try await imapFailure { () async throws(IMAPError) in
            try await IMAPClient(label: "test").connect(server.account())
        }
        #expect(error.kind == kind, "\(error)")
        #expect(error.isRetriable == isRetriable)
    }

    @Test func logsInWithAToken() async throws {
        let said = Notes<String>()
        var script = FakeMailboxServer.Script(
            answers: ["CAPABILITY": "* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=XOAUTH2\r\n% OK"])
        script.answer = { command in
            said.add(command)
            return nil
        }
        let server = try FakeMailboxServer(script)
        try await withSession(server.account { $0.secret = .bearer("ya29.x") }) { try await $0.noop() }
        let token = Data("user=maria\u{1}auth=Bearer ya29.x\u{1}\u{1}".utf8).base64EncodedString()
        #expect(said.all.contains("AUTHENTICATE XOAUTH2 \(token)"))
    }

    @Test func nobodyListens() async throws {
        let port = try LoopbackServer.closedPort()
        let error = try await imapFailure { () async throws(IMAPError) in
            try await IMAPClient(label: "test").connect(
                IMAPAccount(server: "imap://127.0.0.1:\(port)", tls: .never, user: "x", secret: .password("y")))
        }
        #expect(error.kind == .connection)
    }

    @Test(arguments: [
        "http://127.0.0.1", "imap://maria@127.0.0.1", "imap://127.0.0.1/INBOX", "127.0.0.1", "imap://127.0.0.1 ",
    ])
    func serversThatAreNone(server: String) async throws {
        let error = try await imapFailure { () async throws(IMAPError) in
            try await IMAPClient(label: "test").connect(
                IMAPAccount(server: server, user: "x", secret: .password("y")))
        }
        #expect(error.kind == .other)
        #expect(!error.isRetriable)
    }

    /// `\Deleted` of others must survive: EXPUNGE would take them along.
    @Test func withoutUIDPLUSNobodyElsesMessagesAreRemoved() async throws {
        for (deleted, expunges) in [("4", true), ("2 4", false)] {
            let answers = ["UID SEARCH DELETED": "* SEARCH \(deleted)\r\n% OK"]
            try await session(answers) { session, server in
                try await session.move(4, to: "Fatto")
                #expect(server.commands.all.contains("EXPUNGE") == expunges)
                #expect(server.commands.all.contains("UID COPY 4 \"Fatto\""))
                #expect(server.commands.all.contains("UID STORE 4 +FLAGS.SILENT (\\Deleted)"))
            }
        }
    }

    @Test func flagsThatAreNoneAreNotSent() async throws {
        try await session { session, server in
            for flag in ["", "\\", "a b", "a)", "x\r\nP9 LOGOUT", "è"] {
                let error = try await imapFailure { () async throws(IMAPError) in try await session.add([flag], to: 1) }
                #expect(error.kind == .other)
            }
            #expect(server.commands.all == ["CAPABILITY"])
        }
    }
}
