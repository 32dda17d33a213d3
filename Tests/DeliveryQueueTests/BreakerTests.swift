import Civic
import TestSupport
import Testing

@testable import Delivery

@Suite("circuit breaker")
struct BreakerTests {
    private let start = World.start
    private let failure = Breaker.Finding.fails(reason: "refused", after: nil)

    /// A breaker on which findings come one after the other, each at its second.
    private struct Bench {
        var breaker = Breaker()
        var random = Dice(7)
        var changes: [Breaker.Change] = []
        mutating func found(_ finding: Breaker.Finding, isProbe: Bool = false, at second: Int64 = 0) {
            changes.append(
                breaker.found(finding, isProbe: isProbe, at: World.start + .seconds(second), random: &random))
        }
        /// Looks at the clock, begins and ends the attempt that finds out.
        mutating func probe(_ finding: Breaker.Finding) -> Duration? {
            guard let hold = breaker.hold(at: World.start) else { return nil }
            _ = breaker.look(at: hold.until)
            guard breaker.allows, breaker.begin(), !breaker.allows else { return nil }
            changes.append(breaker.found(finding, isProbe: true, at: hold.until, random: &random))
            return breaker.hold(at: hold.until).map { $0.until - hold.until }
        }
    }

    @Test("five failures of the other side in a row open it, twenty that may be the recipients' do, too")
    func opens() {
        for (finding, count) in [(failure, 5), (.failed(reason: "450"), 20)] {
            var bench = Bench()
            for _ in 1..<count { bench.found(finding) }
            #expect(bench.breaker.allows)
            bench.found(finding)
            #expect(!bench.breaker.allows)
            let hold = bench.breaker.hold(at: start)
            #expect(hold.map { (.seconds(3.75)...(.seconds(6.25))).contains($0.until - start) } == true)
            #expect(bench.changes.dropLast().allSatisfy { $0 == .none })
            guard case .held = bench.changes.last else {
                Issue.record("nobody was told")
                return
            }
        }
    }

    @Test("an answer of any kind begins the count anew, and ends the trouble")
    func works() {
        var bench = Bench()
        for _ in 0..<3 {
            for _ in 0..<4 { bench.found(failure) }
            #expect(bench.breaker.trouble == "refused")
            bench.found(.works)
            #expect(bench.breaker.trouble == nil)
        }
        #expect(bench.breaker.state == .closed(failures: 0))
    }

    @Test("a single attempt finds out after a pause that doubles up to five minutes; then everything goes again")
    func probes() throws {
        var bench = Bench()
        for _ in 0..<5 { bench.found(failure) }
        var pauses: [Double] = []
        for _ in 0..<9 {
            let pause = bench.probe(failure)
            pauses.append(try #require(pause) / .seconds(1))
        }
        for (pause, expected) in zip(pauses, [10, 20, 40, 80, 160, 300, 300, 300, 300] as [Double]) {
            #expect((expected * 0.75...expected * 1.25).contains(pause))
        }
        #expect(Set(pauses).count == pauses.count, "without chance what failed together returns together")
        // Told once, not each time.
        #expect(bench.changes.filter { if case .held = $0 { true } else { false } }.count == 1)
        let held = bench.probe(.works)
        #expect(held == nil)
        #expect(bench.changes.last == .recovered)
        #expect(bench.breaker.state == .closed(failures: 0))
    }

    @Test("what was under way before it opened neither closes it nor makes it wait longer")
    func late() {
        var bench = Bench()
        for _ in 0..<5 { bench.found(failure) }
        let opened = bench.breaker.state
        bench.found(failure, at: 1)
        bench.found(.works, at: 1)
        #expect(bench.breaker.state == opened)
    }

    @Test("one that was not made after all lets another find out")
    func withdrawn() throws {
        var bench = Bench()
        for _ in 0..<5 { bench.found(failure) }
        let until = try #require(bench.breaker.hold(at: start)).until
        _ = bench.breaker.look(at: until)
        let isProbe = bench.breaker.begin()
        #expect(isProbe)
        #expect(!bench.breaker.allows)
        bench.breaker.withdraw()
        #expect(bench.breaker.allows)
    }

    @Test("a pause that the other side asked for is kept, an hour at most, and does not forget the failures")
    func asked() {
        var bench = Bench()
        bench.found(.fails(reason: "429", after: .seconds(30)))
        #expect(bench.breaker.hold(at: start)?.until == start + .seconds(30))
        bench.found(.fails(reason: "429", after: .seconds(90)), at: 1)
        #expect(bench.breaker.hold(at: start)?.until == start + .seconds(91))
        let isOver = bench.breaker.look(at: start + .seconds(91))
        #expect(isOver && bench.breaker.allows)
        bench.found(.fails(reason: "429", after: .seconds(86_400)), at: 91)
        #expect(bench.breaker.hold(at: start)?.until == start + .seconds(91 + 3600))
        for second in [10_000, 20_000, 30_000] as [Int64] {
            _ = bench.breaker.look(at: start + .seconds(second))
            bench.found(.fails(reason: "429", after: .seconds(1)), at: second)
        }
        guard case .open = bench.breaker.state else {
            Issue.record("it asks for ever: \(bench.breaker.state)")
            return
        }
    }

    @Test("where our side is wrong it rests a minute, and a new configuration ends that")
    func stopped() {
        var bench = Bench()
        bench.found(.stopped(reason: "535"))
        #expect(bench.breaker.hold(at: start)?.until == start + .seconds(60))
        bench.found(.stopped(reason: "535"), at: 1)
        #expect(bench.changes == [.held(.seconds(60), reason: "535"), .none])
        bench.breaker.forgive()
        #expect(bench.breaker == Breaker())
        for _ in 0..<5 { bench.found(failure) }
        bench.breaker.forgive()
        #expect(bench.breaker != Breaker(), "a new configuration does not mend another's server")
    }
}

@Suite("pace")
struct PaceTests {
    private let start = World.start

