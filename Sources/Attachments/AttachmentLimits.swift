import Civic

/// How much a message may bring, and how far its archives are looked into. Each channel may have its own.
public struct AttachmentLimits: Hashable, Sendable {
    /// Files in one message.
    public var count = 10
    /// Bytes of one file. 25 MiB is what most mail servers take, and more than a phone's photo.
    public var bytesEach = 25 << 20
    /// Bytes of all files of a message together.
    public var bytesTogether = 50 << 20
    /// Archives within archives: 1 lists an archive and looks into none of its entries. A compressed stream counts, so
    /// a `.tar.gz` needs 2.
    public var archiveDepth = 4
    /// Entries of an archive and of all archives in it.
    public var archiveEntries = 1000
    /// Bytes that an archive and all archives in it may expand to. Also bounds the memory that looking takes.
    public var expandedBytes = 100 << 20
    /// How long looking into an archive may last; a net below the other limits, which normally end it first.
    public var expansionTime = Duration.seconds(10)

    public init() {}

    /// Which files of a message are kept: in their order, each that still fits; one that is too large does not keep out
    /// the smaller ones after it. Nothing is dropped silently: what is refused is named, with the reason.
    public func admit(_ files: [Attachment]) -> (kept: [Attachment], refused: [RefusedAttachment]) {
        var kept: [Attachment] = []
        var refused: [RefusedAttachment] = []
        var together = 0
        for file in files {
            let bytes = file.content.count
            let reason: RefusedAttachment.Reason? =
                if bytes > bytesEach {
                    .tooLarge(limit: bytesEach)
                } else if kept.count >= count {
                    .tooMany(limit: count)
                } else if bytes > bytesTogether - together {
                    .tooLargeTogether(limit: bytesTogether)
                } else {
                    nil
                }
            if let reason {
                refused.append(RefusedAttachment(name: SafeName.make(file.name), bytes: bytes, reason: reason))
            } else {
                kept.append(file)
                together += bytes
            }
        }
        return (kept, refused)
    }
}

/// A file that a limit kept out, as its sender and the office are told of it.
public struct RefusedAttachment: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// More bytes than one file may have.
        case tooLarge(limit: Int)
        /// The message has this many files already.
        case tooMany(limit: Int)
        /// With those before it, more bytes than a message may bring.
        case tooLargeTogether(limit: Int)
    }

    /// Made safe (see `SafeName`).
    public let name: String
    public let bytes: Int
    public let reason: Reason
}
