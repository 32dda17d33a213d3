import Foundation
import Testing

@testable import Bench

/// One destination is down with a great many notifications: nobody else waits, and they go in order when it returns.
@Suite(.serialized, .timeLimit(.minutes(30))) struct OutageAcceptance {
    @Test("20,000 of a dead App IO hold up no mail; the operator sees them; they go in order when it returns")
    func outage() async throws {
        let city = try await City()
        let running = try await city.start()
        func control(_ body: String) async throws {
            let answer = try await HTTP.post(
                "http://127.0.0.1:\(city.sandboxPort)/control", body: Data(body.utf8))
            #expect(answer.status == 200)
        }
        try await control(#"{"io":{"mode":"reset"}}"#)
        let load = try OutageLoad(EmbeddedServer(directory: city.state))
        try await load.insert(20_000)
        try await load.held()
        for number in 0..<40 {
            let answer = try await running.post(
                #"{"id":"m\#(number)","from":{"email":"p\#(number)@example.org"},"text":"buca in strada"}"#)
            #expect(answer.status == 201)
        }
        _ = try await load.settled("email", since: .now)
        #expect(try await city.counts().mails == 40)
        #expect(try await load.count("app_io", "waiting") == 20_000)
        // Only what was attempted to find out has an attempt against it.
        #expect(try await load.count("app_io", "expired", "refused", "uncertain") == 0)

        let (_, shape) = try await city.run(["queue", "shape", "--json"])
        #expect(shape.contains(#""line":"app_io""#) && shape.contains(#""total":20000"#), "\(shape)")
        #expect(shape.contains(#""state":"paused""#) || shape.contains(#""state":"probing""#), "\(shape)")
        #expect(try await city.run(["queue", "--alarm", "1s"]).status == 1)
        #expect(try await city.run(["queue", "--alarm", "30d"]).status == 0)
        let (_, dry) = try await city.run(["queue", "cancel", "--line", "app_io", "--dry-run"])
        #expect(dry.contains("20000 would be cancelled"), "\(dry)")
        #expect(try await city.run(["queue", "cancel"]).status == 2)

        try await control(#"{"io":{"mode":"normal","rate_limit":null}}"#)
        while try await load.count("app_io", "delivered") < 60 {}
        let recovery = try await load.recovery()
        // The urgent ones first, but for those that found out that it was down; then by age, but for these.
        #expect(recovery.lastUrgent <= 40)
        #expect(recovery.displacement <= 40)
        #expect(try await load.count("app_io", "expired", "refused") == 0)
        await load.close()
        await city.end(running)
    }
}
