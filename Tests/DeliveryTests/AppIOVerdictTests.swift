import Civic
import TestSupport
import Testing

@testable import Delivery

@Suite struct AppIOVerdictTests {
    private let now = Timestamp(seconds: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT

    private func answer(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> AppIOAnswer {
        AppIOAnswer(status: status, header: { headers[$0.lowercased()] }, body: Array(body.utf8))
    }

    private func profile(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> ProfileVerdict {
        ProfileVerdict(answer(status, body, headers), now: now)
    }

    private func message(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> MessageVerdict {
        MessageVerdict(answer(status, body, headers), now: now)
    }

    private static let gateway404 = #"{"statusCode":404,"message":"Resource not found"}"#

    @Test func profiles() {
        #expect(
            profile(200, #"{"sender_allowed":true,"preferred_languages":["it_IT","en_GB","tlh-KX","??"]}"#)
                == .send(languages: ["it", "en"]))
        #expect(profile(200, #"{"sender_allowed":true}"#) == .send(languages: []))
        #expect(
            profile(200, #"{"sender_allowed":false}"#)
                == .notReachable(reason: "the citizen does not accept messages of this service"))
        #expect(profile(404) == .notReachable(reason: "the citizen is not on App IO"))
        #expect(
            profile(404, #"{"status":404,"title":"Profile not found"}"#)
                == .notReachable(reason: "the citizen is not on App IO"))
        #expect(profile(404, Self.gateway404) == .stopped(reason: "App IO answered 404: Resource not found"))
        #expect(
            profile(401, #"{"statusCode":401,"message":"Access denied"}"#)
                == .keyRefused(reason: "App IO answered 401: Access denied"))
        #expect(profile(403) == .stopped(reason: "App IO answered 403"))
        #expect(profile(400) == .givenUp(reason: "App IO answered 400"))
        #expect(profile(302) == .stopped(reason: "App IO answered 302"))
    }

    @Test(arguments: ["", "null", "[]", "{}", #"{"sender_allowed":"yes"}"#, "\u{FF}", "{\"sender_allowed\":true"])
    func aProfileThatCannotBeReadIsAskedForAgain(body: String) {
        #expect(
            profile(200, body) == .tryAgain(reason: "App IO's profile cannot be read", after: nil, pauseAccount: false))
    }

    @Test func messages() {
        #expect(message(201, #"{"id":"01HXABCDEF"}"#) == .accepted(id: "01HXABCDEF"))
        #expect(message(201, "") == .accepted(id: nil))
        #expect(message(201, #"{"id":"../x"}"#) == .accepted(id: nil))
        #expect(message(201, #"{"id":7}"#) == .accepted(id: nil))
        #expect(message(404) == .notReachable(reason: "App IO answered 404"))
        #expect(message(404, Self.gateway404) == .stopped(reason: "App IO answered 404: Resource not found"))
        #expect(message(401) == .keyRefused(reason: "App IO answered 401"))
        #expect(message(504) == .uncertain(reason: "App IO answered 504"))
    }

    @Test(
        "What App IO refuses for good",
        arguments: ["Invalid message structure", "Bad parameters", "Error while sending payment metadata"])
    func permanent(title: String) {
        let body = #"{"title":"\#(title)","status":400,"detail":"RSSMRA68A01H501Y is wrong"}"#
        #expect(message(400, body) == .givenUp(reason: "App IO answered 400: \(title): […] is wrong"))
    }

    @Test(
        "What an operator must repair; the citizen is not unreachable",
        arguments: [
            "Production call forbidden", "Recipient forbidden", "User has no valid scopes", "You are not allowed here",
            "Invalid client certificate", "You do not have enough permissions to send a payment message with payee",
        ])
    func configuration(title: String) {
        let body = #"{"title":"\#(title)","status":403}"#
        #expect(message(403, body) == .stopped(reason: "App IO answered 403: \(title)"))
        #expect(profile(403, body) == .stopped(reason: "App IO answered 403: \(title)"))
    }

    @Test(
        "The account's pause",
        arguments: [
            (["x-rate-limit-retry-after": "3"], 3), (["retry-after": "4"], 4),
            (["x-rate-limit-retry-after": "3", "retry-after": "9"], 9),
            (["x-rate-limit-retry-after": "9", "retry-after": "3"], 9),
            (["retry-after": "Sun, 06 Nov 1994 08:50:37 GMT"], 60),
            (["retry-after": "Sunday, 06-Nov-94 08:50:37 GMT"], 60), (["retry-after": "Sun Nov  6 08:50:37 1994"], 60),
            (["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"], 0),
            (["x-rate-limit-retry-after": "999999999999999"], 3600),
            (["x-rate-limit-retry-after": "99999999999999999999999"], 3600), (["retry-after": "-5"], nil),
            (["retry-after": "soon"], nil), (["retry-after": "Sun, 31 Feb 1994 08:49:37 GMT"], nil), ([:], nil),
        ] as [([String: String], Int?)])
    func pauses(headers: [String: String], seconds: Int?) {
        let expected = seconds.map { Duration.seconds($0) }
        let reason = "App IO answered 429"
        #expect(message(429, "", headers) == .tryAgain(reason: reason, after: expected, pauseAccount: true))
        #expect(profile(429, "", headers) == .tryAgain(reason: reason, after: expected, pauseAccount: true))
    }

    @Test(arguments: [500, 502, 503, 599, 408, 0, 100, 600, -1])
    func temporary(status: Int) {
        let reason = "App IO answered \(status)"
        #expect(message(status) == .tryAgain(reason: reason, after: nil, pauseAccount: false))
        #expect(profile(status) == .tryAgain(reason: reason, after: nil, pauseAccount: false))
    }

    @Test func aMessageWhoseAnswerIsLostIsNotRepeated() {
        func failure(sent: Bool, retriable: Bool = true) -> AppIOFailure {
            AppIOFailure(requestSent: sent, isRetriable: retriable, message: "timed out")
        }
        #expect(
            MessageVerdict(failure(sent: true)) == .uncertain(reason: "no answer after the request was sent: timed out")
        )
        #expect(
            MessageVerdict(failure(sent: true, retriable: false))
                == .uncertain(reason: "no answer after the request was sent: timed out"))
        #expect(MessageVerdict(failure(sent: false)) == .tryAgain(reason: "timed out", after: nil, pauseAccount: false))
        #expect(MessageVerdict(failure(sent: false, retriable: false)) == .givenUp(reason: "timed out"))
        #expect(ProfileVerdict(failure(sent: true)) == .tryAgain(reason: "timed out", after: nil, pauseAccount: false))
        #expect(ProfileVerdict(failure(sent: false, retriable: false)) == .givenUp(reason: "timed out"))
    }

    @Test func remainingCalls() {
        #expect(answer(200, "", ["x-rate-limit-remaining": " 7 "]).remainingCalls == 7)
        #expect(answer(200, "", ["x-rate-limit-remaining": "many"]).remainingCalls == nil)
    }

    @Test func anyBodyIsJudged() {
        for text in SharedData.naughtyStrings + [String(repeating: "[", count: 200_000)] {
            for status in [200, 201, 400, 404, 500] {
                _ = (message(status, text), profile(status, text))
            }
        }
    }
}

@Suite struct AppIOKeysTests {
    @Test func theOtherKeyIsTriedOnceAndRemembered() {
        var keys = AppIOKeys(primary: "one", secondary: "two")
        #expect(keys.current == "one")
        #expect(keys.refused("one") == .tryOther(key: "two"))
        #expect(keys.current == "two")
        keys.worked("two")
        #expect(keys.current == "two")
        #expect(keys.refused("two") == .tryOther(key: "one"))
        #expect(keys.refused("one") == .stopped(reason: "App IO refused both keys"))
        #expect(keys.refused("two") == .tryOther(key: "one"))
    }

    @Test func lateRefusalsOfTheOldKeyChangeNothing() {
        var keys = AppIOKeys(primary: "one", secondary: "two")
        #expect(keys.refused("one") == .tryOther(key: "two"))
        #expect(keys.refused("one") == .tryOther(key: "two"))
        keys.worked("two")
        #expect(keys.refused("one") == .tryOther(key: "two"))
        #expect(keys.current == "two")
    }

    @Test(arguments: [nil, "", "one"] as [String?])
    func aSingleKeyStops(secondary: String?) {
        var keys = AppIOKeys(primary: "one", secondary: secondary)
        #expect(keys.refused("one") == .stopped(reason: "App IO refused the key"))
        #expect(keys.current == "one")
    }

    @Test func keysAreNotShown() {
        let keys = AppIOKeys(primary: "s3cret", secondary: "m0re")
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped] {
            #expect(!text.contains("s3cret") && !text.contains("m0re"))
        }
    }
}

@Suite struct AppIORateTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test func aBurstAndThenEvenly() {
        var rate = AppIORate(callsPerSecond: 25, burst: 10)
        let waits = (0..<13).map { _ in rate.take(at: start) }
        #expect(
            waits == Array(repeating: .zero, count: 10) + [.milliseconds(40), .milliseconds(80), .milliseconds(120)])
    }

