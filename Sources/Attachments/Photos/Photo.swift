import Civic

/// A file of one format, read as far as it goes.
protocol Picture {
    /// Pixels as stored; above 0 or the file is no picture.
    var width: Int { get }
    var height: Int { get }
    /// The TIFF structure with the Exif tags.
    var exif: ArraySlice<UInt8>? { get }
    /// Whether those who show the format turn pictures as Exif says.
    static var heedsExifOrientation: Bool { get }
    /// The picture without anything that it tells about its maker; nil if the format cannot be cleaned or no image data
    /// has begun.
    func publicCopy(orientation: Int) -> [UInt8]?
}

/// A picture read by its format: what it tells, and what of it others may see.
struct Photo {
    /// Pixels of the largest picture that others are shown: more would fill their memory.
    static let mostPixels = 200_000_000

    let facts: PhotoFacts
    /// See `InspectedAttachment.publicCopy`; none of a picture of too many pixels.
    let publicCopy: [UInt8]?

    /// - Parameters:
    ///   - type: by content.
    ///   - zone: where the city is; for cameras whose clock does not tell its offset.
    /// - Returns: nil for what is no picture of a known format, or one whose size cannot be read.
    init?(_ content: [UInt8], type: String, zone: Zone) {
        guard let picture = Photo.picture(content, type: type), picture.width > 0, picture.height > 0
        else { return nil }
        let exif = picture.exif.flatMap(ExifReader.init)
        let orientation = Swift.type(of: picture).heedsExifOrientation ? exif?.orientation ?? 1 : 1
        facts = PhotoFacts(
            width: picture.width, height: picture.height, orientation: orientation, position: exif?.position,
            taken: exif?.taken(in: zone))
        let isSmall = picture.width <= Photo.mostPixels / picture.height
        publicCopy = isSmall ? picture.publicCopy(orientation: orientation) : nil
    }

    private static func picture(_ content: [UInt8], type: String) -> (any Picture)? {
        switch type {
        case "image/jpeg": JPEGPicture(content)
        case "image/png": PNGPicture(content)
        case "image/webp": WebPPicture(content)
        case "image/gif": GIFPicture(content)
        case "image/heic", "image/heif", "image/avif": HEIFPicture(content)
        case "image/tiff": TIFFPicture(content)
        default: nil
        }
    }
}

/// A TIFF file, which is its own Exif. Only read: its tags lie between the strips of the picture.
private struct TIFFPicture: Picture {
    static let heedsExifOrientation = true
    let width: Int
    let height: Int
    let exif: ArraySlice<UInt8>?

    init?(_ bytes: [UInt8]) {
        guard let size = ExifReader(bytes[...])?.size else { return nil }
        (width, height) = size
        exif = bytes[...]
    }

    func publicCopy(orientation: Int) -> [UInt8]? { nil }
}
