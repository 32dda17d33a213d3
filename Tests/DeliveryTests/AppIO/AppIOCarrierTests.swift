import Civic
import Observability
import Store
import Testing

@testable import Delivery
@testable import Settings

@Suite("App IO's carrier against the sandbox") struct AppIOCarrierTests {
    @Test("A profile is asked for once within hours; what is sent is not")
    func profilesAreRemembered() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            for _ in 0..<3 { #expect(isDelivered(await carrier.attempt(world.owed()) {})) }
            #expect(try await world.counts().profiles == 1)
            #expect(try await world.counts().messages == 3)
            // A reload changes nothing of what is remembered.
            let reloaded = try world.carrier(world.services())
            #expect(isDelivered(await reloaded.attempt(world.owed()) {}))
            #expect(try await world.counts().profiles == 1)
            world.clock.advance(by: .seconds(6 * 3600))
            #expect(isDelivered(await reloaded.attempt(world.owed()) {}))
            #expect(try await world.counts().profiles == 2)
        }
    }

    @Test("Without time to believe them, profiles are asked for each time")
    func profilesAreNotRemembered() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services(profilesFor: .zero))
            for _ in 0..<2 { #expect(isDelivered(await carrier.attempt(world.owed()) {})) }
            #expect(try await world.counts().profiles == 2)
        }
    }

    @Test(
        "Who is not there, or turned the service off, is remembered too",
        arguments: ["NOAMRA68A01H501Y", "NOSMRA68A01H501Y"])
    func unreachable(code: String) async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            for _ in 0..<2 {
                guard case .absent = await carrier.attempt(world.owed(to: code), markSending: {}) else {
                    Issue.record("reached")
                    return
                }
            }
            // Of 404s the sandbox counts the call as well.
            #expect(try await world.counts().profiles == 1)
            #expect(try await world.counts().messages == 0)
        }
    }

    @Test("Eleven digits, and what is no code, cost no call")
    func noCode() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            for code in ["02438750586", "", "RSSMRA68F01H501Y"] {
                guard case .unreachable = await carrier.attempt(world.owed(to: code), markSending: {}) else {
                    Issue.record("\(code) was asked for")
                    continue
                }
            }
            #expect(try await world.counts().profiles == 0)
            #expect(
                isDelivered(await carrier.attempt(world.owed(to: "rssmra68a01h501y")) {}), "lower case is normalised")
        }
    }

    @Test(
        "A payment notice: amount, number, and the end of the last day on the city's clocks",
        arguments: [
            ("2026-12-31", "2026-12-31T22:59:59Z"), ("2026-07-31", "2026-07-31T21:59:59Z"),
            // The days on which the clocks change.
            ("2026-03-29", "2026-03-29T21:59:59Z"), ("2026-10-25", "2026-10-25T22:59:59Z"),
        ])
    func payment(day: String, due: String) async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            var owed = world.owed("payment")
            owed.payment = PaymentNotice(
                amount: 12_345, noticeNumber: "301011100007347557", due: CivilDate(day), invalidAfterDue: true)
            #expect(isDelivered(await carrier.attempt(owed) {}))
            let message = try #require(try await world.messages().first)
            #expect(message.dueDate == due)
            #expect(
                message.payment
                    == .init(amount: 12_345, noticeNumber: "301011100007347557", invalidAfterDueDate: true))
            #expect(message.markdown?.contains("123,45 €") == true)
            #expect(message.markdown?.contains("301011100007347557") == true)
        }
    }

    @Test("What App IO refuses for good may reach the citizen by e-mail: an amount above the service's limit")
    func amountTooLarge() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"max_payment_amount":0}}"#)
            var owed = world.owed("payment")
            owed.payment = PaymentNotice(amount: 1, noticeNumber: "301011100007347557")
            let verdict = try await world.carrier(world.services()).attempt(owed) {}
            guard case .unreachable(let reason) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(reason.contains("exceeds the maximum"))
        }
    }

    @Test("An erratum names the subject of what was told")
    func erratum() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            var owed = world.owed("corrected")
            owed.corrects = "acknowledged"
            #expect(isDelivered(await carrier.attempt(owed) {}))
            #expect(isDelivered(await carrier.attempt(world.owed("acknowledged")) {}))
            let subjects = try await world.messages().map(\.subject)
            #expect(subjects.count == 2)
            #expect(subjects[0] == "Errata corrige: \(subjects[1])")
        }
    }

    @Test("A premium service sends premium messages; without the contract the key to change is named")
    func premium() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(
                world.services(AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys, premium: true)))
            let refused = await carrier.attempt(world.owed()) {}
            guard case .stopped(let reason) = refused else {
                Issue.record("\(refused)")
                return
            }
            #expect(reason.contains("remove app_io's premium: true"))
            #expect(reason.contains("Segnalazioni"))
            try await world.control(#"{"io":{"premium":true}}"#)
            #expect(isDelivered(await carrier.attempt(world.owed()) {}))
            #expect(try await world.messages().map(\.featureLevel) == ["ADVANCED"])
        }
    }

    @Test("A service whose keys are refused stops alone, probes once a minute, and says when it is back")
    func oneServiceStops() async throws {
        try await AppIOWorld.with { world in
            try await world.control(
                #"{"io":{"services":[{"name":"TARI","keys":["tari-1"]},{"name":"Mensa","keys":["mensa-1"]}],"revoked":["tari-1"]}}"#
            )
            let services = world.services(
                AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys),
                [
                    AppIOWorld.service("TARI", keys: ["tari-1"], categories: ["tributi.tari"]),
                    AppIOWorld.service("Mensa", keys: ["mensa-1"], categories: ["scuola.mensa"]),
                ])
            let carrier = try world.carrier(services)
            func tari() async -> Verdict { await carrier.attempt(world.owed(category: "tributi.tari")) {} }
            #expect(await tari() == .held(reason: "App IO refused the key", for: .seconds(60)))
            #expect(isDelivered(await carrier.attempt(world.owed(category: "scuola.mensa")) {}))
            #expect(services.gates.map(\.reason) == [nil, "App IO refused the key", nil])
            world.clock.advance(by: .seconds(30))
            guard case .held(_, let rest) = await tari() else {
                Issue.record("another call with the revoked key")
                return
            }
            #expect(rest <= .seconds(30))
            world.clock.advance(by: .seconds(30))
            try await world.control(#"{"io":{"revoked":[]}}"#)
            #expect(isDelivered(await tari()))
            #expect(services.gates.allSatisfy { $0.reason == nil })
            #expect(try await world.messages().map(\.service) == ["Mensa", "TARI"])
            let said = world.seen.values.map(\.name)
            #expect(said == ["destination_paused", "destination_resumed"])
        }
    }

    @Test("The only service stops as a whole: the queue then waits")
    func theOnlyService() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"revoked":["sandbox-key-1","sandbox-key-2"]}}"#)
            let carrier = try world.carrier(world.services())
            #expect(await carrier.attempt(world.owed()) {} == .stopped(reason: "App IO refused both keys"))
        }
    }

    @Test("Keys are changed without a stop")
    func rotation() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            #expect(isDelivered(await carrier.attempt(world.owed()) {}))
            try await world.control(#"{"io":{"rotate":true}}"#)
            #expect(isDelivered(await carrier.attempt(world.owed()) {}))
        }
    }

    @Test("The ticket's language wins; the app's counts where the city has no words in it")
    func languages() async throws {
        try await AppIOWorld.with { world in
            let carrier = try world.carrier(world.services())
            let english = "ENGLND80A41H501X"
            for language in ["it", "en", "xx"] {
                #expect(
                    isDelivered(await carrier.attempt(world.owed("acknowledged", to: english, language: language)) {}))
            }
            let subjects = try await world.messages().map(\.subject)
            #expect(subjects[0] != subjects[1])
            #expect(subjects[2] == subjects[1], "the app is in English")
        }
    }

    @Test("A rate limit that moves: the account slows down, and everything arrives")
    func movingLimit() async throws {
        try await AppIOWorld.with { world in
            try await world.control(
                #"{"io":{"rate_plan":[{"seconds":1,"limit":3},{"seconds":1,"limit":200}]}}"#)
            let carrier = try world.carrier(world.services())
            var waiting = (0..<20).map { _ in world.owed() }
            while let owed = waiting.first {
                switch await carrier.attempt(owed, markSending: {}) {
                case .delivered: waiting.removeFirst()
                case .tryAgain(_, _, let pause): #expect(pause)
                case let other:
                    Issue.record("\(other)")
                    return
                }
            }
            #expect(try await world.counts().messages == 20)
        }
    }

    private func isDelivered(_ verdict: Verdict) -> Bool {
        if case .delivered(.some) = verdict { return true }
        Issue.record("\(verdict)")
        return false
    }
}
