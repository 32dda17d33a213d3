import CRE2

/// Many regular expressions. One pass over a text says which may occur in it because their literal parts do; each of
/// these is tried when somebody asks.
///
/// Immutable once made, and shared by all threads: RE2 locks what it builds lazily.
final class ExpressionSet: @unchecked Sendable {
    /// For the states of all expressions together, in bytes; what does not fit is built again, or done without.
    private static let memory: Int64 = 1 << 30

    private let handle: OpaquePointer
    private let finder: LiteralFinder
    private let literalCount: Int
    let count: Int

    /// - Parameter expressions: RE2's syntax; each valid.
    init(_ expressions: [String]) throws(WordSet.Failure) {
        let each = min(Pattern.expressionMemory, max(1 << 18, ExpressionSet.memory / Int64(max(expressions.count, 1))))
        guard let handle = cre2_filter_new(Int32(CRE2_IGNORE_CASE), each) else {
            throw WordSet.Failure(message: "there is no memory")
        }
        do throws(WordSet.Failure) {
            for var expression in expressions {
                let id = expression.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) { cre2_filter_add(handle, $0.baseAddress, $0.count) }
                }
                guard id >= 0 else { throw WordSet.Failure(message: "a regular expression could not be made") }
            }
            guard cre2_filter_compile(handle) == 0 else { throw WordSet.Failure(message: "there is no memory") }
        } catch {
            cre2_filter_delete(handle)
            throw error
        }
        let literals = (0..<cre2_filter_literal_count(handle)).map { number in
            var length = 0
            let bytes = cre2_filter_literal(handle, number, &length)
            return UnsafeRawBufferPointer(start: bytes, count: length).map(\.self)
        }
        do throws(WordSet.Failure) {
            finder = try LiteralFinder(literals)
        } catch {
            cre2_filter_delete(handle)
            throw error
        }
        self.handle = handle
        count = expressions.count
        literalCount = literals.count
    }

    deinit { cre2_filter_delete(handle) }

    /// Calls `possible` with the place (in the array given at the start) of each expression that may occur.
    ///
    /// - Returns: whether that could be found out.
    func search(_ text: UnsafeBufferPointer<UInt8>, possible: (Int) -> Void) -> Bool {
        Marks.with(below: literalCount) { seen in
            finder.search(text, seen: seen)
            return withUnsafeTemporaryAllocation(of: Int32.self, capacity: literalCount + count) { numbers in
                var literals = 0
                seen.forEach { literal in
                    numbers[literals] = Int32(literal)
                    literals += 1
                    return true
                }
                let ids = numbers.baseAddress.map { $0 + literalCount }
                let found = cre2_filter_possible(handle, numbers.baseAddress, literals, ids, count)
                for index in 0..<max(0, min(Int(found), count)) { possible(Int(numbers[literalCount + index])) }
                return found >= 0
            }
        }
    }

    /// Whether one of them occurs; nil if that could not be found out.
    func occurs(_ expression: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool? {
        let answer = text.withMemoryRebound(to: CChar.self) {
            cre2_filter_test(handle, Int32(expression), $0.baseAddress, $0.count)
        }
        return answer < 0 ? nil : answer == 1
    }
}
