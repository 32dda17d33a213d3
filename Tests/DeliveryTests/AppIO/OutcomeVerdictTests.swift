import Civic
import Store
import Testing

@testable import Delivery

@Suite struct OutcomeVerdictTests {
    private let taken = Timestamp(seconds: 1_800_000_000)

    private func verdict(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> OutcomeVerdict {
        OutcomeVerdict(
            AppIOAnswer(status: status, header: { headers[$0.lowercased()] }, body: Array(body.utf8)), now: taken)
    }

    @Test(
        "What App IO says",
        arguments: [
            (#"{"status":"ACCEPTED"}"#, .pending), (#"{"status":"THROTTLED"}"#, .throttled),
            (#"{"status":"SOMETHING_NEW"}"#, .pending), (#"{"status":7}"#, .pending), ("{}", .pending),
            (#"{"status":"PROCESSED"}"#, .inInbox(isRead: nil, isPaid: nil, isAdvanced: false)),
            (
                #"{"status":"PROCESSED","message":{"feature_level_type":"ADVANCED"},"read_status":"UNREAD","payment_status":"NOT_PAID"}"#,
                .inInbox(isRead: false, isPaid: false, isAdvanced: true)
            ),
            (
                #"{"status":"PROCESSED","message":{"feature_level_type":"ADVANCED"},"read_status":"READ","payment_status":"PAID"}"#,
                .inInbox(isRead: true, isPaid: true, isAdvanced: true)
            ),
            (
                #"{"status":"PROCESSED","message":{"feature_level_type":"STANDARD"},"read_status":"UNAVAILABLE","payment_status":"?"}"#,
                .inInbox(isRead: nil, isPaid: nil, isAdvanced: false)
            ),
            (
                #"{"status":"PROCESSED","message":[],"read_status":{}}"#,
                .inInbox(isRead: nil, isPaid: nil, isAdvanced: false)
            ),
            (
                #"{"status":"REJECTED"}"#,
                .failed(reason: "App IO rejected it: the citizen has no App IO, or does not accept this service")
            ),
            (#"{"status":"FAILED"}"#, .failed(reason: "App IO failed to bring it to the citizen")),
        ] as [(String, OutcomeVerdict)])
    func words(body: String, expected: OutcomeVerdict) { #expect(verdict(200, body) == expected) }

    @Test(arguments: ["", "null", "[]", "\"PROCESSED\"", "{", "\u{FF}"])
    func whatCannotBeReadIsNoNews(body: String) {
        #expect(verdict(200, body) == .notNow(reason: "App IO's word on a message cannot be read", after: nil))
    }

    @Test func refusals() {
        #expect(verdict(401) == .keyRefused(reason: "App IO answered 401"))
        #expect(verdict(403) == .anotherServices)
        #expect(verdict(404, #"{"title":"Message not found","status":404}"#) == .missing)
        #expect(
            verdict(404, #"{"statusCode":404,"message":"Resource not found"}"#)
                == .notNow(reason: "App IO answered 404: Resource not found", after: nil))
        #expect(
            verdict(429, "", ["x-rate-limit-retry-after": "7"])
                == .notNow(reason: "App IO answered 429", after: .seconds(7)))
        for status in [100, 204, 302, 400, 408, 500, 503, 504, 599] {
            guard case .notNow = verdict(status) else {
                Issue.record("\(status) is \(verdict(status))")
                continue
            }
        }
        #expect(
            OutcomeVerdict(AppIOFailure(requestSent: true, isRetriable: true, message: "timed out"))
                == .notNow(reason: "timed out", after: nil))
    }

    private func sighting(
        _ verdict: OutcomeVerdict, known: Outbox.Fate? = nil, age: Duration, unread: Duration? = nil
    ) -> (fate: Outbox.Fate?, age: Duration?, reason: String?) {
        let watched = Outbox.Watched(
            id: Identifier(high: 1, low: 2), code: "RM-1", recipient: AppIOWorld.citizen, remoteID: "X", category: nil,
            receipt: known, takenAt: taken, attempts: 1)
        let seen = verdict.sighting(of: watched, schedule: WatchSchedule(unread: unread), now: taken + age)
        #expect(seen.id == watched.id)
        return (seen.fate, seen.again.map { $0 - taken }, seen.reason)
    }

    @Test("One minute, five, half an hour, three hours, a day, a week, and then no more")
    func schedule() {
        var ages: [Duration] = []
        var age: Duration? = WatchSchedule.first
        while let now = age {
            ages.append(now)
            let seen = sighting(.pending, age: now)
            #expect(seen.fate == (seen.age == nil ? .unknown : nil))
            age = seen.age
        }
        #expect(ages == [60, 300, 1800, 10_800, 86_400, 604_800].map { .seconds($0) })
    }

    @Test func whatWasMissedIsNotMadeUpFor() {
        #expect(sighting(.pending, age: .seconds(4 * 3600)).age == .seconds(86_400))
        #expect(sighting(.pending, age: .seconds(30 * 86_400)) == (.unknown, nil, nil))
    }

    @Test func theAgeAtWhichUnreadMattersIsOneOfThem() {
        let day = Duration.seconds(86_400)
        #expect(sighting(.pending, age: day, unread: .seconds(2 * 86_400)).age == .seconds(2 * 86_400))
        #expect(sighting(.pending, age: day, unread: .seconds(30 * 86_400)).age == .seconds(604_800))
        #expect(sighting(.pending, age: day, unread: .zero).age == .seconds(604_800))
    }

    @Test func aStandardMessageEndsInTheInbox() {
        #expect(
            sighting(.inInbox(isRead: nil, isPaid: nil, isAdvanced: false), age: .seconds(60)) == (.processed, nil, nil)
        )
        #expect(
            sighting(.inInbox(isRead: nil, isPaid: nil, isAdvanced: false), known: .throttled, age: .seconds(60))
                == (.processed, nil, nil))
    }

    @Test(
        "A premium message goes on until it is read, and paid",
        arguments: [
            (nil, nil, .processed, true), (false, nil, .unread, true), (true, nil, .read, false),
            (false, false, .unread, true), (true, false, .read, true), (true, true, .paid, false),
            (false, true, .paid, false), (nil, true, .paid, false),
        ] as [(Bool?, Bool?, Outbox.Fate, Bool)])
    func premium(isRead: Bool?, isPaid: Bool?, fate: Outbox.Fate, goesOn: Bool) {
        let verdict = OutcomeVerdict.inInbox(isRead: isRead, isPaid: isPaid, isAdvanced: true)
        #expect(sighting(verdict, age: .seconds(60)) == (fate, goesOn ? .seconds(300) : nil, nil))
        #expect(sighting(verdict, age: .seconds(604_800)) == (fate, nil, nil))
    }

    @Test func whatWasKnownIsNeverTakenBack() {
        #expect(sighting(.pending, known: .read, age: .seconds(60)).fate == .read)
        #expect(
            sighting(.inInbox(isRead: false, isPaid: nil, isAdvanced: true), known: .paid, age: .seconds(60)).fate
                == .paid)
        #expect(sighting(.throttled, known: .unread, age: .seconds(604_800)).fate == .unread)
        #expect(sighting(.throttled, age: .seconds(60)).fate == .throttled)
        #expect(sighting(.throttled, age: .seconds(604_800)).fate == .unknown)
    }

    @Test func aFailureEndsAllThatWasHoped() {
        #expect(sighting(.failed(reason: "no"), known: .unread, age: .seconds(60)) == (.failed, nil, "no"))
    }

    @Test func withoutAnAnswerSoonAgainThoughNotForEver() {
        let away = OutcomeVerdict.notNow(reason: "away", after: nil)
        #expect(sighting(away, age: .seconds(60)) == (nil, .seconds(360), nil))
        #expect(sighting(.keyRefused(reason: "no"), age: .seconds(60)).age == .seconds(360))
        #expect(sighting(.notNow(reason: "", after: .seconds(900)), age: .seconds(60)).age == .seconds(960))
        #expect(sighting(away, age: .seconds(7 * 86_400)).age == .seconds(7 * 86_400 + 300))
        #expect(sighting(away, age: .seconds(8 * 86_400)) == (.unknown, nil, nil))
    }
}
