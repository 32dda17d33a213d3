import Civic
import Testing

@testable import Intake

@Suite("A channel's rate") struct RateLimitTests {
    private let start = Rome.monday

    /// How many pass at one moment.
    private func passing(_ limit: RateLimit, at now: Timestamp) -> Int {
        var count = 0
        while count < 10_000, limit.take(at: now) == nil { count += 1 }
        return count
    }

    @Test("A tenth of a minute's messages at once, then as many as the clock allows", arguments: [60, 600, 6000])
    func burst(_ perMinute: Int) {
        let limit = RateLimit(perMinute: perMinute)
        #expect(passing(limit, at: start) == perMinute / 10)
        #expect(limit.take(at: start) == 1)
        #expect(passing(limit, at: start + .seconds(1)) == perMinute / 60)
        #expect(passing(limit, at: start + .seconds(3)) == perMinute / 30)
        // However long nothing came, no more than the burst.
        #expect(passing(limit, at: start + .seconds(86_400)) == perMinute / 10)
    }

    @Test("The wait that it names is enough, and a second less is not", arguments: [1, 2, 7, 59])
    func wait(_ perMinute: Int) throws {
        let limit = RateLimit(perMinute: perMinute)
        _ = passing(limit, at: start)
        let seconds = try #require(limit.take(at: start))
        #expect(seconds >= 1)
        if seconds > 1 { #expect(limit.take(at: start + .seconds(seconds - 1)) != nil) }
        #expect(limit.take(at: start + .seconds(seconds)) == nil)
    }

    @Test("Over an hour the rate is kept, whenever the messages come")
    func average() {
        let limit = RateLimit(perMinute: 60)
        var passed = 0
        for tenth in 0..<36_000 where limit.take(at: start + .milliseconds(tenth * 100)) == nil { passed += 1 }
        #expect((3600...3606).contains(passed))
    }

    @Test("A clock that goes back gives nothing, and nothing twice when it comes forward again")
    func backwards() {
        let limit = RateLimit(perMinute: 600)
        #expect(passing(limit, at: start) == 60)
        #expect(passing(limit, at: start + .seconds(-3600)) == 0)
        #expect(passing(limit, at: start) == 0)
        #expect(passing(limit, at: start + .seconds(1)) == 10)
    }
}
