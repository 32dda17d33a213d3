import Synchronization
import Testing
import TransferTesting

@testable import Intake

@Suite("Mailboxes", .timeLimit(.minutes(30)), .enabled(if: Dovecot.isInstalled, "\(Dovecot.absence)"))
struct MailboxPollerTests {
    @Test func mailsAreAcceptedInOrderAndMovedAfterwards() async throws {
        let mailbox = try Mailbox()
        let mails = ["Subject: uno\r\n\r\nuno\r\n", "Subject: due\r\n\r\ndue\r\n", "Subject: tre\r\n\r\n"]
        try await mailbox.put(mails.map { Array($0.utf8) })
        let desk = Desk()
        try await withPoller(mailbox.settings(tls: true), desk) { poller in
            await desk.untilDone(with: 3)
            let status = await poller.status
            #expect(status.accepted == 3)
            #expect(status.marked == 3)
            #expect(status.waiting == 0)
            #expect(status.lastSuccess != nil)
        }
        #expect(desk.texts == mails)
        #expect(desk.mails.map(\.origin.mailbox) == ["posta", "posta", "posta"])
        #expect(Set(desk.mails.map(\.origin.uidValidity)).count == 1)
        #expect(desk.mails.allSatisfy { $0.receivedAt != nil && !$0.isTruncated && $0.size == $0.raw.count })
        #expect(try await mailbox.mails(in: "INBOX").isEmpty)
        let moved = try await mailbox.mails(in: "Fatto")
        #expect(moved.map { String(decoding: $0.bytes, as: UTF8.self) } == mails)
        #expect(moved.allSatisfy { $0.flags.isEmpty })
        #expect(desk.events == [.connected])
    }

