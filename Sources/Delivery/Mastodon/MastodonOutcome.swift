import Civic
import FoundationEssentials

/// What an answer to `POST /api/v1/statuses` means. The server says the same thing once within an hour, by its
/// `Idempotency-Key`: an answer that was lost is asked for again.
///
/// | answer | outcome |
/// |---|---|
/// | 200 | delivered |
/// | 401, 403 (the token, its scopes); a redirection | stopped |
/// | 404 | `isGone`: what it answers is not there any more |
/// | 429 | again, the whole account pauses |
/// | 5xx, 409 (being written), no answer, an answer that cannot be read | again |
/// | any other | given up |
enum MastodonOutcome: Equatable {
    case verdict(Verdict)
    case isGone

    private static let longestPause = Duration.seconds(3600)

    /// - Parameter header: the first header of that name, whatever its case.
    init(status: Int, header: (String) -> String?, body: [UInt8]) {
        let answer = (try? JSONDecoder().decode(Answer.self, from: Data(body))) ?? Answer()
        let words = Reason.cleaned(answer.error ?? "")
        let reason = "Mastodon answered \(status)" + (words.isEmpty ? "" : ": \(words)")
        switch status {
        case 200, 201:
            self = .verdict(
                answer.id.map { .delivered(remoteID: $0) }
                    ?? .tryAgain(reason: "Mastodon's answer cannot be read", after: nil, pause: false))
        case 401, 403: self = .verdict(.stopped(reason: reason))
        case 404: self = .isGone
        case 429:
            self = .verdict(
                .tryAgain(reason: reason, after: MastodonOutcome.pause(header) ?? .seconds(60), pause: true))
        case 300..<400: self = .verdict(.stopped(reason: "\(reason): is the server's address right?"))
        case 400..<500 where status != 408 && status != 409: self = .verdict(.givenUp(reason: reason))
        default: self = .verdict(.tryAgain(reason: reason, after: nil, pause: false))
        }
    }

    /// The reset is a moment of the server's clock, and so is its date.
    private static func pause(_ header: (String) -> String?) -> Duration? {
        if let seconds = header("retry-after").flatMap({ Int($0) }) {
            return min(.seconds(max(seconds, 1)), longestPause)
        }
        guard let reset = header("x-ratelimit-reset").flatMap(Timestamp.init(rfc3339:)),
            let date = header("date").flatMap(HTTPDate.parse)
        else { return nil }
        return min(max(reset - date, .seconds(1)), longestPause)
    }

    private struct Answer: Decodable {
        var id: String?
        var error: String?
    }
}
