import Glibc

/// Why the spool cannot do something now.
public struct SpoolError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// It holds as much as it may.
        case full
        /// Another process has it.
        case taken
        /// The disk, or its file system, said no; the `errno`.
        case disk(Int32)
        /// It was closed.
        case closed
    }
    public let kind: Kind
    /// What, and where; nothing of the citizen's.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// - Parameter number: the `errno` of what just failed.
    static func disk(_ path: String, _ number: Int32 = errno) -> SpoolError {
        SpoolError(.disk(number), "\(path): \(String(cString: strerror(number)))")
    }
}

/// What the spool finds, for the operator.
public enum SpoolEvent: Sendable, Equatable {
    /// The end of a file was never acknowledged, and was cut off: a crash amid writing.
    case torn(file: String, at: Int)
    /// Something in a file is no record. The file will be set aside, whole.
    case damaged(file: String, at: Int, bytes: Int)
    /// A file with damage, or with what could not be taken in, was renamed for a person.
    case setAside(file: String)
    /// A file could not be read, removed or renamed; it is tried again.
    case trouble(reason: String)
}
