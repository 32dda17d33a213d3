import Civic
import Observability
import Settings
import Synchronization
import Testing

@testable import Daemon
@testable import Intake

@Suite("The mailboxes that are read") struct MailboxesTests {
    private struct Silence: LogSink {
        func write(_ record: LogRecord) -> Bool { true }
    }

    private static func configuration(server: String) throws -> Configuration {
        let borgo = try Borgo(category: "strade.buche")
        try borgo.write(
            "channels.yaml",
            """
            channels:
              - name: posta
                type: email
                mailboxes: [{server: "\(server)", tls: never, user: urp, password: "${env:IO_KEY}"}]

            """)
        // Who answers mail tells its offices of replies.
        for part in ["subject", "txt"] { try borgo.write("templates/it/office_reply.\(part)", "{{code}}\n") }
        let (configuration, findings) = ConfigurationGate.examine(
            directory: borgo.path, environment: Borgo.environment, secrets: .optional)
        return try #require(configuration, "\(findings)")
    }

    @Test("As the configuration in force names them; once stopped, a reload starts none")
    func stopped() async throws {
        let boxes = Mailboxes(
            observe: Observer(level: .error, sink: Silence()), now: { Timestamp(seconds: 0) },
            accept: { _, _ in .done })
        // Nobody listens there.
        let configuration = try Self.configuration(server: "imap://127.0.0.1:1")
        await boxes.adapt(to: configuration)
        #expect(await boxes.status.map(\.mailbox) == ["posta"])
        await boxes.adapt(to: try Self.configuration(server: "imap://127.0.0.1:2"))
        #expect(await boxes.status.map(\.mailbox) == ["posta"])
        await boxes.stop()
        #expect(await boxes.status.isEmpty)
        await boxes.adapt(to: configuration)
        #expect(await boxes.status.isEmpty)
    }

    @Test("A mail that is too large is its own fault; a channel that is gone stops them all")
    func refusals() {
        #expect(MailNotAccepted(.tooLarge(limit: 1)).cause == .thisMail)
        #expect(MailNotAccepted(.noChannel("posta")).cause == .unavailable(retryAfter: nil))
    }

    @Test("What a server would not move is not said to be moved")
    func told() {
        let origin = FetchedMail.Origin(mailbox: "posta", folder: "INBOX", uidValidity: 1, uid: 7)
        let stays = Observation(.notMoved(origin, reason: "over quota"), of: "posta")
        #expect(stays.name == "mail_not_moved")
        #expect(stays.sentence.contains("mail 7 of posta stays where it is"))
        #expect(Observation(.movedAside(origin, reason: "unreadable"), of: "posta").name == "mail_moved_aside")
    }
}
