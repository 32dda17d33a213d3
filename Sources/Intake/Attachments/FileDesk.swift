import Attachments
import Civic
import Settings
import Store

/// What becomes of the files that come with a message, whatever the channel: bounded, told apart by content, and made
/// ready to be kept once.
public struct FileDesk: Sendable {
    /// The files of one message.
    public struct Taken: Sendable {
        public var kept: [StoredAttachment] = []
        /// As the rules see them: types by content.
        public var seen: [Attachment] = []
        /// Where the first photo that tells it was taken.
        public var position: PhotoPosition?
        /// What was kept out, and why, for people; null if nothing was.
        public var refusal: String?

        public init() {}
    }

    private let inspector: AttachmentInspector
    /// For all archives of a message together.
    private static let patience = Duration.seconds(5)

    /// - Throws: `AttachmentError` if this machine lacks the database of file types.
    public init() throws { inspector = try AttachmentInspector() }

    /// The database takes a while to load, and never changes.
    private static let shared = Result { try FileDesk() }
    public static func standard() throws -> FileDesk { try shared.get() }

    public func take(_ files: [Attachment], bounds: FileBounds, zone: Zone) -> Taken {
        guard !files.isEmpty else { return Taken() }
        var limits = AttachmentLimits()
        limits.count = bounds.count
        limits.bytesEach = bounds.bytesEach
        limits.bytesTogether = bounds.bytesTogether
        limits.expansionTime = FileDesk.patience
        var taken = Taken()
        let (kept, refused) = limits.admit(files)
        taken.refusal = refused.isEmpty ? nil : refused.prefix(10).map(\.words).joined(separator: "; ")
        let start = ContinuousClock.now
        for file in kept {
            let found = inspector.inspect(
                name: file.name.isEmpty ? nil : file.name, declaredType: file.type, content: file.content,
                limits: limits, zone: zone)
            // One budget for all archives of a message: what is left when it is spent counts as too large to look into.
            limits.expandedBytes = max(1 << 10, limits.expandedBytes - (found.archive?.expandedBytes ?? 0))
            limits.expansionTime = max(.milliseconds(1), FileDesk.patience - (ContinuousClock.now - start))
            taken.kept.append(StoredAttachment(found, content: file.content, isInline: file.isInline))
            taken.seen.append(
                Attachment(name: found.name, type: found.type, content: file.content, isInline: file.isInline))
            taken.position = taken.position ?? found.photo?.position
        }
        return taken
    }
}

extension Message {
    /// The same with its files as their content has them, and the place that a photo tells if nobody else does.
    func with(_ files: FileDesk.Taken) -> Message {
        var message = self
        message.attachments = files.seen
        if location?.point == nil, let position = files.position {
            message.location = Location(
                point: position.point, accuracy: position.radius, address: location?.address)
        }
        return message
    }
}

extension StoredAttachment {
    fileprivate init(_ found: InspectedAttachment, content: [UInt8], isInline: Bool) {
        // What can do something is shown to nobody; what cannot be cleaned of a photo's position neither.
        let shown: Shown? =
            if let copy = found.publicCopy {
                copy == content ? .itself : .copy(hash: found.publicCopyHash(copy), content: copy)
            } else if found.isActive || found.photo != nil || found.type.hasPrefix("image/")
                || found.type.hasPrefix("video/")
            {
                nil
            } else {
                .itself
            }
        self.init(
            name: found.name, type: found.type, hash: found.hash, content: content, shown: shown, isInline: isInline,
            facts: found.facts.text)
    }
}

extension InspectedAttachment {
    fileprivate func publicCopyHash(_ copy: [UInt8]) -> [UInt8] { Authentication.digest(bytes: copy) }

    /// For whoever is about to open it. Where a photo was taken is personal: the ticket's place has it.
    fileprivate var facts: JSON {
        var members: [(String, JSON)] = [("active", .bool(isActive))]
        if let archive {
            members.append(
                (
                    "archive",
                    .object([
                        ("entries", .int(Int64(archive.entries.count))),
                        ("expanded", .int(Int64(archive.expandedBytes))), ("encrypted", .bool(archive.isEncrypted)),
                        ("too_large", .bool(archive.isTooLarge)), ("too_deep", .bool(archive.isTooDeep)),
                        ("damaged", .bool(archive.isDamaged)), ("active", .bool(archive.hasActive)),
                    ])
                ))
        }
        if let photo {
            members.append(
                (
                    "photo",
                    .object([
                        ("width", .int(Int64(photo.width))), ("height", .int(Int64(photo.height))),
                        ("orientation", .int(Int64(photo.orientation))), ("located", .bool(photo.position != nil)),
                        ("taken_at", .moment(photo.taken?.moment)),
                    ])
                ))
        }
        return .object(members)
    }
}

extension RefusedAttachment {
    fileprivate var words: String {
        let why =
            switch reason {
            case .tooLarge(let limit): "larger than \(limit) bytes"
            case .tooMany(let limit): "more than \(limit) files"
            case .tooLargeTogether(let limit): "more than \(limit) bytes together"
            }
        return "\(name) was left out: \(why)"
    }
}
