/// Size and Exif of a HEIC, HEIF or AVIF file (ISO/IEC 23008-12 on the boxes of 14496-12). Only read: the files cannot be
/// cleaned without moving what other boxes point to.
struct HEIFPicture: Picture {
    /// HEIF turns pictures by a property of its own.
    static let heedsExifOrientation = false

    private struct Box {
        let type: String
        let body: ArraySlice<UInt8>
    }

    /// Files have some dozens; a phone's picture in tiles has some hundred items.
    private static let mostBoxes = 4096

    private(set) var width = 0
    private(set) var height = 0
    private(set) var exif: ArraySlice<UInt8>?

    /// Nil if there is no box of metadata with a picture's size.
    init?(_ bytes: [UInt8]) {
        guard bytes[...].has("ftyp", at: 4),
            let meta = HEIFPicture.boxes(bytes[...]).first(where: { $0.type == "meta" })
        else { return nil }
        let boxes = HEIFPicture.boxes(meta.body.dropFirst(4))
        func child(_ type: String, of boxes: [Box]) -> ArraySlice<UInt8>? { boxes.first { $0.type == type }?.body }
        guard let properties = child("iprp", of: boxes).flatMap({ child("ipco", of: HEIFPicture.boxes($0)) })
        else { return nil }
        // The tiles and previews are smaller than the picture.
        for box in HEIFPicture.boxes(properties) where box.type == "ispe" {
            guard let right = box.body.big32(4), let bottom = box.body.big32(8), right < 1 << 30, bottom < 1 << 30,
                right * bottom > width * height
            else { continue }
            (width, height) = (right, bottom)
        }
        guard width > 0 else { return nil }
        if let items = child("iinf", of: boxes), let item = HEIFPicture.exifItem(items),
            let places = child("iloc", of: boxes), let place = HEIFPicture.place(of: item, in: places),
            let data = bytes[...].part(place.offset, place.count), let skip = data.big32(0)
        {
            exif = data.dropFirst(4).dropFirst(skip)
        }
    }

    func publicCopy(orientation: Int) -> [UInt8]? { nil }

    private static func boxes(_ bytes: ArraySlice<UInt8>) -> [Box] {
        var boxes: [Box] = []
        var rest = bytes
        while boxes.count < mostBoxes, var size = rest.big32(0), let name = rest.part(4, 4) {
            var header = 8
            if size == 1 {
                guard let large = rest.number(8, bytes: 8, bigEndian: true) else { break }
                (size, header) = (large, 16)
            } else if size == 0 {
                size = rest.count
            }
            guard size >= header else { break }
            boxes.append(Box(type: String(decoding: name, as: UTF8.self), body: rest.prefix(size).dropFirst(header)))
            rest = rest.dropFirst(size)
        }
        return boxes
    }

    /// The number of the item of type `Exif` (14496-12 §8.11.6; versions 2 and 3 have types).
    private static func exifItem(_ items: ArraySlice<UInt8>) -> Int? {
        let header = items.first == 0 ? 6 : 8
        for box in boxes(items.dropFirst(header)) where box.type == "infe" {
            switch box.body.first {
            case 2 where box.body.has("Exif", at: 8): return box.body.big16(4)
            case 3 where box.body.has("Exif", at: 10): return box.body.big32(4)
            default: continue
            }
        }
        return nil
    }

    /// Where the one extent of an item lies in the file (14496-12 §8.11.3).
    private static func place(of wanted: Int, in bytes: ArraySlice<UInt8>) -> (offset: Int, count: Int)? {
        guard let version = bytes.first, version <= 2, let sizes = bytes.big16(4) else { return nil }
        let (offsetSize, lengthSize, baseSize) = (sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15)
        let indexSize = version == 0 ? 0 : sizes & 15
        let wide = version == 2 ? 4 : 2
        guard [offsetSize, lengthSize, baseSize, indexSize].allSatisfy({ [0, 4, 8].contains($0) }) else { return nil }
        var at = 6
        func next(_ size: Int) -> Int? {
            defer { at += size }
            return bytes.number(at, bytes: size, bigEndian: true)
        }
        guard let count = next(wide) else { return nil }
        for _ in 0..<min(count, mostBoxes) {
            guard let item = next(wide) else { return nil }
            let method = version == 0 ? 0 : next(2).map { $0 & 15 }
            guard let method, next(2) != nil, let base = next(baseSize), let extents = next(2) else { return nil }
            guard item == wanted else {
                at += extents * (indexSize + offsetSize + lengthSize)
                continue
            }
            guard method == 0, extents == 1, next(indexSize) != nil, let offset = next(offsetSize),
                let length = next(lengthSize), !base.addingReportingOverflow(offset).overflow
            else { return nil }
            return (base + offset, length)
        }
        return nil
    }
}
