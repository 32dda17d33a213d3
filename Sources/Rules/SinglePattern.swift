import CRE2

/// One pattern, which can tell where it occurs. Immutable once made; RE2 locks what it builds lazily.
final class SinglePattern: @unchecked Sendable {
    private let handle: OpaquePointer
    /// What compiling it has cost, in instructions of RE2's program: each some 0.5 µs and 16 bytes.
    let size: Int

    init(_ source: String, kind: Pattern.Kind) throws(WordSet.Failure) {
        var reason = [CChar](repeating: 0, count: 256)
        var source = source
        var size = 0
        let made = source.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) {
                cre2_pattern_new(
                    $0.baseAddress, $0.count, kind.flags, Pattern.expressionMemory, &size, &reason,
                    reason.count)
            }
        }
        guard let made else { throw WordSet.Failure(message: text(reason), size: size) }
        handle = made
        self.size = size
    }

    deinit { cre2_pattern_delete(handle) }

    /// The bytes of the first occurrence that starts at or after `from`.
    func first(in text: UnsafeBufferPointer<UInt8>, from: Int) -> Range<Int>? {
        var start = 0
        var end = 0
        let found = text.withMemoryRebound(to: CChar.self) {
            cre2_pattern_find(handle, $0.baseAddress, $0.count, from, &start, &end)
        }
        return found == 1 ? start..<end : nil
    }
}

extension Pattern.Kind {
    fileprivate var flags: Int32 {
        switch self {
        // Words are compared byte by byte: `[^ ]` is then one range, and the automaton is smaller.
        case .words, .stems: Int32(CRE2_BYTES)
        case .expression: Int32(CRE2_IGNORE_CASE)
        }
    }
}

private func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
