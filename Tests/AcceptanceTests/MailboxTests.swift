import Foundation
import Testing
import Transfer
import TransferTesting

/// A real mailbox, read by the real daemon over TLS.
@Suite(.serialized, .enabled(if: Dovecot.isInstalled, Comment(rawValue: Dovecot.absence)), .timeLimit(.minutes(30)))
struct MailboxAcceptance {
    static func keys(_ server: Dovecot, user: String) -> String {
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

    static func count(_ folder: String, in session: IMAPSession) async throws -> Int {
        guard try await session.exists(folder) else { return 0 }
        _ = try await session.select(folder)
        return try await session.search().count
    }

    @Test("Mail over TLS: read, answered, moved; what cannot be read is moved aside, listed and shown")
    func mailbox() async throws {
        let server = try Dovecot()
        try await MailCity.with(Self.keys(server, user: "urp")) { post in
            try await server.session(of: "urp") { session in
                for (index, subject) in ["lampione spento", "buca in via Gramsci", "cassonetto pieno"].enumerated() {
                    let mail = TestMail(
                        subject: subject, id: "<mail-\(index)@example.net>", body: "\(subject), grazie.")
                    try await session.append(Array(mail.text.utf8), to: "INBOX")
                }
                try await session.append(Array("\r\n\r\n".utf8), to: "INBOX")
                while try await Self.count("INBOX", in: session) > 0 { await Task.yield() }
                #expect(try await Self.count("Pasquino/presi in carico", in: session) == 3)
                #expect(try await Self.count("Pasquino/failed", in: session) == 1)
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
}
