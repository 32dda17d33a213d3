/// What a server says, as far as it is understood (RFC 3501, 7; RFC 9051, 7).
enum IMAPResponse: Sendable, Equatable {
    /// `+`: the server waits for more of the command.
    case proceed
    /// An untagged OK, NO, BAD, BYE or PREAUTH.
    case status(IMAPStatus)
    /// The end of the command with that tag.
    case completion(tag: String, IMAPStatus)
    case capabilities(Set<String>)
    /// So many messages are in the folder.
    case exists(Int)
    case search([UInt32])
    case list(IMAPListed)
    case fetch(IMAPFetched)
    /// Well formed as far as it was looked at, and of no interest here; its first word.
    case other(String)
}

struct IMAPStatus: Sendable, Equatable {
    enum Condition: String, Sendable { case ok = "OK", no = "NO", bad = "BAD", bye = "BYE", preauth = "PREAUTH" }

    let condition: Condition
    var code: IMAPCode?
}

/// A response code: what stands in square brackets at the start of a status' text.
struct IMAPCode: Sendable, Equatable {
    /// In capitals, such as `UIDVALIDITY`.
    let name: String
    var values: [IMAPValue] = []

    var number: UInt32? { values.first?.number }
    /// The members of its first list, such as those of PERMANENTFLAGS.
    var members: [String] {
        guard case .list(let list) = values.first else { return [] }
        return list.compactMap(\.text)
    }
}

/// One folder in the answer to LIST.
struct IMAPListed: Sendable, Equatable {
    /// In capitals, such as `\NOSELECT`.
    let attributes: Set<String>
    /// What separates levels; nil where there are none.
    let delimiter: String?
    /// Nil for a name that is not modified UTF-7.
    let name: String?
}

/// What a FETCH response says of one message; only what was said.
struct IMAPFetched: Sendable, Equatable {
    /// Its place in the folder, which changes; use `uid`.
    let number: Int
    var uid: UInt32?
    var size: Int?
    var flags: [String]?
    /// Seconds since 1970-01-01T00:00:00Z.
    var internalDate: Int64?
    /// Of `BODY[]`, whole or from its first byte on. NIL becomes `.some(.none)`: the server has no bytes for it.
    var body: [UInt8]??
}

/// Atom, string, list or NIL.
indirect enum IMAPValue: Sendable, Equatable {
    case null
    case atom(String)
    case string([UInt8])
    case list([IMAPValue])

    var number: UInt32? { if case .atom(let text) = self { UInt32(text) } else { nil } }
    var text: String? {
        switch self {
        case .atom(let text): text
        case .string(let bytes): String(validating: bytes, as: UTF8.self)
        case .null, .list: nil
        }
    }
}
