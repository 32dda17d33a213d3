import Foundation
import Testing

/// A small town, with App IO services of its own for what it asks money for.
@Suite struct FidenzaAcceptance {
    @Test("A question about the TARI is answered in the name of the town's TARI service, with that service's key")
    func service() async throws {
        // The town's general service is refused: only the TARI's can bring the message.
        let city = try await City(
            configuration: City.root + "/Config/fidenza",
            extra: [
                "PASQUINO_IO_KEY": "revoked", "PASQUINO_IO_KEY_2": "revoked-too",
                "PASQUINO_IO_KEY_TARI": "sandbox-key-1", "PASQUINO_IO_KEY_IMU": "revoked",
                "PASQUINO_IO_KEY_MENSA": "revoked", "PASQUINO_IO_KEY_CUP": "revoked",
            ])
        let running = try await city.start()
        let answer = try await running.post(
            #"{"id":"f1","from":{"fiscal_code":"MRTNTN23M02D969P"},"text":"Quando scade la TARI?"}"#)
        #expect(answer.status == 201)
        let code = try #require(answer.member("ticket"))
        #expect(code.hasPrefix("FI-"))
        try await city.quiet()
        let ticket = try await HTTP.get(running.base + "/v1/tickets/\(code)", token: City.officeToken)
        #expect(ticket.member("category") == "tributi.tari")
        #expect(ticket.member("office") == "tributi")
        let counts = try await city.counts()
        #expect(counts.messages == 1 && counts.mails == 0)
        await city.end(running)
    }

    @Test("What is not the town's business goes to a person, with the reason and what it might have been")
    func abstaining() async throws {
        let file = "/tmp/pasquino-question-\(UUID().uuidString.prefix(8)).json"
        try #"{"id":"x","text":"Quando scade il bollo auto?"}"#.write(toFile: file, atomically: true, encoding: .utf8)
        let (status, output) = try await Program.run(["explain", "--config", City.root + "/Config/fidenza", file])
        try FileManager.default.removeItem(atPath: file)
        #expect(status == 0)
        #expect(output.contains("abstain"))
        #expect(output.contains("category   none"))
        #expect(output.contains("undecided"))
    }
}
