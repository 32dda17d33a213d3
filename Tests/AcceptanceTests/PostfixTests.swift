import Foundation
import Testing
import Transfer
import TransferTesting

/// A real mail server on both sides of the city: what citizens send comes through its pipe, what the city sends goes
/// out by its SMTP.
@Suite(
    .serialized,
    .enabled(if: Postfix.isInstalled && Postfix.mayRun(Program.path), Comment(rawValue: Postfix.absence)),
    .timeLimit(.minutes(30)))
struct PostfixAcceptance {
    private struct Post {
        let city: City
        let server: Postfix

        /// As the citizen's mail program does.
        func send(_ mail: TestMail, sender: String = "anna@example.net", to recipient: String? = nil) async throws {
            let client = try TransferClient(label: "test", connectionsPerHost: 1)
            _ = try await client.submit(
                MailSubmission(
                    server: server.url, tls: .never, from: sender, recipients: [recipient ?? mail.to],
                    message: Array(mail.text.utf8), timeout: .seconds(1200)))
            await client.close()
        }

        /// Her mails, once there are so many.
        func mails(_ count: Int) async throws -> [SentMail] {
            while try server.mails().count < count { await Task.yield() }
            return try server.mails().map { SentMail(envelopeSender: "", raw: $0) }
        }

        /// Once the server has nothing left to do and the city nothing to send.
        func quiet() async throws {
            repeat {
                while try !isIdle() { await Task.yield() }
                try await city.quiet()
            } while try !isIdle()
        }

        /// Asked twice: a mail that moves from one queue to the next can be missed once.
        private func isIdle() throws -> Bool { try server.queue().isEmpty && server.queue().isEmpty }

        func tickets() async throws -> [[String: Any]] {
            let (status, list) = try await city.run(["ticket", "list", "--limit", "1000", "--json"])
            #expect(status == 0)
            return try list.split(separator: "\n").compactMap {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }

        func code() async throws -> String {
            let codes = try await tickets().compactMap { $0["code"] as? String }
            #expect(codes.count == 1)
            return try #require(codes.first)
        }
    }

    /// A city that is not running, and the server that serves it.
    private func with(_ body: (Post) async throws -> Void) async throws {
        // The command finds the daemon by its configuration, while it is down too.
        let listen = "127.0.0.1:\(try Postfix.freePort())"
        let gate = try Postfix.freePort()
        try await MailCity.with(
            "", extra: ["PASQUINO_LISTEN": listen, "PASQUINO_SMTP": "smtp://127.0.0.1:\(gate)"],
            stopped: { city in
                // pipe(8) leaves a command almost nothing of its environment.
                let variables = ["PASQUINO_CONFIG", "PASQUINO_LISTEN", "POST_TOKEN"].map {
                    "\($0)=\(city.environment[$0] ?? "")"
                }
                let server = try Postfix(
                    command: ["/usr/bin/env"] + variables + [Program.path, "deliver", "--channel", "posta"], port: gate)
                try await body(Post(city: city, server: server))
            })
    }

    @Test("A mail becomes a ticket, its answer arrives below it, a reply joins the ticket") func thread() async throws {
        try await with { post in
            try await MailCity.running(post.city) { running in
                try await post.send(TestMail())
                let answer = try #require(try await post.mails(1).first)
                let code = try await post.code()
                #expect(answer.field("In-Reply-To") == "<first@example.net>")
                #expect(answer.field("Message-ID")?.contains(".\(code.lowercased()).") == true)
                #expect(answer.field("Auto-Submitted") == "auto-replied")
                let address = try #require(answer.replyAddress)
                #expect(address.hasPrefix("urp+\(code.lowercased())."))
                #expect(answer.field("Return-Path") == "<\(address)>")

                try await post.send(
                    TestMail(to: address, subject: "Re:", id: "<second@example.net>", body: "Fa molto buio."))
                // Only the envelope names the ticket: somebody passed it on.
                try await post.send(
                    TestMail(subject: "Re:", id: "<third@example.net>", body: "E ancora."), to: address)
                // Nobody is told of trouble with it: a machine's, whatever it says.
                try await post.send(
                    TestMail(to: address, subject: "Grazie", id: "<fourth@example.net>", body: "Ricevuto."), sender: "")
                try await post.quiet()
                #expect(try await post.code() == code)
                let messages = try await running.ticket(code)["messages"] as? [[String: Any]] ?? []
                #expect(
                    messages.compactMap { $0["kind"] as? String }.sorted() == [
                        "automatic", "opening", "reply", "reply",
                    ])
                #expect(try await post.mails(1).count == 1)
            }
        }
    }

    @Test("While the daemon is down the mail waits in the server's queue; afterwards it is one ticket")
    func outage() async throws {
        try await with { post in
            try await post.send(TestMail())
            while try !post.server.queue().contains(where: {
                $0.contains(#""queue_name": "deferred""#) && $0.contains("the daemon cannot be reached")
            }) { await Task.yield() }
            #expect(post.server.log.contains("dsn=4.3.0, status=deferred"))
            #expect(!post.server.log.contains(MailCity.token))
            try await MailCity.running(post.city) { running in
                try post.server.flush()
                try await post.quiet()
                let code = try await post.code()
                let messages = try await running.ticket(code)["messages"] as? [[String: Any]] ?? []
                #expect(messages.count == 1)
                #expect(try await post.mails(1).count == 1)
            }
        }
    }

    @Test("The server returns what it cannot deliver: the notification is refused, and says why")
    func bounce() async throws {
        try await with { post in
            try await MailCity.running(post.city) { running in
                try await post.send(TestMail(from: "Bice <bice@example.net>"), sender: "bice@example.net")
                while try await post.tickets().isEmpty { await Task.yield() }
                let code = try await post.code()
                func answer() async throws -> [String: Any]? {
                    let all = try await running.ticket(code)["notifications"] as? [[String: Any]] ?? []
                    return all.first { $0["template"] as? String == "opened" }
                }
                while try await answer()?["status"] as? String != "refused" { await Task.yield() }
                #expect((try await answer()?["reason"] as? String)?.contains("failed 5.1.1") == true)
                #expect((try await answer()?["reason"] as? String)?.contains("unknown user") == true)
                try await post.quiet()
                #expect(try await post.code() == code)
                let messages = try await running.ticket(code)["messages"] as? [[String: Any]] ?? []
                #expect(messages.map { $0["kind"] as? String } == ["opening", "delivery"])
            }
        }
    }

    @Test("Another city's robot answers every mail with a new one: both fall silent, and nothing is lost")
    func robots() async throws {
        try await with { post in
            try await MailCity.running(post.city) { running in
                try await post.send(
                    TestMail(from: "Assistenza <robot@example.com>", id: "<robot@example.com>"),
                    sender: "robot@example.com")
                while try await post.tickets().isEmpty { await Task.yield() }
                try await post.quiet()
                let tickets = try await post.tickets()
                // The budget is an hour's; an hour may end meanwhile. The last mail of the robot has no answer.
                #expect((6...11).contains(tickets.count))
                let sent = post.server.log.components(separatedBy: "to=<robot@example.com>, relay=robot").count - 1
                #expect(sent == tickets.count - 1)
                #expect(!post.server.log.contains("status=bounced"))
            }
        }
    }
}
