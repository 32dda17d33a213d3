import Testing
import TransferTesting

@testable import Transfer

@Suite("SMTP", .timeLimit(.minutes(30)))
struct MailTests {
    @Test func handsTheMailOver() async throws {
        let server = try FakeMailServer()
        let receipt = try await withClient { client in
            try await client.submit(.to(server) { $0.recipients = ["maria@example.org", "luca@example.org"] })
        }
        #expect(receipt == MailReceipt(code: 250, text: "2.0.0 Ok: queued as 4F2A"))
        #expect(server.commands.all.first == "EHLO pasquino.example.org")
        #expect(server.commands.all.contains { $0.hasPrefix("MAIL FROM:<urp@example.org>") })
        #expect(server.commands.all.contains("RCPT TO:<maria@example.org>"))
        #expect(server.commands.all.contains("RCPT TO:<luca@example.org>"))
        #expect(server.mails.all == ["Subject: prova\r\n\r\nCiao\r\n..punto"])
    }

    @Test func theEnvelopeSenderMayBeEmpty() async throws {
        let server = try FakeMailServer()
        _ = try await withClient { client in try await client.submit(.to(server) { $0.from = "" }) }
        #expect(server.commands.all.contains { $0.hasPrefix("MAIL FROM:<>") })
    }

    @Test func oneSessionCarriesManyMails() async throws {
        let server = try FakeMailServer()
        try await withClient { client in
            for _ in 0..<20 { _ = try await client.submit(.to(server)) }
        }
        #expect(server.connections == 1)
        #expect(server.mails.all.count == 20)
    }

    @Test func theConnectionSurvivesAsManyMailsAtATime() async throws {
        let server = try FakeMailServer()
        try await withClient(connectionsPerHost: 3) { client in
            try await withThrowingTaskGroup(of: MailReceipt.self) { group in
                for _ in 0..<40 { group.addTask { try await client.submit(.to(server)) } }
                for try await receipt in group { #expect(receipt.code == 250) }
            }
        }
        #expect((1...3).contains(server.connections))
        #expect(server.mails.all.count == 40)
    }

    @Test func lanesAreSharedByRoutes() async throws {
        let servers = try (0..<5).map { _ in try FakeMailServer() }
        try await withClient(connectionsPerHost: 2) { client in
            try await withThrowingTaskGroup(of: MailReceipt.self) { group in
                for number in 0..<50 { group.addTask { try await client.submit(.to(servers[number % 5])) } }
                for try await receipt in group { #expect(receipt.code == 250) }
            }
        }
        #expect(servers.map { $0.mails.all.count } == [10, 10, 10, 10, 10])
    }

    @Test(arguments: [("PLAIN", ["|pasquino|parola"]), ("LOGIN", ["pasquino", "parola"])])
    func authenticates(mechanism: String, said: [String]) async throws {
        let server = try FakeMailServer(.init(offers: ["AUTH \(mechanism)"]))
        _ = try await withClient { client in
            try await client.submit(
                .to(server) {
                    $0.user = "pasquino"
                    $0.password = "parola"
                })
        }
        let commands = server.commands.all
        let auth = try #require(commands.firstIndex(of: "AUTH \(mechanism)"))
        #expect(Array(commands[(auth + 1)...].prefix(said.count)) == said)
        #expect(server.mails.all.count == 1)
    }

    /// libcurl waits for the last answer in place; nobody else may wait with it.
    @Test func aSlowLastAnswerHoldsUpNobodyElse() async throws {
        let (gate, waiting) = (Gate(), Event())
        let slow = try FakeMailServer(
            .init(beforeAnswer: { _ in
                waiting.signal()
                gate.wait()
            }))
        let (quick, web) = (
            try FakeMailServer(),
            try LoopbackServer { peer, _ in
                _ = peer.request()
                peer.send(HTTPTests.keepAlive)
            }
        )
        try await withClient { client in
            async let late = client.submit(.to(slow))
            await waiting.happened()
            let answer = try await client.submit(.to(quick))
            #expect(answer.code == 250)
            let page = try await client.send(HTTPRequest(method: "GET", url: "http://127.0.0.1:\(web.port)/"))
            #expect(page.status == 200)
            gate.open()
            let last = try await late
            #expect(last.code == 250)
        }
    }

    @Test func closingSaysQuitAndDoesNotWaitForTheAnswer() async throws {
        let (gate, quit) = (Gate(), Event())
        let server = try LoopbackServer { peer, _ in
            peer.send("220 fake\r\n")
            while let line = peer.line() {
                if line == "QUIT" {
                    quit.signal()
                    return gate.wait()
                }
                if line == "DATA" {
                    peer.send("354 go on\r\n")
                    while let text = peer.line(), text != "." {}
                }
                peer.send("250 Ok\r\n")
            }
        }
        let client = try TransferClient(label: "test")
        var mail = MailSubmission.to(try FakeMailServer())
        mail.server = "smtp://127.0.0.1:\(server.port)"
        mail.timeout = .seconds(500)  // libcurl would wait as long: beyond the suite's limit
        _ = try await client.submit(mail)
        await client.close()
        await quit.happened()
        gate.open()
        #expect(await client.descriptors == (0, 0))
    }
}
