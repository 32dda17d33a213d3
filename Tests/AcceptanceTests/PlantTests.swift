import Foundation
import Testing

/// The checker at work on a real city: nothing is wrong, until somebody tampers with what the database or the outside
/// world holds.
@Suite(.serialized, .timeLimit(.minutes(30))) struct PlantAcceptance {
    @Test("what is planted in the database or among the mails that arrived is found") func planted() async throws {
        let hamlet = try Hamlet()
        let city = try await City(configuration: hamlet.path, extra: Hamlet.environment)
        let running = try await city.start()
        let crowd = Crowd(base: running.base, steps: ["acknowledged"])
        try await crowd.pursue(0..<8, lanes: 2)
        try await city.quiet()
        #expect(try await city.history(of: crowd).faults == [])

        func finds(_ fault: String, after plant: String) async throws {
            _ = try await city.query(plant)
            let faults = try await city.history(of: crowd).faults
            #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
        }
        try await finds("lost: the message m0,", after: "delete from message where external_id = 'm0'")
        try await finds(
            "doubled: the message m1 ",
            after: "update message set external_id = 'm1', scope = 'planted' where external_id = 'm2'")
        try await finds(
            "changed: the text of m3", after: "update message set body = body || '!' where external_id = 'm3'")
        try await finds(
            "decided: m4",
            after: """
                update ticket set decision = jsonb_set(decision, '{decision,priority}', '"low"')
                where number = (select ticket from message where external_id = 'm4')
                """)
        try await finds(
            "decided: m5",
            after: """
                update ticket set config = 'never' where number = (select ticket from message where external_id = 'm5')
                """)
        let lost = "00000000-0000-7000-8000-000000000000"
        try await finds(
            "lost: \(lost) is delivered and never came",
            after: """
                insert into notification (id, ticket, event, medium, recipient, template, language, created_at,
                    next_attempt_at, expires_at, urgency, status, attempts, done_at)
                select '\(lost)', ticket, event, medium, recipient, template, language, created_at, next_attempt_at,
                    expires_at, urgency, 'delivered', 1, now()
                from notification where medium = 'email' and status = 'delivered' limit 1
                """)

        // The same mail once more.
        let mail = try await HTTP.get("http://127.0.0.1:\(city.sandboxPort)/api/mails/1")
        let id = try #require(SentMail(envelopeSender: "", raw: mail.text).field("Message-ID")).dropFirst().prefix(36)
        try city.smuggle(mail.text)
        let faults = try await city.history(of: crowd).faults
        #expect(faults.contains("doubled: \(id) came 2 times, of 1 at most"), "\(faults)")
        await city.end(running)
        hamlet.remove()
    }
}

extension City {
    /// Hands the sandbox a mail that the daemon knows nothing of.
    fileprivate func smuggle(_ mail: String) throws {
        guard let port = environment["PASQUINO_SMTP"]?.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Failure("no mail server")
        }
        let connection = try RawConnection(port: port, patience: 120)
        func say(_ line: String, _ answer: String) throws {
            connection.send(line)
            guard connection.receive(until: answer) != nil else { throw Failure("no \(answer) after \(line)") }
        }
        try say("", "220 ")
        try say("HELO test\r\n", "250 ")
        try say("MAIL FROM:<test@example.org>\r\n", "250 ")
        try say("RCPT TO:<test@example.org>\r\n", "250 ")
        try say("DATA\r\n", "354 ")
        let lines = mail.replacingOccurrences(of: "\r\n", with: "\n").split(
            separator: "\n", omittingEmptySubsequences: false)
        try say(lines.map { $0.hasPrefix(".") ? ".\($0)" : $0 }.joined(separator: "\r\n") + "\r\n.\r\n", "250 ")
    }
}
