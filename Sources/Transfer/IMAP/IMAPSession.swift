internal import EventLoop

/// One IMAP4rev1 session (RFC 3501), logged in. One command at a time.
///
/// A refused command (`IMAPError.Kind.refused`) leaves the session as it was; any other error ends it. After a lost
/// connection nobody knows whether the last command was done.
public actor IMAPSession {
    private nonisolated let engine: TransferEngine
    private let account: IMAPAccount
    private var framer = IMAPFramer()
    private var commands = 0
    private var isBusy = false
    /// Why the session is over.
    private var end: IMAPError?
    /// The server said BYE.
    private var bye: IMAPStatus?

    /// In capitals, as the server said last.
    public private(set) var capabilities: Set<String> = []
    /// What separates levels in names of folders; nil until asked.
    var delimiter: String??
    /// Messages came into the folder since the last search began.
    var hasNews = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { engine.unownedExecutor }

    init(engine: TransferEngine, account: IMAPAccount) {
        self.engine = engine
        self.account = account
    }

    /// Whether the session can still be used, as far as is known.
    public var isOpen: Bool { end == nil }

    /// Closes the connection; what is under way fails with `.cancelled`. Send `logout` before, to part in peace.
    public func close() async {
        if end == nil { end = IMAPError(.cancelled, "the session was closed", isRetriable: true) }
        await engine.close()
    }

    /// Says goodbye, then closes. Errors do not matter any more.
    public func logout() async {
        if end == nil, !isBusy { _ = try? await run(IMAPCommand("LOGOUT")) }
        await close()
    }

    /// For tests: what is open, what is watched.
    var descriptors: (open: Int, watched: Int) { get async { await engine.descriptors } }

    // MARK: Commands

    /// What came between a command and its end.
    struct Reply {
        var data: [IMAPResponse] = []
        var status: IMAPStatus
    }

    /// Sends `command` and waits for its end.
    /// - Parameter literalLimit: for all literals of one response, in bytes.
    /// - Throws: `.refused` for NO and BAD; see the type for the rest.
    @discardableResult
    func run(_ command: IMAPCommand, literalLimit: Int = IMAPFramer.smallLiteral) async throws(IMAPError) -> Reply {
        let reply = try await exclusively { () async throws(IMAPError) -> Reply in
            let tag = try await self.send(command)
            return try await self.reply(to: tag, command, literalLimit)
        }
        guard reply.status.condition == .ok else { throw refusal(command, reply.status) }
        return reply
    }

    /// IDLE (RFC 2177): returns when messages have come, when `end` returns, or after 25 minutes, for the server may end
    /// a session that is silent for 30.
    /// - Returns: whether messages have come.
    public func idle(until end: @escaping @Sendable () async -> Void) async throws(IMAPError) -> Bool {
        if hasNews { return true }
        let command = IMAPCommand("IDLE")
        await engine.allowSoftWaits()
        let engine = engine
        let alarm = Task {
            await end()
            await engine.endSoftWaits()
        }
        defer { alarm.cancel() }
        let status = try await exclusively { () async throws(IMAPError) -> IMAPStatus in
            let tag = try await self.send(command)
            try await self.continuation(tag, command, by: self.deadline)
            let end = ContinuousClock.now + .seconds(1500)
            while !self.hasNews, try await self.response(by: end, isSoft: true) != nil {}
            try await self.transmit(Array("DONE\r\n".utf8), by: self.deadline)
            return try await self.reply(to: tag, command, IMAPFramer.smallLiteral).status
        }
        guard status.condition == .ok else { throw refusal(command, status) }
        return hasNews
    }

    public var canIdle: Bool { capabilities.contains("IDLE") }

    /// Whatever fails in `body` ends the session.
    private func exclusively<Value>(
        _ body: () async throws(IMAPError) -> Value
    ) async throws(IMAPError) -> Value {
        if let end { throw end }
        guard !isBusy else { throw .invalid("a second command while one is under way") }
        isBusy = true
        defer { isBusy = false }
        do throws(IMAPError) {
            return try await body()
        } catch {
            guard error.endsSession else { throw error }
            let reason = end ?? (bye == nil ? error : goodbye(error))
            end = reason
            throw reason
        }
    }

    private var deadline: ContinuousClock.Instant { .now + account.commandTimeout }

    /// - Returns: the command's tag.
    private func send(_ command: IMAPCommand) async throws(IMAPError) -> String {
        commands += 1
        let tag = "P\(commands)"
        let deadline = deadline
        for (index, part) in command.parts.enumerated() {
            let isLast = index == command.parts.count - 1
            let start = index == 0 ? Array("\(tag) ".utf8) : []
            try await transmit(start + part + (isLast ? [0x0D, 0x0A] : []), by: deadline)
            guard !isLast else { break }
            try await continuation(tag, command, by: deadline)
        }
        return tag
    }

    /// Waits until the server asks for more of the command.
    /// - Throws: `.refused` if it ended the command instead.
    private func continuation(
        _ tag: String, _ command: IMAPCommand, by deadline: ContinuousClock.Instant
    ) async throws(IMAPError) {
        while let response = try await response(by: deadline) {
            switch response {
            case .proceed: return
            case .completion(tag, let status) where status.condition != .ok: throw refusal(command, status)
            case .completion: throw .malformed("\(command.name): the server ended another command")
            default: break
            }
        }
    }

    private func reply(to tag: String, _ command: IMAPCommand, _ literalLimit: Int) async throws(IMAPError) -> Reply {
        framer.literalLimit = literalLimit
        defer { framer.literalLimit = IMAPFramer.smallLiteral }
        let deadline = deadline
        var data: [IMAPResponse] = []
        var weight = 0
        while let response = try await response(by: deadline, weight: &weight) {
            guard weight <= framer.textLimit + literalLimit else {
                throw .tooLarge("\(command.name): too long an answer")
            }
            switch response {
            case .completion(tag, let status): return Reply(data: data, status: status)
            case .completion: throw .malformed("\(command.name): the server ended another command")
            case .proceed: throw .malformed("\(command.name): the server asks for more")
            case .other: break
            default: data.append(response)
            }
        }
        throw .malformed("\(command.name): no answer")
    }

    private func refusal(_ command: IMAPCommand, _ status: IMAPStatus) -> IMAPError {
        let code = status.code?.name
        let isKnown = code.map { $0.utf8.count <= 40 && Wire.isToken($0) } ?? false
        let words = isKnown ? " [\(code ?? "")]" : ""
        // BAD: the server does not understand us, and will not the next time either (RFC 3501, 7.1.3).
        return IMAPError(
            .refused(code: code), "\(command.name) refused: \(status.condition.rawValue)\(words)",
            isRetriable: status.condition == .no)
    }

    private func goodbye(_ error: IMAPError) -> IMAPError {
        guard error.kind == .connection else { return error }
        return IMAPError(.connection, error.message + ", after the server's BYE", isRetriable: true)
    }
}

