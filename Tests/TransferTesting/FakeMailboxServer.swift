/// An IMAP server that says what a test tells it to say, and OK otherwise.
package final class FakeMailboxServer: Sendable {
    package struct Script: Sendable {
        package var greeting: String
        /// Answers other than the usual ones, by the start of the command; `%` stands for its tag. Nil drops the
        /// connection. The last CRLF is added.
        package var answers: [String: String?]
        /// Looked at first, with the whole command; nil leaves it to the others.
        package var answer: @Sendable (String) -> String?? = { _ in nil }
        /// Says nothing more after this command, until the other side goes.
        package var silentAfter: String?

        package init(greeting: String = "* OK fake", answers: [String: String?] = [:], silentAfter: String? = nil) {
            self.greeting = greeting
            self.answers = answers
            self.silentAfter = silentAfter
        }
    }

    /// What was said to it, without tags and without libcurl's login.
    package let commands = Notes<String>()
    private let server: LoopbackServer

    package init(_ script: Script = Script()) throws {
        let commands = commands
        server = try LoopbackServer { peer, _ in
            peer.send(script.greeting + "\r\n")
            while let line = peer.line() {
                let tag = line.prefix { $0 != " " }
                let command = String(line.dropFirst(tag.count + 1))
                if tag.hasPrefix("P") { commands.add(command) }
                if let silent = script.silentAfter, command.hasPrefix(silent) {
                    _ = peer.untilClosed()
                    return
                }
                var answer = script.answer(command)
                if answer == nil { answer = script.answers.first { command.hasPrefix($0.key) }?.value }
                if let answer {
                    guard let text = answer else { return }
                    peer.send(text.replacing("%", with: tag) + "\r\n")
                } else {
                    peer.send(Self.usual(command) + "\(tag) OK\r\n")
                }
                if command == "LOGOUT" { return }
            }
        }
    }

    private static func usual(_ command: String) -> String {
        if command == "CAPABILITY" { return "* CAPABILITY IMAP4rev1\r\n" }
        if command == "LIST \"\" \"\"" { return "* LIST (\\Noselect) \".\" \"\"\r\n" }
        if command.hasPrefix("SELECT") {
            return "* 3 EXISTS\r\n* OK [UIDVALIDITY 7]\r\n* OK [PERMANENTFLAGS (\\Deleted \\Seen)]\r\n"
        }
        return ""
    }

    package var port: UInt16 { server.port }
}
