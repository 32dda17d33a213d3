import Civic
import Crypto

/// Finds out what a stranger's file is. Pure but for the database of file types, which is loaded once; any thread may
/// call, several at a time.
///
/// Time is linear in the content and what its archives may expand to: a photo of 18 MB takes 24 ms without its hash, a
/// text 3 ms, a bomb of 100 MB half a second. Memory is a few times the content and up to twice
/// `AttachmentLimits.expandedBytes`.
public struct AttachmentInspector: Sendable {
    private let magic: MagicDatabase

    /// - Throws: if the database of file types cannot be loaded.
    public init() throws(AttachmentError) { magic = try MagicDatabase() }

    /// - Parameters:
    ///   - name: as the sender gave it, if at all.
    ///   - declaredType: the media type that the sender declared; decides only between types that the same bytes may have.
    ///   - limits: how far archives are looked into. The content itself is taken whole: see `AttachmentLimits.admit`.
    ///   - zone: where the city is; for cameras whose clock does not tell its offset.
    public func inspect(
        name: String?, declaredType: String, content: [UInt8], limits: AttachmentLimits, zone: Zone
    ) -> InspectedAttachment {
        let archive = ArchiveLister.list(content, limits: limits)
        let given = SafeName.extension(of: name)
        let type = ContentType.refine(
            magic: magic.type(of: content), content: content, archive: archive, declared: declaredType,
            extension: given)
        let photo = Photo(content, type: type, zone: zone)
        let safe = SafeName.make(name, type: type)
        return InspectedAttachment(
            hash: Array(SHA256.hash(data: content)), bytes: content.count, type: type, name: safe,
            isActive: Activity.isActive(
                type: type, content: content, archive: archive, extension: SafeName.extension(of: safe)),
            archive: archive, photo: photo?.facts, publicCopy: photo?.publicCopy)
    }
}