    @Test func withoutAFolderForThemMailsStayAndAreMarked() async throws {
        let mailbox = try Mailbox()
        try await mailbox.put("Subject: uno\r\n\r\n", "Subject: due\r\n\r\n")
        let desk = Desk()
        try await withPoller(mailbox.settings { $0.moveTo = nil }, desk) { _ in await desk.untilDone(with: 2) }
        #expect(desk.mails.count == 2)
        #expect(
            try await mailbox.mails(in: "INBOX").map(\.flags) == Array(repeating: ["$Pasquino", "\\Seen"], count: 2))
        // Another process knows them by their mark.
        let next = Desk()
        try await mailbox.put("Subject: tre\r\n\r\n")
        try await withPoller(mailbox.settings { $0.moveTo = nil }, next) { _ in await next.untilDone(with: 1) }
        #expect(next.texts == ["Subject: tre\r\n\r\n"])
    }

    @Test func whatCannotBeReadOrIsTooLargeIsMovedAside() async throws {
        let mailbox = try Mailbox()
        let large = "Subject: grande\r\n\r\n" + String(repeating: "x", count: 5000) + "\r\n"
        try await mailbox.put("Subject: rotto\r\n\r\n", large, "Subject: buono\r\n\r\n", "\r\n")
        let desk = Desk { mail, _ in mail.raw.starts(with: "Subject: rotto".utf8) ? .unreadable : .done }
        let settings = mailbox.settings {
            $0.sizeLimit = 4000
            $0.excerpt = 100
            $0.failedTo = "Pasquino/da vedere: perché"
        }
        try await withPoller(settings, desk) { poller in
            await desk.untilDone(with: 4)
            #expect(await poller.status.movedAside == 2)
        }
        #expect(desk.mails.map(\.isTruncated) == [false, true, false, false])
        #expect(desk.mails[1].raw == Array(large.utf8.prefix(100)))
        #expect(desk.mails[1].size == large.utf8.count)
        #expect(try await mailbox.mails(in: settings.failedTo).map(\.bytes.count) == [18, large.utf8.count])
        #expect(try await mailbox.mails(in: "Fatto").map(\.bytes.count) == [18, 2])
    }

    @Test func whileNothingCanBeAcceptedTheMailboxWaits() async throws {
        let mailbox = try Mailbox()
        try await mailbox.put("Subject: uno\r\n\r\n", "Subject: due\r\n\r\n")
        let desk = Desk { _, count in
            if count <= 5 {
                throw MailNotAccepted(.unavailable(retryAfter: count == 5 ? .seconds(90) : nil), "no database")
            }
            return .done
        }
        let slept = Notes<Duration>()
        let clock = SkippingClock {
            slept.add($0)
            desk.slept($0)
        }
        try await withPoller(mailbox.settings(), desk, clock: clock) { _ in await desk.untilDone(with: 2) }
        #expect(desk.texts == Array(repeating: "Subject: uno\r\n\r\n", count: 6) + ["Subject: due\r\n\r\n"])
        #expect(slept.all.prefix(5) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(90)])
        #expect(desk.events == [.connected, .interrupted(reason: "no database"), .recovered])
        #expect(try await mailbox.mails(in: "Fatto").count == 2)
    }

    @Test func aMailThatFailsByItselfBlocksNobodyAndIsMovedAsideInTheEnd() async throws {
        let mailbox = try Mailbox()
        try await mailbox.put("Subject: uno\r\n\r\n", "Subject: guasto\r\n\r\n", "Subject: tre\r\n\r\n")
        let desk = Desk { mail, _ in
            if mail.raw.starts(with: "Subject: guasto".utf8) { throw MailNotAccepted(.thisMail, "cannot be stored") }
            return .done
        }
        try await withPoller(mailbox.settings { $0.attempts = 3 }, desk) { _ in
            await desk.until { $0.events.contains { if case .movedAside = $0 { true } else { false } } }
            await desk.untilDone(with: 3)
        }
        #expect(
            desk.texts == ["uno", "guasto", "tre", "guasto", "guasto"].map { "Subject: \($0)\r\n\r\n" })
        let delays = desk.events.compactMap { if case .mailFailed(_, _, let delay) = $0 { delay } else { nil } }
        #expect(delays == [.seconds(60), .seconds(120)])
        #expect(try await mailbox.mails(in: "Fatto").count == 2)
        #expect(try await mailbox.mails(in: "Pasquino/failed").map(\.bytes) == [Array("Subject: guasto\r\n\r\n".utf8)])
    }

    @Test func aBacklogIsWorkedOffAtTheGivenPace() async throws {
        let mailbox = try Mailbox()
        try await mailbox.put((0..<120).map { Array("Subject: \($0)\r\n\r\n".utf8) })
        let desk = Desk()
        let clock = SkippingClock { desk.slept($0) }
        try await withPoller(mailbox.settings { $0.messagesPerMinute = 60 }, desk, clock: clock) { _ in
            await desk.untilDone(with: 120)
        }
        #expect(desk.texts == (0..<120).map { "Subject: \($0)\r\n\r\n" })
        // Two at once, then one a second.
        #expect(clock.slept.filter { $0 == .seconds(1) }.count == 118)
    }

    @Test func wrongPasswordsAndCertificatesAreToldOnceAndTriedSlowly() async throws {
        let mailbox = try Mailbox()
        for isPassword in [true, false] {
            let desk = Desk()
            let slept = Notes<Duration>()
            let settings = mailbox.settings(tls: !isPassword) {
                if isPassword { $0.password = "falsa" } else { $0.trustAuthority = nil }
            }
            let attempts = Event()
            let clock = SkippingClock {
                slept.add($0)
                if slept.all.count == 3 { attempts.signal() }
            }
            try await withPoller(settings, desk, clock: clock) { poller in
                await attempts.happened()
                guard case .troubled = await poller.status.state else {
                    Issue.record("not troubled")
                    return
                }
            }
            #expect(desk.events.count == 1)
            guard case .troubled(_, let advice) = desk.events.first else {
                Issue.record("not told")
                continue
            }
            #expect(advice.contains(isPassword ? "password" : "certificate"))
            #expect(Array(slept.all.prefix(3)) == Array(repeating: .seconds(900), count: 3))
        }
    }

    @Test func foldersThatCannotWorkAreTold() async throws {
        let mailbox = try Mailbox()
        for change in [{ $0.folder = "Non c'è" }, { $0.moveTo = "inbox" }]
            as [@Sendable (inout MailboxSettings) -> Void]
        {
            let desk = Desk()
            try await withPoller(mailbox.settings(change: change), desk) { _ in await desk.until { !$0.events.isEmpty }
            }
            guard case .troubled = desk.events.first else {
                Issue.record("not told")
                continue
            }
        }
    }

    /// With IDLE: the clock stands still.
    @Test func aNewMailIsTakenWhenItComes() async throws {
        let mailbox = try Mailbox()
        let desk = Desk()
        let clock = SkippingClock(endless: .seconds(10)) { desk.slept($0) }
        try await withPoller(mailbox.settings(), desk, clock: clock) { _ in
            await desk.untilDone(with: 0)
            try await mailbox.put("Subject: nuovo\r\n\r\n")
            await desk.untilDone(with: 1)
        }
        #expect(try await mailbox.mails(in: "Fatto").count == 1)
    }

    @Test func stoppingWaitsForTheMailInHandOnly() async throws {
        let mailbox = try Mailbox()
        try await mailbox.put("Subject: uno\r\n\r\n", "Subject: due\r\n\r\n")
        let (arrived, gate) = (Event(), Event())
        let desk = Desk { _, _ in
            arrived.signal()
            await gate.happened()
            return .done
        }
        try await withPoller(mailbox.settings(), desk) { poller in
            await arrived.happened()
            let stopping = Task { await poller.stop() }
            while await !poller.isStopping { await Task.yield() }
            gate.signal()
            await stopping.value
            #expect(await poller.status.state == .stopped)
        }
        #expect(desk.mails.count == 1)
        #expect(try await mailbox.mails(in: "Fatto").count == 1)
        #expect(try await mailbox.mails(in: "INBOX").count == 1)
    }

    @Test func withoutMOVEMailsAreCopiedAndRemoved() async throws {
        for capability in ["IMAP4rev1 UIDPLUS", "IMAP4rev1"] {
            let mailbox = try Mailbox(try Dovecot(capability: capability))
            try await mailbox.put("Subject: uno\r\n\r\n", "Subject: due\r\n\r\n")
            let desk = Desk()
            try await withPoller(mailbox.settings(), desk) { _ in await desk.untilDone(with: 2) }
            #expect(try await mailbox.mails(in: "INBOX").isEmpty)
            #expect(try await mailbox.mails(in: "Fatto").count == 2)
            // Nothing is left behind, not even marked.
            #expect(try await mailbox.session { try await $0.select("INBOX").messages } == 0)
        }
    }
}
