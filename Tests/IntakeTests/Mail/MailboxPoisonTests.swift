import Synchronization
import Testing
import TransferTesting

@testable import Intake

/// Mails that the server itself cannot serve, told by a server made for it.
@Suite("Mailboxes, poisoned", .timeLimit(.minutes(30)))
struct MailboxPoisonTests {
    /// Three mails; the second makes trouble. Moved mails are gone.
    private func server(
        _ trouble: @escaping @Sendable (String) -> String??
    ) throws -> (FakeMailboxServer, moved: Notes<String>) {
        let moved = Notes<String>()
        var script = FakeMailboxServer.Script()
        script.answer = { command in
            if let answer = trouble(command) { return answer }
            let words = command.split(separator: " ")
            func uid(_ word: Int) -> Int { words.count > word ? Int(words[word]) ?? 0 : 0 }
            if command == "CAPABILITY" { return "* CAPABILITY IMAP4rev1 MOVE\r\n% OK" }
            if command.hasPrefix("UID SEARCH") {
                let left = [1, 2, 3].filter { uid in !moved.all.contains { $0.hasPrefix("\(uid) ") } }
                return "* SEARCH \(left.map(String.init).joined(separator: " "))\r\n% OK"
            }
            if command.hasPrefix("UID MOVE") {
                moved.add(words.dropFirst(2).joined(separator: " "))
                return "% OK"
            }
            guard command.hasPrefix("UID FETCH") else { return nil }
            if command.contains("BODY.PEEK") {
                return "* 1 FETCH (UID \(uid(2)) BODY[]<0> {3}\r\n\(uid(2))\r\n)\r\n% OK"
            }
            let range = words[2].split(separator: ":").compactMap { Int($0) }
            return (range[0]...(range.last ?? 0)).map { "* \($0) FETCH (UID \($0) RFC822.SIZE 3)\r\n" }.joined()
                + "% OK"
        }
        return (try FakeMailboxServer(script), moved)
    }

    private func settings(_ server: FakeMailboxServer) -> MailboxSettings {
        MailboxSettings(
            name: "posta", server: "imap://127.0.0.1:\(server.port)", user: "x", password: "y", tls: .never,
            moveTo: "Fatto", failedTo: "Guasti", pollInterval: MailboxSettings.testInterval,
            messagesPerMinute: 1_000_000, attempts: 3)
    }

    @Test(arguments: [
        // The server's answer about one mail is none; about many, with it among them, neither.
        ("RFC822.SIZE", "* 2 FETCH (UID 2 RFC822.SIZE"), ("RFC822.SIZE", "% NO [SERVERBUG]"), ("RFC822.SIZE", nil),
        ("BODY.PEEK", "* 2 FETCH (UID 2 BODY[]<0> {99999999999}"), ("BODY.PEEK", "% NO [SERVERBUG]"),
        ("BODY.PEEK", "* 2 FETCH (UID 2 BODY[]<0> NIL)\r\n% OK"), ("BODY.PEEK", nil),
    ])
    func aMailThatCannotBeFetchedBlocksNobody(item: String, answer: String?) async throws {
        let (server, moved) = try server { command in
            guard command.hasPrefix("UID FETCH"), command.contains(item) else { return nil }
            let uids = command.split(separator: " ")[2].split(separator: ":").compactMap { Int($0) }
            guard let first = uids.first, let last = uids.last, (first...last).contains(2) else { return nil }
            return .some(answer)
        }
        let desk = Desk()
        try await withPoller(settings(server), desk) { _ in
            await desk.until { $0.events.contains { if case .movedAside = $0 { true } else { false } } }
            await desk.until { _ in moved.all.count == 3 }
        }
        #expect(desk.texts == ["1\r\n", "3\r\n"])
        #expect(moved.all.sorted() == ["1 \"Fatto\"", "2 \"Guasti\"", "3 \"Fatto\""])
    }

    @Test func aFolderThatTakesNothingLeavesMailsMarked() async throws {
        let flags = Notes<String>()
        let (server, _) = try server { command in
            if command.hasPrefix("UID MOVE") { return .some("% NO [OVERQUOTA]") }
            if command.hasPrefix("SELECT") {
                return .some("* OK [UIDVALIDITY 7]\r\n* OK [PERMANENTFLAGS (\\*)]\r\n% OK")
            }
            if command.hasPrefix("LIST \"\" \"Fatto\"") { return .some("* LIST () \"/\" Fatto\r\n% OK") }
            if command.hasPrefix("UID SEARCH"), flags.all.count == 3 { return .some("* SEARCH\r\n% OK") }
            if command.hasPrefix("UID STORE") { flags.add(command) }
            return nil
        }
        let desk = Desk()
        try await withPoller(settings(server), desk) { _ in await desk.untilDone(with: 3) }
        #expect(flags.all == (1...3).map { "UID STORE \($0) +FLAGS.SILENT ($Pasquino \\Seen)" })
        #expect(server.commands.all.contains("UID SEARCH UNDELETED UNKEYWORD $Pasquino"))
        #expect(desk.events.filter { if case .notMoved = $0 { true } else { false } }.count == 3)
    }

    /// As after a kill between acceptance and mark: the next process remembers nothing.
    @Test func whatWasAcceptedAndNotMarkedComesAgainByteForByte() async throws {
        let isMarking = Mutex(false)
        let (server, moved) = try server { command in
            command.hasPrefix("UID MOVE") && !isMarking.withLock { $0 } ? .some(nil) : nil
        }
        let (first, second) = (Desk(), Desk())
        try await withPoller(settings(server), first) { _ in
            await first.until { $0.events.contains { if case .interrupted = $0 { true } else { false } } }
        }
        isMarking.withLock { $0 = true }
        try await withPoller(settings(server), second) { _ in await second.untilDone(with: 3) }
        // The first process has only tried to mark it again.
        #expect(first.texts == ["1\r\n"])
        #expect(second.texts == ["1\r\n", "2\r\n", "3\r\n"])
        #expect(first.mails[0].origin == second.mails[0].origin)
        #expect(moved.all == ["1 \"Fatto\"", "2 \"Fatto\"", "3 \"Fatto\""])
    }
}
