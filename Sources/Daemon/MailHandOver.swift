import Civic
import Foundation
import Settings
import Transfer

/// Hands one raw mail to a running daemon, on behalf of a mail server's pipe.
public struct MailHandOver: Sendable {
    /// An exit status of sysexits(3), as mail servers read it, and what to say.
    public struct Result: Sendable {
        public let status: Int32
        public let message: String
    }

    /// EX_TEMPFAIL: the mail server keeps the mail and comes again.
    public static let later: Int32 = 75
    /// EX_DATAERR: this mail will never be taken, and its sender is told.
    public static let never: Int32 = 65

    /// Whatever an administrator can mend is temporary: a wrong token or address must not send citizens' mail back.
    /// - Parameter url: the daemon's address, without a slash at its end.
    public static func make(
        _ raw: [UInt8], channel: String, url: String, token: String, patience: Duration = .seconds(60)
    ) async -> Result {
        await make(
            raw, channel: channel, url: url,
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "message/rfc822")], patience: patience)
    }

    /// The same with whatever proof the channel asks for.
    public static func make(
        _ raw: [UInt8], channel: String, url: String, headers: [(String, String)], patience: Duration = .seconds(60)
    ) async -> Result {
        do {
            let client = try TransferClient(label: "pasquino.deliver", connectionsPerHost: 1)
            defer { Task { await client.close() } }
            let answer = try await client.send(
                HTTPRequest(
                    method: "POST", url: "\(url)/v1/channels/\(channel)",
                    headers: headers, body: raw, timeout: patience))
            switch answer.status {
            case 200, 201, 202:
                // Whoever else listens there has not taken it.
                guard let words = taken(answer) else {
                    return Result(status: later, message: "what answers at \(url) is no Pasquino")
                }
                return Result(status: 0, message: words)
            case 413: return Result(status: never, message: "the mail is too large: \(words(answer))")
            default:
                return Result(status: later, message: "the daemon answered \(answer.status): \(words(answer))")
            }
        } catch {
            return Result(status: later, message: "the daemon cannot be reached at \(url): \(error)")
        }
    }

    private struct Body: Decodable {
        var outcome: String?
        var ticket: String?
        var detail: String?
    }

    private static let outcomes: Set = ["opened", "appended", "discarded", "duplicate", "unread"]

    /// The outcome, if it is one of ours.
    private static func taken(_ answer: HTTPResponse) -> String? {
        guard let body = try? JSONDecoder().decode(Body.self, from: Data(answer.body)), let outcome = body.outcome,
            outcomes.contains(outcome)
        else { return nil }
        return [outcome, body.ticket].compactMap(\.self).joined(separator: " ")
    }

    /// What the daemon says is wrong; one line.
    private static func words(_ answer: HTTPResponse) -> String {
        (try? JSONDecoder().decode(Body.self, from: Data(answer.body)))?.detail ?? ""
    }
}