// MARK: Bytes and responses

extension IMAPSession {
    private func transmit(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) async throws(IMAPError) {
        do throws(TransferError) {
            try await engine.transmit(bytes, by: min(deadline, .now + account.silence))
        } catch {
            throw IMAPError(error)
        }
    }

    private func response(
        by deadline: ContinuousClock.Instant, isSoft: Bool = false
    ) async throws(IMAPError) -> IMAPResponse? {
        var weight = 0
        return try await response(by: deadline, isSoft: isSoft, weight: &weight)
    }

    /// The next response, which was noted.
    /// - Parameters:
    ///   - isSoft: whether silence until the deadline, or `endSoftWaits`, is no error but nil.
    ///   - weight: grows by what the response weighs.
    private func response(
        by deadline: ContinuousClock.Instant, isSoft: Bool = false, weight: inout Int
    ) async throws(IMAPError) -> IMAPResponse? {
        while true {
            if let frame = try framer.next() {
                weight += frame.weight
                let response = try IMAPParser.parse(frame)
                note(response)
                return response
            }
            do throws(TransferError) {
                let patience = isSoft ? deadline : min(deadline, .now + account.silence)
                framer.append(try await engine.receive(by: patience, isSoft: isSoft))
            } catch {
                if error.kind == .timeout, isSoft { return nil }
                throw IMAPError(error)
            }
        }
    }

    private func note(_ response: IMAPResponse) {
        switch response {
        case .exists: hasNews = true
        case .capabilities(let all): capabilities = all
        case .status(let status) where status.condition == .bye: bye = status
        default: break
        }
    }

    func learnCapabilities() async throws(IMAPError) {
        try await run(IMAPCommand("CAPABILITY"))
        guard capabilities.contains("IMAP4REV1") else {
            throw .malformed("the server does not speak IMAP4rev1")
        }
    }
}
