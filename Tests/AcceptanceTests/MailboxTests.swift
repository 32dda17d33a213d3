import Foundation
import Testing
import Transfer
import TransferTesting

/// A real mailbox, read by the real daemon over TLS.
@Suite(.serialized, .enabled(if: Dovecot.isInstalled, Comment(rawValue: Dovecot.absence)), .timeLimit(.minutes(30)))
struct MailboxAcceptance {
    private func keys(_ server: Dovecot, user: String) -> String {
        """
            mailboxes:
              - server: \(server.tlsURL)
                authority: \(server.authority)
                user: \(user)
                password: ${env:POST_PASSWORD}
                done: Pasquino/presi in carico
                pause: 1
                per_minute: 100000
        """
    }

    private func count(_ folder: String, in session: IMAPSession) async throws -> Int {
        guard try await session.exists(folder) else { return 0 }
        _ = try await session.select(folder)
        return try await session.search().count
    }

    @Test("Mail over TLS: read, answered, moved; what cannot be read is moved aside, listed and shown")
    func mailbox() async throws {
        let server = try Dovecot()
        try await MailCity.with(keys(server, user: "urp")) { post in
            try await server.session(of: "urp") { session in
                for (index, subject) in ["lampione spento", "buca in via Gramsci", "cassonetto pieno"].enumerated() {
                    let mail = TestMail(
                        subject: subject, id: "<mail-\(index)@example.net>", body: "\(subject), grazie.")
                    try await session.append(Array(mail.text.utf8), to: "INBOX")
                }
                try await session.append(Array("\r\n\r\n".utf8), to: "INBOX")
                while try await count("INBOX", in: session) > 0 { await Task.yield() }
                #expect(try await count("Pasquino/presi in carico", in: session) == 3)
                #expect(try await count("Pasquino/failed", in: session) == 1)
            }
            #expect(try await post.mails(to: "anna@example.net").count == 3)
            let (status, list) = try await post.city.run(["inbox", "list", "--json"])
            #expect(status == 0)
            #expect(list.split(separator: "\n").count == 1)
            #expect(list.contains("it has neither a sender nor any text"))
            let (_, glance) = try await post.city.run(["status"])
            #expect(glance.contains("mailbox       posta"))
        }
    }

    @Test("kill -9 between fetch and mark, again and again: each mail one ticket") func crash() async throws {
        let server = try Dovecot()
        try await MailCity.with(
            keys(server, user: "urp"),
            stopped: { city in
                try await server.session(of: "urp") { session in
                    for index in 0..<120 {
                        let mail = TestMail(
                            from: "Persona \(index) <p\(index)@example.net>", id: "<mail-\(index)@example.net>",
                            body: "Al civico \(index) il lampione e' spento.")
                        try await session.append(Array(mail.text.utf8), to: "INBOX")
                    }
                    for left in [100, 75, 50, 25] {
                        let running = try await city.start()
                        while try await count("INBOX", in: session) > left { await Task.yield() }
                        running.program.signal(SIGKILL)
                        _ = await running.program.wait()
                    }
                    let running = try await city.start()
                    while try await count("INBOX", in: session) > 0 { await Task.yield() }
                    let (_, list) = try await city.run(["ticket", "list", "--limit", "1000", "--json"])
                    #expect(list.split(separator: "\n").count == 120)
                    try await city.quiet()
                    let counts = try await city.counts()
                    // The answer, and the work of the office.
                    #expect(counts.distinctMessageIDs == 240)
                    running.program.signal(SIGTERM)
                    #expect(await running.program.wait() == 0)
                }
            })
    }
}
