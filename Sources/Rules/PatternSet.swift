import CRE2
import Synchronization

/// Many patterns of one kind as one automaton: a single pass over the text says which of them occur.
///
/// Limits: states are built when a text first needs them, at some microseconds each; a text made of nothing but the
/// words of a thousand distance patterns costs 2 µs a byte the first time. Prefixes on both ends of long distances, by
/// the hundred, can cost a hundred times that: each state then stands for thousands of half-seen phrases.
///
/// Immutable once made; RE2 locks its lazily built states itself, so all threads share it.
final class PatternSet: @unchecked Sendable {
    /// What the automaton may use, in bytes. 10,000 words need some 8 MB; distances and wildcards multiply states, and
    /// RE2 then drops what it has built and goes on.
    static let defaultMemory: Int64 = 256 << 20

    struct Failure: Error {
        let message: String
        /// As `SinglePattern.size`.
        var size = 0
    }

    private let handle: OpaquePointer
    let count: Int
    /// Whether the patterns fit into the automaton's memory; else they are tried one by one.
    let isAutomaton: Bool
    /// Texts for which the patterns were tried one by one: the same answer, but its cost grows with the patterns.
    let slowSearches = Atomic<Int>(0)

    /// - Parameter patterns: RE2's syntax; each valid.
    init(_ patterns: [String], kind: Pattern.Kind, memory: Int64 = PatternSet.defaultMemory) throws(Failure) {
        guard let handle = cre2_set_new(kind.flags, memory) else { throw Failure(message: "there is no memory") }
        do {
            isAutomaton = try PatternSet.fill(handle, patterns)
        } catch {
            cre2_set_delete(handle)
            throw error
        }
        self.handle = handle
        count = patterns.count
    }

    /// - Returns: whether the set could be made one automaton.
    private static func fill(_ handle: OpaquePointer, _ patterns: [String]) throws(Failure) -> Bool {
        for pattern in patterns {
            var reason = [CChar](repeating: 0, count: 256)
            var pattern = pattern
            let id = pattern.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) {
                    cre2_set_add(handle, $0.baseAddress, $0.count, &reason, reason.count)
                }
            }
            guard id >= 0 else { throw Failure(message: text(reason)) }
        }
        switch cre2_set_compile(handle) {
        case 0: return true
        case Int32(CRE2_OUT_OF_MEMORY): return false
        case let code: throw Failure(message: "the set of patterns could not be made (RE2 code \(code))")
        }
    }

    deinit { cre2_set_delete(handle) }

    /// Calls `body` with the place (in the array given at the start) of each pattern that occurs.
    ///
    /// - Returns: why the text could not be searched; nil if it was.
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, _ body: (Int) -> Void) -> Failure? {
        let status = withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(count, 1)) { ids in
            let found = text.withMemoryRebound(to: CChar.self) { text in
                let found =
                    isAutomaton
                    ? cre2_set_match(handle, text.baseAddress, text.count, ids.baseAddress, count)
                    : Int32(CRE2_OUT_OF_MEMORY)
                guard found == Int32(CRE2_OUT_OF_MEMORY) else { return found }
                slowSearches.add(1, ordering: .relaxed)
                return cre2_set_match_each(handle, text.baseAddress, text.count, ids.baseAddress, count)
            }
            for index in 0..<max(0, min(Int(found), count)) { body(Int(ids[index])) }
            return found
        }
        return status >= 0 ? nil : Failure(message: "the text could not be searched (RE2 code \(status))")
    }
}

/// One pattern, which can tell where it occurs. Immutable once made; RE2 locks what it builds lazily.
final class SinglePattern: @unchecked Sendable {
    private let handle: OpaquePointer
    /// What compiling it has cost, in instructions of RE2's program: each some 0.5 µs and 16 bytes.
    let size: Int

    init(_ source: String, kind: Pattern.Kind) throws(PatternSet.Failure) {
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
        guard let made else { throw PatternSet.Failure(message: text(reason), size: size) }
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
        case .words: Int32(CRE2_BYTES)
        case .expression: Int32(CRE2_IGNORE_CASE)
        }
    }
}

private func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