    @Test("halved once for all that was under way, then one more each round, up to the carrier's limit")
    func window() {
        var pace = Pace(limit: 16)
        #expect(pace.concurrency == 16)
        for _ in 0..<5 { pace.overloaded(begunAt: start, at: start + .seconds(1)) }
        #expect(pace.concurrency == 8)
        for _ in 0..<9 { pace.delivered(at: start + .seconds(2)) }
        #expect(pace.concurrency == 9)
        pace.overloaded(begunAt: start + .seconds(3), at: start + .seconds(4))
        #expect(pace.concurrency == 4)
        for _ in 0..<1000 { pace.delivered(at: start + .seconds(5)) }
        #expect(pace.concurrency == 16)
        for second in 10..<40 {
            pace.overloaded(begunAt: start + .seconds(second), at: start + .seconds(second) + .milliseconds(1))
        }
        #expect(pace.concurrency == 1)
    }

    @Test("after an outage it begins with one, doubles to half of the limit, and goes on slowly")
    func restart() {
        var pace = Pace(limit: 16)
        pace.restart()
        #expect(pace.concurrency == 1)
        for _ in 0..<7 { pace.delivered(at: start) }
        #expect(pace.concurrency == 8)
        for _ in 0..<8 { pace.delivered(at: start) }
        #expect((8...9).contains(pace.concurrency))
    }

    /// As many attempts as it lets go from second to second, each delivered at once.
    private func sent(_ pace: inout Pace, from: Int64, seconds: Int64, wish: Int = 1000) -> [Int] {
        (from..<from + seconds).map { second in
            var count = 0
            for step in 0..<wish {
                let now = start + .seconds(second) + .microseconds(Int64(step) * 1_000_000 / Int64(wish))
                guard pace.place(at: now) == nil else { continue }
                pace.begin(at: now)
                pace.delivered(at: now)
                count += 1
            }
            return count
        }
    }

    @Test(
        "the rate is not limited until the other side complains, then half of it was, then grows until it is forgotten")
    func rate() throws {
        var pace = Pace(limit: 8)
        #expect(sent(&pace, from: 0, seconds: 10, wish: 100).allSatisfy { $0 == 100 })
        #expect(pace.rate == nil)
        pace.overloaded(begunAt: start + .seconds(9), at: start + .seconds(10))
        let rate = try #require(pace.rate)
        #expect((45...55).contains(rate))
        let after = sent(&pace, from: 10, seconds: 10)
        #expect((45...70).contains(after[0]))
        #expect(zip(after, after.dropFirst()).allSatisfy { $0 <= $1 + 1 }, "it only grows")
        pace.overloaded(begunAt: start + .seconds(20), at: start + .seconds(20) + .milliseconds(1))
        #expect(try #require(pace.rate) < rate * 1.2)
        _ = sent(&pace, from: 21, seconds: 200)
        #expect(pace.rate == nil)
    }

    @Test("a complaint after a few attempts tells nothing of a rate")
    func few() {
        var pace = Pace(limit: 8)
        for _ in 0..<3 { pace.begin(at: start) }
        pace.overloaded(begunAt: start, at: start + .seconds(1))
        #expect(pace.rate == nil)
        #expect(pace.concurrency == 4)
    }
}

@Suite("alarms of lines")
struct LineAlarmTests {
    private let start = World.start

    private func report(_ line: String, _ gate: LineReport.Gate = .open, due: Int64? = nil) -> LineReport {
        LineReport(
            line: line, destination: line, gate: gate, reason: gate == .open ? nil : "535", held: 1, concurrency: 1,
            due: due.map { start + .seconds(-$0) })
    }

    @Test("told once when what is due is late, in memory or in the table, and once when it is over")
    func late() {
        var alarms = LineAlarms()
        func look(_ reports: [LineReport], _ waiting: [String: Timestamp] = [:]) -> [[String]] {
            let (raised, over) = alarms.look(reports, waiting: waiting, patience: .seconds(900), at: start)
            return [raised.map(\.line), over.map(\.line)]
        }
        #expect(look([report("email", due: 900), report("sms")]) == [[], []])
        #expect(look([report("email", due: 901), report("sms")]) == [["email"], []])
        #expect(look([report("email", due: 950), report("sms")]) == [[], []])
        #expect(alarms.current.map(\.line) == ["email"])
        let old = start + .seconds(-1000)
        #expect(
            look([report("email")], ["webhook:ama": old, "sms": start + .seconds(5)]) == [["webhook:ama"], ["email"]])
        #expect(look([report("email")]) == [[], ["webhook:ama"]])
        #expect(alarms.current.isEmpty)
    }

    @Test("a line that is stopped is one at once, and the attempt that finds out does not end it")
    func stopped() throws {
        var alarms = LineAlarms()
        func look(_ gate: LineReport.Gate) -> [Int] {
            let (raised, over) = alarms.look(
                [report("email", gate, due: 60)], waiting: [:], patience: .seconds(900), at: start)
            return [raised.count, over.count]
        }
        #expect(look(.probing) == [0, 0])
        #expect(look(.stopped) == [1, 0])
        let alarm = try #require(alarms.current.first)
        #expect(alarm.kind == .stopped)
        #expect(alarm.sentence(at: start) == "nothing goes to email until somebody acts, the oldest for 1 min: 535")
        #expect(look(.probing) == [0, 0])
        #expect(look(.stopped) == [0, 0])
        #expect(look(.open) == [0, 1])
    }
}
