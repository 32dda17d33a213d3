/// An Exif that tells the orientation and nothing else.
enum OrientationExif {
    /// A TIFF structure of one directory with one field.
    static func tiff(_ orientation: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append("MM\0*")
        bytes.appendBig32(8)
        bytes.appendBig16(1)
        bytes.appendBig16(0x0112)  // Orientation
        bytes.appendBig16(3)  // SHORT
        bytes.appendBig32(1)
        bytes.appendBig16(orientation)
        bytes.appendBig16(0)
        bytes.appendBig32(0)  // no further directory
        return bytes
    }
}