    @Test func neverMoreThanAllowedInAnyWindow() {
        var rate = AppIORate(callsPerSecond: 25, burst: 10)
        var random = Dice(7)
        var now = start
        var calls: [Timestamp] = []
        for _ in 0..<2000 {
            calls.append(now + rate.take(at: now))
            now = now + .milliseconds(Int.random(in: 0...70, using: &random))
        }
        #expect(calls == calls.sorted())
        for (index, call) in calls.enumerated() {
            let inWindow = calls[index...].prefix { $0 - call < .seconds(5) }.count
            #expect(inWindow <= 25 * 5 + 10)
        }
    }

    @Test func afterAPauseNobodyRushes() {
        var rate = AppIORate(callsPerSecond: 10, burst: 5)
        rate.paused(until: start + .seconds(3))
        rate.paused(until: start + .seconds(2))
        #expect(rate.pause(at: start) == .seconds(3))
        #expect((0..<3).map { _ in rate.take(at: start) } == [.seconds(3), .milliseconds(3100), .milliseconds(3200)])
        #expect(rate.pause(at: start + .seconds(3)) == nil)
        #expect(rate.take(at: start + .seconds(3)) == .milliseconds(300))
    }

    @Test func silenceDoesNotAddUp() {
        var rate = AppIORate(callsPerSecond: 25, burst: 10)
        _ = rate.take(at: start)
        let later = start + .seconds(3600)
        #expect((0..<12).map { _ in rate.take(at: later) }.suffix(3) == [.zero, .milliseconds(40), .milliseconds(80)])
    }

