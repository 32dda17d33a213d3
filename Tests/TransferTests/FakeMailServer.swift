import Foundation
import TransferTesting

@testable import Transfer

/// An SMTP server that says what a test tells it to say.
final class FakeMailServer: Sendable {
    struct Script: Sendable {
        var greeting = "220 fake ESMTP"
        /// What EHLO offers.
        var offers: [String] = []
        /// Replies other than the usual ones, by the start of the command.
        var replies: [String: String] = [:]
        /// After the final dot. Nil drops the connection.
        var afterText: String? = "250 2.0.0 Ok: queued as 4F2A"
        /// Called after the final dot, before the answer.
        var beforeAnswer: @Sendable (Int) -> Void = { _ in }
        /// Takes over at a command (after 354, where it is DATA).
        var takeOver: [String: @Sendable (Peer) -> Void] = [:]
    }

    let commands = Notes<String>()
    let mails = Notes<String>()
    private let server: LoopbackServer

    init(_ script: Script = Script()) throws {
        let (commands, mails) = (commands, mails)
        server = try LoopbackServer { peer, number in
            peer.send(script.greeting + "\r\n")
            while let line = peer.line() {
                commands.add(line)
                if line != "DATA", let take = script.takeOver.first(where: { line.hasPrefix($0.key) }) {
                    return take.value(peer)
                } else if let match = script.replies.first(where: { line.hasPrefix($0.key) }) {
                    peer.send(match.value + "\r\n")
                } else if line.hasPrefix("EHLO") {
                    let lines = ["fake"] + script.offers
                    for (index, offer) in lines.enumerated() {
                        peer.send("250\(index + 1 < lines.count ? "-" : " ")\(offer)\r\n")
                    }
                } else if line.hasPrefix("AUTH") {
                    Self.authenticate(peer, line, commands)
                } else if line == "DATA" {
                    peer.send("354 go on\r\n")
                    if let take = script.takeOver["DATA"] { return take(peer) }
                    guard let text = Self.text(peer) else { return }
                    mails.add(text)
                    script.beforeAnswer(number)
                    guard let answer = script.afterText else { return }
                    peer.send(answer + "\r\n")
                } else if line == "QUIT" {
                    return peer.send("221 bye\r\n")
                } else {
                    peer.send("250 2.1.0 Ok\r\n")
                }
            }
        }
    }

    var url: String { "smtp://127.0.0.1:\(server.port)" }
    var connections: Int { server.connections }

    private static func text(_ peer: Peer) -> String? {
        var lines: [String] = []
        while let line = peer.line() {
            if line == "." { return lines.joined(separator: "\r\n") }
            lines.append(line)
        }
        return nil
    }

    private static func authenticate(_ peer: Peer, _ line: String, _ commands: Notes<String>) {
        for _ in 0..<(line.hasPrefix("AUTH LOGIN") ? 2 : 1) {
            peer.send("334 \r\n")
            guard let answer = peer.line() else { return }
            let decoded = Data(base64Encoded: answer).map { String(decoding: $0, as: UTF8.self) } ?? answer
            commands.add(decoded.replacing("\0", with: "|"))
        }
        peer.send("235 2.7.0 welcome\r\n")
    }
}

extension MailSubmission {
    static func to(
        _ server: FakeMailServer, text: String = "Subject: prova\r\n\r\nCiao\r\n.punto\r\n",
        change: (inout MailSubmission) -> Void = { _ in }
    ) -> MailSubmission {
        var mail = MailSubmission(
            server: server.url, tls: .never, from: "urp@example.org", recipients: ["maria@example.org"],
            message: Array(text.utf8), timeout: .seconds(600), helloName: "pasquino.example.org")
        change(&mail)
        return mail
    }
}

/// The error of `body`, which has to fail.
func failure<Value>(_ body: () async throws(TransferError) -> Value) async throws -> TransferError {
    do {
        _ = try await body()
    } catch {
        return error
    }
    throw UnexpectedSuccess()
}

struct UnexpectedSuccess: Error {}
