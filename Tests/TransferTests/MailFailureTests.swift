import Testing
import TransferTesting

@testable import Transfer

@Suite("SMTP failures", .timeLimit(.minutes(30)))
struct MailFailureTests {
    struct Mishap: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let script: FakeMailServer.Script
        let kind: TransferError.Kind
        var message: String?
        var sent = false
        var isRetriable = true
        var change: @Sendable (inout MailSubmission) -> Void = { _ in }
    }

    static let credentials: @Sendable (inout MailSubmission) -> Void = {
        $0.user = "pasquino"
        $0.password = "parola"
    }

    static let mishaps = [
        Mishap(
            testDescription: "greeted with 554", script: .init(greeting: "554 5.7.1 go away"),
            kind: .refused(code: 554, text: "5.7.1 go away"), message: "greeting refused: 554 5.7.1",
            isRetriable: false),
        Mishap(
            testDescription: "421 at MAIL", script: .init(replies: ["MAIL": "421 4.3.2 closing"]),
            kind: .refused(code: 421, text: "4.3.2 closing"), message: "MAIL FROM refused: 421 4.3.2"),
        Mishap(
            testDescription: "450 at RCPT",
            script: .init(replies: ["RCPT": "450-4.2.1 <maria@example.org>\r\n450 4.2.1 later"]),
            kind: .refused(code: 450, text: "4.2.1 <maria@example.org> 4.2.1 later"),
            message: "RCPT TO refused: 450 4.2.1"),
        Mishap(
            testDescription: "550 at the second RCPT",
            script: .init(replies: ["RCPT TO:<luca": "550 5.1.1 no luca@example.org here"]),
            kind: .refused(code: 550, text: "5.1.1 no luca@example.org here"), message: "RCPT TO refused: 550 5.1.1",
            isRetriable: false, change: { $0.recipients.append("luca@example.org") }),
        Mishap(
            testDescription: "552 at DATA", script: .init(replies: ["DATA": "552 full"]),
            kind: .refused(code: 552, text: "full"), message: "DATA refused: 552", isRetriable: false),
        Mishap(
            testDescription: "451 after the text", script: .init(afterText: "451 4.7.1 greylisted"),
            kind: .refused(code: 451, text: "4.7.1 greylisted"), message: "message text refused: 451 4.7.1"),
        Mishap(
            testDescription: "554 after the text", script: .init(afterText: "554 5.6.0 spam"),
            kind: .refused(code: 554, text: "5.6.0 spam"), message: "message text refused: 554 5.6.0",
            isRetriable: false),
        Mishap(testDescription: "dropped after the text", script: .init(afterText: nil), kind: .connect, sent: true),
        Mishap(
            testDescription: "nonsense after the text", script: .init(afterText: "550550 what\r\nno\r\n550-not yet"),
            kind: .timeout, sent: true, change: { $0.timeout = .seconds(3) }),
        Mishap(
            testDescription: "wrong password",
            script: .init(offers: ["AUTH PLAIN"], replies: ["AUTH": "535 5.7.8 no pasquino/parola"]),
            kind: .authentication, message: "AUTH refused: 535 5.7.8", change: credentials),
        Mishap(
            testDescription: "no common mechanism", script: .init(offers: ["AUTH PIGEON"]), kind: .authentication,
            change: credentials),
        Mishap(
            testDescription: "authentication required", script: .init(replies: ["MAIL": "530 5.7.0 who are you"]),
            kind: .authentication, message: "MAIL FROM refused: 530 5.7.0"),
        Mishap(
            testDescription: "TLS required, not offered", script: .init(), kind: .tls, change: { $0.tls = .required }),
        Mishap(
            testDescription: "TLS required, refused",
            script: .init(offers: ["STARTTLS"], replies: ["STARTTLS": "454 4.7.0 not now"]), kind: .tls,
            message: "STARTTLS refused: 454 4.7.0", change: { $0.tls = .required }),
        Mishap(
            testDescription: "endless reply",
            script: .init(replies: ["MAIL": String(repeating: "250-more\r\n", count: 10_000)]), kind: .tooLarge,
            isRetriable: false),
        Mishap(
            testDescription: "silent after the text",
            script: .init(takeOver: ["DATA": { _ = $0.untilClosed() }]), kind: .timeout, sent: true,
            change: { $0.timeout = .seconds(3) }),
    ]

    @Test(arguments: mishaps)
    func tellsWhatHappened(mishap: Mishap) async throws {
        let server = try FakeMailServer(mishap.script)
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in try await client.submit(.to(server, change: mishap.change))
            }
        }
        #expect(error.kind == mishap.kind)
        #expect(error.requestSent == mishap.sent)
        #expect(error.isRetriable == mishap.isRetriable)
        if let message = mishap.message { #expect(error.message == "\(server.url.dropFirst(7)): \(message)") }
        #expect(!error.message.contains("example.org") && !error.message.contains("parola"))
    }

    @Test func nobodyListens() async throws {
        let port = try LoopbackServer.closedPort()
        let spare = try FakeMailServer()
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in
                try await client.submit(.to(spare) { $0.server = "smtp://127.0.0.1:\(port)" })
            }
        }
        #expect(error.kind == .connect)
        #expect(!error.requestSent && error.isRetriable)
    }

    @Test func theLaneServesTheNextMailAfterARefusal() async throws {
        let server = try FakeMailServer(.init(replies: ["RCPT TO:<luca": "550 5.1.1 no"]))
        try await withClient(connectionsPerHost: 1) { client in
            for _ in 0..<5 {
                _ = try await failure { () throws(TransferError) in
                    try await client.submit(.to(server) { $0.recipients = ["luca@example.org"] })
                }
                let answer = try await client.submit(.to(server))
                #expect(answer.code == 250)
            }
        }
        #expect(server.mails.all.count == 5)
    }

    /// libcurl by itself would send the final dot, and the server would deliver half a mail.
    @Test(arguments: ["RCPT", "DATA"])
    func aCancelledMailIsNotDeliveredByHalf(stage: String) async throws {
        let (started, gate, ended) = (Event(), Gate(), Event())
        let rest = Notes<[UInt8]>()
        let take: @Sendable (Peer) -> Void = { peer in
            let first = stage == "DATA" ? peer.more() ?? [] : []
            started.signal()
            gate.wait()
            rest.add(first + peer.untilClosed())
            ended.signal()
        }
        let server = try FakeMailServer(.init(takeOver: [stage: take]))
        let text = String(repeating: "Subject: long\r\n", count: 1_000_000)
        let error = try await withClient { client in
            let task = Task {
                try await failure { () throws(TransferError) in try await client.submit(.to(server, text: text)) }
            }
            await started.happened()
            task.cancel()
            let error = try await task.value
            gate.open()
            return error
        }
        await ended.happened()
        #expect(error.kind == .cancelled)
        #expect(error.requestSent == (stage == "DATA"))
        let received = try #require(rest.all.first)
        #expect(received.isEmpty == (stage == "RCPT"))
        #expect(received.count < text.utf8.count)
        #expect(Array(received.suffix(3)) != Array(".\r\n".utf8))
    }

    @Test(arguments: [true, false])
    func aMailWaitingForItsLastAnswerCanBeGivenUp(byCancelling: Bool) async throws {
        let (waiting, gate) = (Event(), Gate())
        let server = try FakeMailServer(
            .init(beforeAnswer: { _ in
                waiting.signal()
                gate.wait()
            }))
        let client = try TransferClient(label: "test")
        let task = Task {
            try await failure { () throws(TransferError) in try await client.submit(.to(server)) }
        }
        await waiting.happened()
        if byCancelling { task.cancel() } else { await client.close() }
        let error = try await task.value
        #expect(error.kind == .cancelled)
        #expect(error.requestSent)
        gate.open()
        await client.close()
    }

    @Test func waitingForALaneCanBeCancelled() async throws {
        let (waiting, gate) = (Event(), Gate())
        let server = try FakeMailServer(
            .init(beforeAnswer: { _ in
                waiting.signal()
                gate.wait()
            }))
        try await withClient(connectionsPerHost: 1) { client in
            async let first = client.submit(.to(server))
            await waiting.happened()
            let second = Task {
                try await failure { () throws(TransferError) in try await client.submit(.to(server)) }
            }
            second.cancel()
            let error = try await second.value
            #expect(error.kind == .cancelled && !error.requestSent)
            gate.open()
            let answer = try await first
            #expect(answer.code == 250)
        }
        #expect(server.mails.all.count == 1)
    }

    @Test(
        arguments: [
            { $0.from = "a@b.it>\r\nRCPT TO:<x@y.it" }, { $0.from = "a@b.it> SIZE=1" },
            { $0.recipients = ["a@b.it\r\nDATA"] }, { $0.recipients = ["a@b.it", ""] }, { $0.recipients = [] },
            { $0.recipients = ["<a@b.it>"] }, { $0.helloName = "a b" }, { $0.helloName = "a/../b" },
            { $0.helloName = "" },
            { $0.user = "a\r\nb" }, { $0.message = [] }, { $0.message = Array("a\n.\nb\r\n".utf8) },
            { $0.message = Array("a\r.\rb\r\n".utf8) }, { $0.message = Array("a\r".utf8) },
            { $0.server = "http://127.0.0.1:1" }, { $0.server = "smtp://127.0.0.1:1/x" }, { $0.server = "127.0.0.1:1" },
            { $0.server = "smtp://u:p@127.0.0.1:1" }, { $0.server = "smtp://127.0.0.1:1\r\n" },
        ] as [@Sendable (inout MailSubmission) -> Void])
    func whatCannotBeSentIsRefusedHere(change: @Sendable (inout MailSubmission) -> Void) async throws {
        let server = try FakeMailServer()
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in try await client.submit(.to(server, change: change)) }
        }
        #expect(error.kind == .other)
        #expect(!error.requestSent && !error.isRetriable)
        #expect(server.connections == 0)
    }
}
