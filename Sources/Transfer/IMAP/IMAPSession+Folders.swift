/// The folder that was selected, as the server described it.
public struct IMAPFolder: Sendable, Equatable {
    public var name: String
    /// UIDs mean the same messages as long as this number stays the same (RFC 3501, 2.3.1.1).
    public var uidValidity: UInt32
    public var messages: Int
    public var isReadOnly: Bool
    /// Flags that can be set for good; `\*` among them allows new keywords.
    public var permanentFlags: [String]

    /// Whether `keyword` can be set and is kept.
    public func keeps(_ keyword: String) -> Bool {
        permanentFlags.contains("\\*") || permanentFlags.contains { $0.lowercased() == keyword.lowercased() }
    }
}

/// Folders are named in plain Unicode with `/` between levels, whatever the server's own delimiter.
extension IMAPSession {
    /// Opens `name` for reading and writing.
    /// - Throws: `.refused` if there is no such folder or it may not be opened.
    public func select(_ name: String) async throws(IMAPError) -> IMAPFolder {
        var command = IMAPCommand("SELECT")
        try command.add(mailbox: try await serverName(name))
        let reply = try await run(command)
        var folder = IMAPFolder(
            name: name, uidValidity: 0, messages: 0, isReadOnly: reply.status.code?.name == "READ-ONLY",
            permanentFlags: [])
        for response in reply.data {
            switch response {
            case .exists(let count): folder.messages = count
            case .status(let status):
                if status.code?.name == "UIDVALIDITY" { folder.uidValidity = status.code?.number ?? 0 }
                if status.code?.name == "PERMANENTFLAGS" { folder.permanentFlags = status.code?.members ?? [] }
            default: break
            }
        }
        guard folder.uidValidity != 0 else { throw .malformed("SELECT: the server names no UIDVALIDITY") }
        return folder
    }

    /// Makes `name` unless it is there, and shows it to those who list subscribed folders.
    public func create(_ name: String) async throws(IMAPError) {
        let serverName = try await serverName(name)
        var command = IMAPCommand("CREATE")
        try command.add(mailbox: serverName)
        do throws(IMAPError) {
            try await run(command)
        } catch {
            guard error.kind == .refused(code: "ALREADYEXISTS") else { throw error }
        }
        command = IMAPCommand("SUBSCRIBE")
        try command.add(mailbox: serverName)
        do throws(IMAPError) {
            try await run(command)
        } catch {
            if error.endsSession { throw error }  // a refused subscription is nobody's trouble
        }
    }

    /// Whether there is a folder of that name that can hold messages.
    public func exists(_ name: String) async throws(IMAPError) -> Bool {
        let serverName = try await serverName(name)
        // `*` and `%` would be wildcards here; such a name is found by trying.
        guard !serverName.contains(where: { "*%".contains($0) }) else { return false }
        var command = IMAPCommand("LIST \"\"", name: "LIST")
        try command.add(mailbox: serverName)
        return try await run(command).data.contains { response in
            guard case .list(let listed) = response else { return false }
            return listed.attributes.isDisjoint(with: ["\\NOSELECT", "\\NONEXISTENT"])
        }
    }

    func serverName(_ name: String) async throws(IMAPError) -> String {
        guard name.contains("/") else { return name }
        if delimiter == nil {
            // An empty name asks for the delimiter alone (RFC 3501, 6.3.8).
            let reply = try await run(IMAPCommand("LIST \"\" \"\"", name: "LIST"))
            delimiter = .some(nil)
            for case .list(let listed) in reply.data { delimiter = .some(listed.delimiter) }
        }
        guard case .some(.some(let separator)) = delimiter else { return name }
        return name.split(separator: "/", omittingEmptySubsequences: false).joined(separator: separator)
    }
}