    @Test func theEndOfAPauseIsNoSilence() {
        var rate = AppIORate(callsPerSecond: 10, burst: 5)
        rate.paused(until: start + .seconds(3))
        #expect(rate.pause(at: start + .seconds(3)) == nil)
        #expect((0..<2).map { _ in rate.take(at: start + .seconds(3)) } == [.zero, .milliseconds(100)])
    }

    @Test func slowsDownWhileFewCallsAreLeft() {
        var rate = AppIORate(callsPerSecond: 25, burst: 10)
        rate.answered(remaining: 5, at: start)
        #expect((0..<3).map { _ in rate.take(at: start) } == [.zero, .seconds(1), .seconds(2)])
        rate.answered(remaining: 100, at: start)
        #expect(rate.take(at: start + .seconds(10)) == .zero)
        rate.answered(remaining: 0, at: start + .seconds(10))
        #expect(rate.take(at: start + .seconds(20)) == .zero)
        #expect(rate.take(at: start + .seconds(20)) == .zero)
    }

    @Test func theRateNeverRisesAboveTheConfiguredOne() {
        var rate = AppIORate(callsPerSecond: 0.5, burst: 10)
        rate.answered(remaining: 9, at: start)
        #expect((0..<2).map { _ in rate.take(at: start) } == [.zero, .seconds(2)])
    }

    @Test func aClockSetBackDoesNotStopTheCity() {
        var rate = AppIORate(callsPerSecond: 10, burst: 1)
        #expect(rate.take(at: start) == .zero)
        #expect(rate.take(at: start + .seconds(-3600)) == .milliseconds(100))
        rate.paused(until: start + .seconds(-3595))
        #expect(rate.pause(at: start + .seconds(-7200)) == .seconds(5))
    }

    @Test(arguments: [0, -1, Double.nan, .infinity, 1e300, 1e-300])
    func anyConfiguredRateIsUsable(perSecond: Double) {
        var rate = AppIORate(callsPerSecond: perSecond, burst: -3)
        #expect(rate.take(at: start) == .zero)
        #expect(rate.take(at: start) > .zero)
    }
}
