import Civic
import Foundation

@testable import Attachments

// What is attached: archives, photos, documents, by their content.
extension FuzzTarget {
    private static let inspector = Result { try AttachmentInspector() }

    /// The first line is the declared type, or a name.
    static let files = [
        FuzzTarget("attachments", "files of every kind: archives, photos with their Exif, documents", length: 16384) {
            bytes in
            let (name, content) = bytes.headed
            var limits = AttachmentLimits()
            limits.archiveEntries = 50
            limits.expandedBytes = 1 << 20
            let inspector = try FuzzTarget.inspector.get()
            let file = inspector.inspect(
                name: name, declaredType: name, content: content, limits: limits, zone: .utc)
            try must(file.bytes == content.count, "a file of another length")
            try must((file.archive?.entries.count ?? 0) <= 50, "more entries than there may be")
            // The types by their content, whatever libmagic makes of the file.
            for type in ["image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/tiff"] {
                guard let copy = Photo(content, type: type, zone: .utc)?.publicCopy else { continue }
                let shown = Photo(copy, type: type, zone: .utc)
                try must(shown?.facts.position == nil, "a public copy that tells where it was made")
                try must(shown?.facts.taken == nil, "a public copy that tells when it was made")
            }
        }
    ]
}
