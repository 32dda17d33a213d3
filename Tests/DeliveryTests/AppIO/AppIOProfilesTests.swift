import Civic
import TestSupport
import Testing

@testable import Delivery

@Suite struct AppIOProfilesTests {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let hours = Duration.seconds(6 * 3600)

    private func citizen(_ number: Int) throws -> AppIORecipient {
        let digits = String(number % 1000 + 1000).dropFirst()
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let first = [letters[number / 1000 % 26], letters[number / 26_000 % 26]]
        guard case .applicable(let recipient) = AppIORecipient.of("\(String(first))SMRA68A01H\(digits)Y") else {
            throw Missing()
        }
        return recipient
    }
    private struct Missing: Error {}

    @Test func believedForHoursAndNoLonger() throws {
        var profiles = AppIOProfiles()
        let anna = try citizen(1)
        profiles.learn(.reachable(languages: ["de"]), of: anna, service: "TARI", at: start)
        func find(_ after: Duration, _ service: String = "TARI") -> AppIOProfiles.Profile? {
            profiles.find(anna, service: service, at: start + after, within: hours)
        }
        #expect(find(.zero) == .reachable(languages: ["de"]))
        #expect(find(hours + .seconds(-1)) == .reachable(languages: ["de"]))
        #expect(find(hours) == nil)
        #expect(find(.zero, "Mensa") == nil)
        #expect(find(.seconds(-1)) == nil, "the clock was set back")
        profiles.learn(.unreachable(reason: "no app"), of: anna, service: "TARI", at: start + hours)
        #expect(find(hours) == .unreachable(reason: "no app"))
        profiles.forget(anna, service: "TARI")
        #expect(find(hours) == nil)
    }

    @Test func boundedWhateverComes() throws {
        var profiles = AppIOProfiles(capacity: 100)
        var dice = Dice(3)
        for round in 0..<5000 {
            let person = try citizen(Int.random(in: 0..<400, using: &dice))
            if round % 7 == 0 { profiles.forget(person, service: "s") }
            profiles.learn(.reachable(languages: []), of: person, service: "s", at: start + .seconds(Int64(round)))
            #expect(profiles.count <= 100)
            #expect(profiles.find(person, service: "s", at: start + .seconds(Int64(round)), within: hours) != nil)
        }
        #expect(profiles.count == 100)
    }

    @Test func theOldestGoesFirst() throws {
        var profiles = AppIOProfiles(capacity: 2)
        for number in 1...2 {
            profiles.learn(.reachable(languages: []), of: try citizen(number), service: "s", at: start)
        }
        // Learnt anew, the first is the younger one.
        profiles.learn(.reachable(languages: []), of: try citizen(1), service: "s", at: start)
        profiles.learn(.reachable(languages: []), of: try citizen(3), service: "s", at: start)
        let known = try (1...3).map {
            profiles.find(try citizen($0), service: "s", at: start, within: hours) != nil
        }
        #expect(known == [true, false, true])
    }

    @Test func noFiscalCodeIsKept() throws {
        var profiles = AppIOProfiles()
        profiles.learn(.unreachable(reason: "no app"), of: try citizen(1), service: "s", at: start)
        var dumped = ""
        dump(profiles, to: &dumped)
        #expect(!dumped.contains(try citizen(1).fiscalCode))
    }
}

@Suite struct AppIOServiceGateTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test func oneProbeEachMinuteUntilItWorks() {
        var gate = AppIOServiceGate()
        #expect(gate.admit(at: start) == nil)
        let stops = (gate.stop("the key", at: start), gate.stop("the key", at: start))
        #expect(stops == (true, false), "news once")
        #expect(gate.admit(at: start + .seconds(20)) == .seconds(40))
        #expect(gate.admit(at: start + .seconds(60)) == nil)
        #expect(gate.admit(at: start + .seconds(61)) == .seconds(59))
        let resumptions = (gate.worked(), gate.worked())
        #expect(resumptions == (true, false), "news once")
        #expect(gate.admit(at: start + .seconds(61)) == nil)
    }

    @Test func aClockSetBackDoesNotCloseItForLong() {
        var gate = AppIOServiceGate()
        _ = gate.stop("the key", at: start)
        #expect(gate.admit(at: start + .seconds(-3600)) == nil)
        #expect(gate.admit(at: start + .seconds(-3600)) == .seconds(60))
    }
}

@Suite struct AppIOSpareTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    /// Asks again as it is told, until all are granted; the moments of the calls.
    private func spare(_ count: Int, _ rate: inout AppIORate, from start: Timestamp) -> [Timestamp] {
        var now = start
        var calls: [Timestamp] = []
        while calls.count < count {
            switch rate.takeSpare(at: now) {
            case .granted(let after): calls.append(now + after)
            case .askAgain(let after): now = now + after
            }
        }
        return calls
    }

    @Test func aFifthWhileNobodyElseCalls() {
        var rate = AppIORate(callsPerSecond: 25)
        let calls = spare(6, &rate, from: start)
        #expect(calls.map { $0 - start } == (0..<6).map { .milliseconds(200 * $0) })
    }

    @Test func aTwentiethWhileOthersWaitAndBehindThem() {
        var rate = AppIORate(callsPerSecond: 25, burst: 1)
        for _ in 0..<100 { _ = rate.take(at: start) }
        #expect(rate.takeSpare(at: start) == .granted(after: .seconds(4)))
        #expect(rate.takeSpare(at: start) == .askAgain(after: .milliseconds(800)))
    }

    @Test func notWhileTheAccountPausesOrIsNearlyUsedUp() {
        var rate = AppIORate(callsPerSecond: 25)
        rate.paused(until: start + .seconds(3))
        #expect(rate.takeSpare(at: start) == .askAgain(after: .seconds(3)))
        rate.answered(remaining: 2, at: start + .seconds(4))
        #expect(rate.takeSpare(at: start + .seconds(4)) == .askAgain(after: .seconds(5)))
        rate.answered(remaining: 100, at: start + .seconds(5))
        guard case .granted = rate.takeSpare(at: start + .seconds(5)) else {
            Issue.record("not granted")
            return
        }
    }

    @Test func anotherRateHoldsAtOnce() {
        var rate = AppIORate(callsPerSecond: 25, burst: 1)
        _ = rate.take(at: start)
        rate.adapt(callsPerSecond: 1)
        _ = rate.take(at: start)
        #expect(rate.take(at: start) == .milliseconds(1040))
    }
}
