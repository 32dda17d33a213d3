import Observability
import Testing

@Suite struct LogLevelTests {
    @Test func errorsWeighMost() {
        #expect(LogLevel.allCases.sorted() == [.debug, .info, .notice, .warning, .error])
        #expect(LogLevel(rawValue: "verbose") == nil)
    }
}
