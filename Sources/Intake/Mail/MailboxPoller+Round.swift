import Boundaries
import Civic
import Transfer

/// One round: all mails that lie in the folder and are due.
extension MailboxPoller {
    /// - Throws: what ends the session.
    func round(_ session: IMAPSession) async throws(IMAPError) {
        let keepsKeyword = folder?.keeps(Self.keyword) ?? false
        let uids = try await session.search(IMAPSearch(lacking: keepsKeyword ? Self.keyword : nil))
        var due = ledger.due(of: uids, at: time.elapsed())[...]
        update {
            $0.waiting = uids.count
            $0.failing = ledger.failing
        }
        if told == nil { update { $0.state = .working } }
        var isClear = true
        while !due.isEmpty, !isStopping {
            let some = Array(due.prefix(window))
            due = due.dropFirst(window)
            let summaries = try await summaries(of: some, session)
            if window == 1, some.count > 1 {
                isClear = false
                due = some + due
                continue
            }
            for uid in some {
                guard !isStopping else { return }
                if let mark = ledger.accepted[uid] {
                    try await bound { () async throws(IMAPError) in try await self.mark(uid, mark, session) }
                } else if let summary = summaries[uid] {
                    try await take(summary, session)
                }
                // Else it is gone, or its answer could not be read and was counted.
            }
        }
        if isClear { window = Self.widestWindow }
    }

    private func summaries(of uids: [UInt32], _ session: IMAPSession) async throws(IMAPError) -> [UInt32: IMAPSummary] {
        let unknown = uids.filter { ledger.accepted[$0] == nil }
        do throws(IMAPError) {
            let summaries = try await session.summaries(unknown)
            return Dictionary(uniqueKeysWithValues: summaries.map { ($0.uid, $0) })
        } catch {
            guard error.kind != .cancelled, let uid = unknown.first else { throw error }
            // Next time one by one: then it is known which of them does it.
            window = 1
            if unknown.count == 1 { failed(uid, error.message, isLoss: error.kind == .connection) }
            if error.endsSession { throw IMAPError(.connection, error.message, isRetriable: true) }
            return [:]
        }
    }

    /// Fetches, hands over, marks.
    private func take(_ summary: IMAPSummary, _ session: IMAPSession) async throws(IMAPError) {
        let wait = pace.take(at: time.elapsed())
        if wait > .zero { await pause(wait) }
        guard !isStopping, let mail = try await fetch(summary, session) else { return }
        update { $0.fetched += 1 }
        Boundary.mailFetched.pass()
        while !isStopping {
            let wait = try await bound { () async throws(IMAPError) -> Duration? in
                try await self.offer(mail, session)
            }
            guard let wait else { return }
            await pause(wait)
        }
    }

    /// - Returns: nil when the mail is gone, or failed.
    private func fetch(_ summary: IMAPSummary, _ session: IMAPSession) async throws(IMAPError) -> FetchedMail? {
        let uid = summary.uid
        let isLarge = summary.size > settings.sizeLimit
        let message: IMAPMessage?
        do throws(IMAPError) {
            message = try await session.fetch(uid, limit: isLarge ? settings.excerpt : settings.sizeLimit)
        } catch {
            guard error.kind != .cancelled else { throw error }
            // A mail that breaks the connection or the protocol each time must not do so for ever.
            failed(uid, error.message, isLoss: error.kind == .connection)
            if error.endsSession { throw IMAPError(.connection, error.message, isRetriable: true) }
            return nil
        }
        guard var message else {
            failed(uid, "the server has no bytes for it")
            return nil
        }
        // The server was wrong about its size: the same excerpt as of any other large one.
        if message.isTruncated, !isLarge { message.bytes = Array(message.bytes.prefix(settings.excerpt)) }
        return FetchedMail(
            origin: origin(uid), receivedAt: summary.internalDate.map { Timestamp(seconds: $0) }, raw: message.bytes,
            size: summary.size, isTruncated: message.isTruncated)
    }

    /// - Returns: how long to wait before the mail is offered again; nil when it is dealt with.
    private func offer(_ mail: FetchedMail, _ session: IMAPSession) async throws(IMAPError) -> Duration? {
        let uid = mail.origin.uid
        let disposition: MailDisposition
        do {
            disposition = try await accept(mail)
        } catch {
            guard let refusal = error as? MailNotAccepted, case .unavailable(let retryAfter) = refusal.cause else {
                failed(uid, "\(error)")
                return nil
            }
            update { $0.state = .interrupted(reason: refusal.reason) }
            tell(.interrupted(reason: refusal.reason))
            return max(retryAfter ?? .zero, unavailability.next(random: time.random()))
        }
        Boundary.mailAccepted.pass()
        unavailability.reset()
        update { $0.accepted += 1 }
        let isAside = disposition == .unreadable || mail.isTruncated
        ledger.accepted(uid, isAside ? .aside : .done)
        if isAside {
            observe(.movedAside(mail.origin, reason: mail.isTruncated ? "too large" : "unreadable"))
        }
        try await mark(uid, isAside ? .aside : .done, session)
        return nil
    }

    // MARK: Marking

    private func mark(_ uid: UInt32, _ mark: MailMark, _ session: IMAPSession) async throws(IMAPError) {
        let target = mark == .done ? settings.moveTo : settings.failedTo
        do throws(IMAPError) {
            if let target {
                try await session.move(uid, to: target)
            } else {
                try await session.add([Self.keyword, "\\Seen"], to: uid)
            }
        } catch {
            guard !error.endsSession else { throw error }
            observe(.notMoved(origin(uid), reason: error.message))
            guard try await keep(uid, mark, target, session) else {
                _ = ledger.failed(uid, at: time.elapsed())
                update { $0.failures += 1 }
                return
            }
        }
        Boundary.mailMarked.pass()
        ledger.marked(uid)
        update {
            $0.waiting = max(0, $0.waiting - 1)
            if mark == .done { $0.marked += 1 } else { $0.movedAside += 1 }
        }
        succeeded()
    }

    /// The server will not move it (no such right, no room): it stays, marked so that it does not come again.
    private func keep(
        _ uid: UInt32, _ mark: MailMark, _ target: String?, _ session: IMAPSession
    ) async throws(IMAPError) -> Bool {
        guard target != nil, folder?.keeps(Self.keyword) == true else { return false }
        do throws(IMAPError) {
            try await session.add([Self.keyword, mark == .done ? "\\Seen" : "\\Flagged"], to: uid)
            return true
        } catch {
            if error.endsSession { throw error }
            return false
        }
    }

    private func failed(_ uid: UInt32, _ reason: String, isLoss: Bool = false) {
        update { $0.failures += 1 }
        switch ledger.failed(uid, at: time.elapsed(), isLoss: isLoss) {
        case .later(let delay): observe(.mailFailed(origin(uid), reason: reason, retryIn: delay))
        case .aside: observe(.movedAside(origin(uid), reason: reason))
        }
        update { $0.failing = ledger.failing }
    }

    private func origin(_ uid: UInt32) -> FetchedMail.Origin {
        FetchedMail.Origin(
            mailbox: settings.name, folder: settings.folder, uidValidity: folder?.uidValidity ?? 0, uid: uid)
    }

    /// Does what must not be left half done.
    private func bound<Value>(_ body: () async throws(IMAPError) -> Value) async throws(IMAPError) -> Value {
        isBound = true
        defer { isBound = false }
        return try await body()
    }
}
