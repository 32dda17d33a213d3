import Civic
import Synchronization
import Testing

@testable import Observability

@Suite struct LineQuotaTests {
    private func at(_ milliseconds: Int64) -> Timestamp {
        Timestamp(microseconds: 1_795_253_400_000_000 + milliseconds * 1000)
    }

    @Test func showsTheFirstOfEverySecondAndCountsTheRest() {
        var quota = LineQuota(perSecond: 3)
        #expect((0..<7).map { quota.take(at: at($0)) } == [true, true, true, false, false, false, false])
        #expect(quota.settle(at: at(999)) == nil)
        #expect(quota.settle(at: at(1000)) == 4)
        #expect(quota.settle(at: at(1000)) == nil)
        #expect((1000..<1004).map { quota.take(at: at($0)) } == [true, true, true, false])
        #expect(quota.settle(at: at(9000)) == 1)
    }

    @Test func aFloodOfRefusalsIsCountedAndNotShown() {
        let sink = MemorySink()
        let clock = Clock(at(0))
        let observe = Observer(level: .info, sink: sink, now: { clock.time.withLock { $0 } })
        for _ in 0..<20_000 { observe(.messageRefused(channel: "portale", status: 401, reason: "no token")) }
        #expect(sink.records.count == 10)
        clock.time.withLock { $0 = at(1500) }
        observe(.databaseAnswers(true))
        #expect(sink.records.last?.name == "refusals_not_shown")
        #expect(sink.records.count == 11)
        #expect(sink.records[10].sentence == "19990 more requests were refused")
        #expect(observe.metrics.render().contains(#"pasquino_refused_total{channel="portale",status="401"} 20000"#))
    }

    @Test func otherLinesAreNeverLeftOut() {
        let sink = MemorySink()
        let observe = Observer(level: .info, sink: sink, now: { [now = at(0)] in now })
        for _ in 0..<50 { observe(.destinationResumed(destination: "smtp")) }
        #expect(sink.records.count == 50)
    }
}

private final class Clock: Sendable {
    let time: Mutex<Timestamp>
    init(_ time: Timestamp) { self.time = Mutex(time) }
}
