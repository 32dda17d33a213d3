import Civic
import Observability
import Testing

@Suite struct ObservationTests {
    @Test func namesAreSnakeCaseAndFieldsFitTheJournal() {
        for sample in samples {
            #expect(sample.name.allSatisfy { $0.isLowercase || $0 == "_" }, "\(sample.name)")
            #expect(!sample.sentence.isEmpty)
            for field in sample.fields {
                #expect(field.name.allSatisfy { $0.isUppercase || $0 == "_" } && field.name.first != "_")
                #expect(field.name.utf8.count <= 64)
            }
            #expect(Set(sample.fields.map(\.name)).count == sample.fields.count)
        }
        #expect(Set(samples.map(\.name)).count == 56)
    }

    @Test func identifiersHaveTheirJournalNames() {
        let names = Set(samples.flatMap { $0.fields.map(\.name) })
        #expect(names.isSuperset(of: ["TICKET_ID", "CHANNEL", "RULE_ID", "NOTIFICATION_ID", "DESTINATION", "REASON"]))
    }

    @Test(arguments: [
        (Observation.internalError(place: "a", error: "b"), LogLevel.error), (.drained(left: 0), .notice),
        (.drained(left: 1), .warning), (.batchWritten(rows: 1, seconds: 0.1), .debug),
        (.batchWritten(rows: 1, seconds: 1), .warning), (.messageRefused(channel: "a", status: 422, reason: ""), .info),
        (.messageRefused(channel: "a", status: 503, reason: ""), .warning),
    ])
    func levels(_ observation: Observation, _ level: LogLevel) { #expect(observation.level == level) }

    @Test(arguments: [
        ("550 5.1.1 <mario.rossi@example.org>: user unknown", "550 5.1.1 [address] user unknown"),
        ("Key (cf)=(RSSMRA45C12F205C) exists", "Key (cf)=([fiscal code]) exists"),
        ("rssmra45c12f205c,x", "[fiscal code],x"), ("tel +393331234567!", "tel +[number]!"),
        ("TINITRSSMRA45C12F205C", "[fiscal code]"), ("x393331234567y", "[number]"),
        ("CCCFBAURDLPLNMVE is known", "[fiscal code] is known"),
        ("HTTP 429 after 12345678 ms", "HTTP 429 after 12345678 ms"), ("no digits, nothing", "no digits, nothing"),
    ])
    func outsideTextIsMasked(_ text: String, _ shown: String) {
        let observation = Observation.internalError(place: "x", error: text)
        #expect(observation.sentence == "unexpected error in x: \(shown)")
        #expect(observation.fields.contains { $0 == ("ERROR", shown) })
        for other in [
            Observation.databaseLost(reason: text), .reloadRefused(reason: text), .configurationWarning(text),
            .messageRefused(channel: "c", status: 400, reason: text), .ruleFailed(rule: "r", error: text),
            .shadowFailed(error: text),
            .destinationPaused(destination: "d", reason: text, seconds: 1),
        ] {
            #expect(other.sentence.contains(shown))
            #expect(!other.fields.contains { $0.value == text && text != shown })
        }
    }
}
