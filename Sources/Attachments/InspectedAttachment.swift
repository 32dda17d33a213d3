import Civic

/// What a stranger's file is, by its bytes. Nothing here is the sender's word but what `name` keeps of it.
public struct InspectedAttachment: Hashable, Sendable {
    /// SHA-256 of the content: the same bytes are stored once.
    public var hash: [UInt8]
    /// Of the content, as it came.
    public var bytes: Int
    /// The media type by content, in lower case and without parameters; `application/octet-stream` if nothing is known.
    public var type: String
    /// Safe to store, to put in a header and to open elsewhere; its extension agrees with `type`.
    public var name: String
    /// Opening it may run something: a program, a script, a document with macros, HTML, SVG. Never shown inline, always
    /// handed out as a download.
    public var isActive: Bool
    /// Null for what is no archive. Office documents are archives too, and so may be the tail of any other file.
    public var archive: ArchiveContents?
    /// Null for what is no picture.
    public var photo: PhotoFacts?
    /// The bytes that others than the sender and the office may see: the picture without what it tells about its maker.
    /// Null means "not to be shown publicly": only JPEG, PNG, WebP and GIF can be cleaned.
    public var publicCopy: [UInt8]?
}

/// What is in an archive, without anything of it having been written anywhere.
public struct ArchiveContents: Hashable, Sendable {
    /// One entry of an archive, or of an archive in it.
    public struct Entry: Hashable, Sendable {
        /// Path in its archive, made safe to show: no control characters, at most 200 bytes. For people; not for opening.
        public var path: String
        /// 1 for the archive itself, 2 for an archive in it.
        public var depth: Int
        /// What it expanded to, as counted; of a folder or of what could not be read, 0.
        public var bytes: Int
        /// Cannot be read without a password.
        public var isEncrypted: Bool
        /// By its name or its first bytes something that runs (see `InspectedAttachment.isActive`).
        public var isActive: Bool
        /// Recognised as an archive by its content.
        public var isArchive: Bool
    }

    /// Depth first, at most `AttachmentLimits.archiveEntries`.
    public var entries: [Entry] = []
    /// Of all entries together.
    public var expandedBytes = 0
    /// Any entry, or the list of entries itself, is encrypted.
    public var isEncrypted = false
    /// A limit ended the listing: too many entries, too many bytes or too long. There may be more than is listed.
    public var isTooLarge = false
    /// An archive in it lies deeper than the limit and was not looked into.
    public var isTooDeep = false
    /// The bytes ended or were wrong before the end. What was read until then is listed.
    public var isDamaged = false

    public var hasActive: Bool { entries.contains(where: \.isActive) }
    public init() {}
}

/// What a picture tells about itself.
public struct PhotoFacts: Hashable, Sendable {
    /// Pixels as stored, before `orientation` is applied.
    public var width: Int
    public var height: Int
    /// As Exif 2.32 §4.6.5 numbers them: 1 is upright, 6 and 8 lie on a side.
    public var orientation: Int
    /// Null if there is none or it is nonsense.
    public var position: PhotoPosition?
    /// Null if there is none or it is nonsense.
    public var taken: PhotoTime?
}

/// Where the camera was: a point and how far from it the truth may be.
public struct PhotoPosition: Hashable, Sendable {
    public var point: GeoPoint
    /// Metres. The point is likely, not sure, to be within.
    public var radius: Double
}

/// When the picture was taken.
public struct PhotoTime: Hashable, Sendable {
    public enum Source: Hashable, Sendable {
        /// The camera's clock with its offset from UTC.
        case offset
        /// The satellites' clock.
        case satellite
        /// The camera's clock, read as local time in the city's zone.
        case assumedZone
    }

    public var moment: Timestamp
    public var source: Source
}
