import Glibc

extension ArraySlice<UInt8> {
    /// Found by memchr: mails have millions of lines.
    var firstLineFeed: Int? {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, let found = memchr(base, 0x0A, buffer.count) else { return nil }
            return startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(base))
        }
    }

    /// The first line feed with this behind it: memchr, then a look, line after line.
    func firstLine(startingWith text: StaticString) -> Int? {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            let length = text.utf8CodeUnitCount
            var at = 0
            while at + length < buffer.count, let found = memchr(base + at, 0x0A, buffer.count - at) {
                let newline = UnsafeRawPointer(found) - UnsafeRawPointer(base)
                at = newline + 1
                if at + length <= buffer.count, memcmp(base + at, text.utf8Start, length) == 0 {
                    return startIndex + newline
                }
            }
            return nil
        }
    }

    var trimmingTrailingBlanks: ArraySlice<UInt8> {
        var end = endIndex
        while end > startIndex, self[end - 1].isBlank || self[end - 1] == 0x0D { end -= 1 }
        return self[startIndex..<end]
    }
}

extension [UInt8] {
    var trimmingTrailingBlanks: ArraySlice<UInt8> { self[...].trimmingTrailingBlanks }
}

extension Sequence<UInt8> {
    /// With a zero behind it, and none within.
    var cString: [CChar] {
        var result: [CChar] = []
        result.reserveCapacity(underestimatedCount + 1)
        for byte in self where byte != 0 { result.append(CChar(bitPattern: byte)) }
        result.append(0)
        return result
    }
}
