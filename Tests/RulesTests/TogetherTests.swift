import Testing

@testable import Rules

@Suite("Two things at a time") struct TogetherTests {
    @Test("Both are done, each once, also within one another and many at a time")
    func nested() async {
        @Sendable func sum(_ range: Range<Int>) -> Int {
            guard range.count > 3 else { return range.reduce(0, +) }
            let middle = range.count / 2
            let (one, two) = together({ sum(range.prefix(middle)) }, { sum(range.dropFirst(middle)) })
            return one + two
        }
        await withTaskGroup(of: Int.self) { tasks in
            for size in 0..<20 { tasks.addTask { sum(0..<size * 50) } }
            for await result in tasks { #expect((0..<20).contains { result == (0..<$0 * 50).reduce(0, +) }) }
        }
    }
}
