import Testing
import Transfer
import TransferTesting

@testable import Intake

/// A proxy between poller and Dovecot cuts the connection after every single line, or TLS record, of a round.
@Suite("Mailboxes, cut connections", .timeLimit(.minutes(30)), .enabled(if: Dovecot.isInstalled, "\(Dovecot.absence)"))
struct MailboxCutTests {
    static let mails = ["Subject: uno\r\n\r\nP1 OK\r\n* BYE\r\n", "Subject: perch\u{e9}\r\n)\r\n"]

    /// - Returns: how many units passed.
    @discardableResult
    private func round(
        on server: Dovecot? = nil, _ unit: CuttingProxy.Unit, cut: @escaping @Sendable (Int) -> Int?,
        change: (inout MailboxSettings) -> Void = { _ in }, mayCopy: Bool = false
    ) async throws -> Int {
        let mailbox = try Mailbox(server)
        try await mailbox.put(Self.mails.map { Array($0.utf8) })
        let isTLS = unit == .records
        let proxy = try CuttingProxy(
            to: isTLS ? mailbox.server.tlsPort : mailbox.server.port, counting: unit, cutAfter: cut)
        let desk = Desk()
        let settings = mailbox.settings(port: proxy.port, tls: isTLS, change: change)
        var units = 0
        try await withPoller(settings, desk) { _ in
            await desk.untilDone(with: Self.mails.count)
            units = proxy.units
        }
        // Nobody is called because a connection broke.
        #expect(!desk.events.contains { if case .troubled = $0 { true } else { false } })
        // Each was accepted; those that came again came with the same bytes.
        #expect(Set(desk.texts) == Set(Self.mails))
        for mail in desk.mails {
            #expect(String(decoding: mail.raw, as: UTF8.self) == Self.mails[Int(mail.origin.uid) - 1])
        }
        let folder = settings.moveTo ?? settings.folder
        let marked = try await mailbox.mails(in: folder)
        let texts = marked.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(mayCopy ? Set(texts) == Set(Self.mails) : texts.sorted() == Self.mails.sorted())
        if settings.moveTo == nil {
            #expect(marked.allSatisfy { $0.flags == ["$Pasquino", "\\Seen"] })
        } else {
            #expect(try await mailbox.mails(in: settings.folder).isEmpty)
        }
        #expect(try await mailbox.mails(in: settings.failedTo).isEmpty)
        return units
    }

    @Test func onceAfterEveryLine() async throws {
        let lines = try await round(.lines) { _ in nil }
        #expect(lines > 30)
        for line in 0...lines { try await round(.lines) { $0 == 1 ? line : nil } }
    }

    @Test func onceAfterEveryLineWhereMailsAreOnlyMarked() async throws {
        let lines = try await round(.lines, cut: { _ in nil }, change: { $0.moveTo = nil })
        for line in 0...lines { try await round(.lines, cut: { $0 == 1 ? line : nil }, change: { $0.moveTo = nil }) }
    }

    /// Without MOVE a second copy may stay; never none.
    @Test func onceAfterEveryLineWhereMailsAreCopied() async throws {
        let server = try Dovecot(capability: "IMAP4rev1 UIDPLUS")
        let lines = try await round(on: server, .lines, cut: { _ in nil })
        for line in 0...lines { try await round(on: server, .lines, cut: { $0 == 1 ? line : nil }, mayCopy: true) }
    }

    @Test func onceAfterEveryTLSRecord() async throws {
        let records = try await round(.records) { _ in nil }
        #expect(records > 20)
        for record in 0...records { try await round(.records) { $0 == 1 ? record : nil } }
    }

    /// Every connection is cut, each a little later than the one before.
    @Test func againAndAgain() async throws {
        try await round(.lines) { $0 <= 60 ? $0 : nil }
        try await round(.records) { $0 <= 60 ? $0 : nil }
    }
}
