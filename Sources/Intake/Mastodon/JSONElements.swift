/// The elements of a JSON array, each as it stands: one that cannot be read must not cost the others.
enum JSONElements {
    /// - Returns: nil if `bytes` are no array from its first bracket to its last. What is within is not checked.
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>]? {
        var elements: [ArraySlice<UInt8>] = []
        var depth = 0
        var isInString = false
        var isEscaped = false
        var start: Int?
        for (at, byte) in bytes.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard depth > 0 || byte == UInt8(ascii: "[") && start == nil && elements.isEmpty else { return nil }
                if depth == 1, start == nil { start = at }
                if depth == 0 { start = nil }
                depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                depth -= 1
                guard depth >= 0 else { return nil }
                if depth == 0 {
                    if let start { elements.append(bytes[start..<at]) }
                    return bytes[(at + 1)...].allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } ? elements : nil
                }
            case UInt8(ascii: ",") where depth == 1:
                guard let first = start else { return nil }
                elements.append(bytes[first..<at])
                start = nil
            default:
                guard depth > 0 else { return nil }
                if depth == 1, start == nil { start = at }
                isInString = byte == UInt8(ascii: "\"")
            }
        }
        return nil
    }
}
