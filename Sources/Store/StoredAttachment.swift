import Civic
import Postgres

/// A file that came with a message, ready to be kept. Its bytes are kept once, whoever sends them however often.
public struct StoredAttachment: Hashable, Sendable {
    /// Made safe.
    public var name: String
    /// The media type by content.
    public var type: String
    /// SHA-256.
    public var hash: [UInt8]
    public var content: [UInt8]
    /// What others may see: without position, time and device; null if nothing may be shown. Its hash and bytes.
    public var shown: Shown?
    public var isInline: Bool
    /// JSON: what is to be known before it is opened.
    public var facts: String

    public enum Shown: Hashable, Sendable {
        /// The file as it came.
        case itself
        case copy(hash: [UInt8], content: [UInt8])
    }

    public init(
        name: String, type: String, hash: [UInt8], content: [UInt8], shown: Shown?, isInline: Bool, facts: String
    ) {
        self.name = name
        self.type = type
        self.hash = hash
        self.content = content
        self.shown = shown
        self.isInline = isInline
        self.facts = facts
    }

    /// Bytes that are written.
    var weight: Int {
        if case .copy(_, let copy)? = shown { content.count + copy.count } else { content.count }
    }
}

extension StoredAttachment {
    /// Writes the files of one message or event.
    static func insert(
        _ attachments: [StoredAttachment], owner: Identifier, from position: Int = 0, in session: PostgresTransaction
    ) async throws {
        guard !attachments.isEmpty else { return }
        var columns = AttachmentColumns()
        columns.append(attachments, owner: owner.pair, from: position)
        _ = try await session.query(
            """
            with new_blob as (
                insert into blob (hash, size, content)
                select distinct on (hash) hash, octet_length(content), content
                from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as t (owner, hash, content)
                order by hash
                on conflict do nothing
            )
            insert into attachment (owner, position, name, type, size, hash, shown, inline, facts)
            select * from unnest(
                $4::uuid[], $5::int[], $6::text[], $7::text[], $8::bigint[], $9::bytea[], $10::bytea[], $11::boolean[],
                $12::jsonb[])
            """, columns.values)
    }
}

/// The attachments of one batch, column by column.
struct AttachmentColumns {
    typealias UUID = (UInt64, UInt64)
    private var blobOwner: [UUID?] = [], blobHash: [[UInt8]?] = [], blobContent: [[UInt8]?] = []
    private var owner: [UUID?] = [], position: [Int32?] = [], name: [String?] = [], type: [String?] = []
    private var size: [Int64?] = [], hash: [[UInt8]?] = [], shown: [[UInt8]?] = [], inline: [Bool?] = []
    private var facts: [String?] = []

    mutating func append(_ attachments: [StoredAttachment], owner id: UUID, from first: Int = 0) {
        for (index, attachment) in attachments.enumerated() {
            blob(attachment.hash, attachment.content, id)
            switch attachment.shown {
            case nil: shown.append(nil)
            case .itself?: shown.append(attachment.hash)
            case .copy(let hash, let content)?:
                blob(hash, content, id)
                shown.append(hash)
            }
            owner.append(id)
            position.append(Int32(first + index))
            name.append(attachment.name)
            type.append(attachment.type)
            size.append(Int64(attachment.content.count))
            hash.append(attachment.hash)
            inline.append(attachment.isInline)
            facts.append(attachment.facts)
        }
    }

    private mutating func blob(_ hash: [UInt8], _ content: [UInt8], _ id: UUID) {
        blobOwner.append(id)
        blobHash.append(hash)
        blobContent.append(content)
    }

    /// Without attachments there are no blobs.
    var isEmpty: Bool { owner.isEmpty }

    /// In the statement's order, from the blobs on.
    var values: [PostgresValue] {
        [
            .uuidArray(blobOwner), .byteaArray(blobHash), .byteaArray(blobContent),
            .uuidArray(owner), .int4Array(position), .textArray(name), .textArray(type), .int8Array(size),
            .byteaArray(hash), .byteaArray(shown), .boolArray(inline), .jsonbArray(facts),
        ]
    }
}
