import Civic
import Transfer

/// What the server's answer to a look at the notifications means. Pure.
enum MastodonPage: Equatable {
    /// Newest first, each as it stands.
    case notifications([[UInt8]], newest: String?)
    /// We asked too often.
    case wait(Duration)
    /// Mends itself.
    case interrupted(reason: String)
    /// Somebody has to do something.
    case troubled(reason: String, advice: String)

    /// The server's limit counts in five minutes.
    private static let longestPause = Duration.seconds(900)

    init(_ response: HTTPResponse, now: Timestamp) {
        switch response.status {
        case 200:
            guard let elements = JSONElements.split(response.body) else {
                self = .interrupted(reason: "the server's answer is no list")
                return
            }
            self = .notifications(elements.map(Array.init), newest: MastodonPage.newest(response.header("link")))
        case 401, 403:
            self = .troubled(
                reason: "the server refuses the token (\(response.status))",
                advice: "make a new token with read:notifications, read:statuses and write:statuses")
        case 429: self = .wait(MastodonPage.pause(response, now: now) ?? .seconds(60))
        case 300..<400, 404, 410, 422:
            self = .troubled(
                reason: "the server answered \(response.status)", advice: "check the server's address of the channel")
        default: self = .interrupted(reason: "the server answered \(response.status)")
        }
    }

    /// Until when nothing more may be asked, if this was the last time.
    static func rest(after response: HTTPResponse, now: Timestamp) -> Duration? {
        response.header("x-ratelimit-remaining") == "0" ? pause(response, now: now) : nil
    }

    private static func pause(_ response: HTTPResponse, now: Timestamp) -> Duration? {
        let seconds = response.header("retry-after").flatMap { Int64($0) }.map {
            Duration.seconds(min(max($0, 0), 3600))
        }
        let reset = response.header("x-ratelimit-reset").flatMap(Timestamp.init(rfc3339:)).map { $0 - now }
        return [seconds, reset].compactMap(\.self).max().map { min(max($0, .seconds(1)), longestPause) }
    }

    /// `<https://…?min_id=ID…>; rel="prev"`: where the next look begins, whatever the elements are.
    static func newest(_ link: String?) -> String? {
        for part in (link ?? "").split(separator: ",") where part.contains("rel=\"prev\"") {
            guard let address = part.split(separator: ">").first, let query = address.split(separator: "?").last else {
                continue
            }
            for pair in query.split(separator: "&") where pair.hasPrefix("min_id=") {
                return String(pair.dropFirst(7))
            }
        }
        return nil
    }
}
