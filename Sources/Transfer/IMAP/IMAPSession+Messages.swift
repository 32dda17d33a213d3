/// What a server tells of a message without its text.
public struct IMAPSummary: Sendable, Equatable {
    public var uid: UInt32
    /// As the server says; some are wrong by a few bytes.
    public var size: Int
    /// When the server got it: seconds since 1970-01-01T00:00:00Z. Nil where the server's words are not a date.
    public var internalDate: Int64?
    public var flags: [String]
}

/// A message's bytes, as the server gave them.
public struct IMAPMessage: Sendable, Equatable {
    public var bytes: [UInt8]
    /// There is more: the message is larger than was asked for.
    public var isTruncated: Bool
}

/// Which messages of a folder are wanted.
public struct IMAPSearch: Sendable, Equatable {
    /// Without this keyword.
    public var lacking: String?
    /// Messages marked `\Deleted` are somebody's rubbish.
    public init(lacking: String? = nil) { self.lacking = lacking }
}

/// Messages of the selected folder, named by UID. Reading never marks a message as seen.
extension IMAPSession {
    /// - Returns: UIDs in ascending order, without messages marked as deleted.
    public func search(_ search: IMAPSearch = IMAPSearch()) async throws(IMAPError) -> [UInt32] {
        var command = IMAPCommand("UID SEARCH UNDELETED", name: "UID SEARCH")
        if let keyword = search.lacking { command.add("UNKEYWORD \(try Self.flag(keyword))") }
        return try await uids(command)
    }

    /// What the server tells of these messages; those that are gone are not among them. In ascending order.
    public func summaries(_ uids: [UInt32]) async throws(IMAPError) -> [IMAPSummary] {
        guard !uids.isEmpty else { return [] }
        var command = IMAPCommand("UID FETCH")
        command.add(uids: uids)
        command.add("(UID RFC822.SIZE INTERNALDATE FLAGS)")
        let wanted = Set(uids)
        var found: [UInt32: IMAPSummary] = [:]
        for case .fetch(let fetched) in try await run(command).data {
            // A FETCH without size is news about flags.
            guard let uid = fetched.uid, wanted.contains(uid), let size = fetched.size else { continue }
            found[uid] = IMAPSummary(
                uid: uid, size: size, internalDate: fetched.internalDate, flags: fetched.flags ?? [])
        }
        return found.values.sorted { $0.uid < $1.uid }
    }

    /// The message's bytes from the first, `limit` at most.
    /// - Returns: nil if the message is gone, or the server has no bytes for it.
    public func fetch(_ uid: UInt32, limit: Int) async throws(IMAPError) -> IMAPMessage? {
        // One more than the limit tells whether there is more, whatever the server's idea of its size.
        let limit = min(max(limit, 0), 1 << 30)
        let command = IMAPCommand("UID FETCH \(uid) (UID BODY.PEEK[]<0.\(limit + 1)>)", name: "UID FETCH")
        for case .fetch(let fetched) in try await run(command, literalLimit: limit + 1).data where fetched.uid == uid {
            guard case .some(.some(let bytes)) = fetched.body else { continue }
            return IMAPMessage(
                bytes: bytes.count > limit ? Array(bytes.prefix(limit)) : bytes, isTruncated: bytes.count > limit)
        }
        return nil
    }

    /// Adds flags; to none, if the message is gone.
    public func add(_ flags: [String], to uid: UInt32) async throws(IMAPError) {
        var checked: [String] = []
        for flag in flags { checked.append(try Self.flag(flag)) }
        try await run(
            IMAPCommand("UID STORE \(uid) +FLAGS.SILENT (\(checked.joined(separator: " ")))", name: "UID STORE"))
    }

    /// Moves a message to another folder, which is made if it is missing.
    ///
    /// With MOVE (RFC 6851) at one stroke. Without, by copy, mark and expunge: a connection lost in between may leave a
    /// second copy, never none.
    /// - Throws: `.refused` if the server will not; the message is where it was.
    public func move(_ uid: UInt32, to folder: String) async throws(IMAPError) {
        let verb = capabilities.contains("MOVE") ? "UID MOVE" : "UID COPY"
        do throws(IMAPError) {
            try await transfer(verb, uid, folder)
        } catch {
            // Not all servers say TRYCREATE.
            guard case .refused(let code) = error.kind else { throw error }
            if code != "TRYCREATE", try await exists(folder) { throw error }
            try await create(folder)
            try await transfer(verb, uid, folder)
        }
        if verb == "UID COPY" { try await remove(uid) }
    }

    /// So that the server does not end the session.
    public func noop() async throws(IMAPError) { try await run(IMAPCommand("NOOP")) }

    /// Puts a message into a folder.
    package func append(_ bytes: [UInt8], to folder: String) async throws(IMAPError) {
        var command = IMAPCommand("APPEND")
        try command.add(mailbox: try await serverName(folder))
        command.add(literal: bytes)
        try await run(command)
    }

    private func transfer(_ verb: String, _ uid: UInt32, _ folder: String) async throws(IMAPError) {
        var command = IMAPCommand("\(verb) \(uid)", name: verb)
        try command.add(mailbox: try await serverName(folder))
        try await run(command)
    }

    /// EXPUNGE alone removes what anybody has marked; so without UID EXPUNGE (UIDPLUS, RFC 4315) it is used only when
    /// ours is the only message marked. Otherwise the message stays marked, which hides it from `search`.
    private func remove(_ uid: UInt32) async throws(IMAPError) {
        try await add(["\\Deleted"], to: uid)
        if capabilities.contains("UIDPLUS") {
            try await run(IMAPCommand("UID EXPUNGE \(uid)", name: "UID EXPUNGE"))
        } else if try await uids(IMAPCommand("UID SEARCH DELETED", name: "UID SEARCH")) == [uid] {
            try await run(IMAPCommand("EXPUNGE"))
        }
    }

    private func uids(_ command: IMAPCommand) async throws(IMAPError) -> [UInt32] {
        hasNews = false
        var uids: Set<UInt32> = []
        for case .search(let some) in try await run(command).data { uids.formUnion(some) }
        return uids.sorted()
    }

    /// A keyword or a system flag, as RFC 3501 writes them.
    private static func flag(_ text: String) throws(IMAPError) -> String {
        let word = text.hasPrefix("\\") ? text.dropFirst() : text[...]
        let special = Set("(){%*\"\\]".utf8)
        guard !word.isEmpty, word.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !special.contains($0) }) else {
            throw .invalid("not an IMAP flag")
        }
        return text
    }
}
