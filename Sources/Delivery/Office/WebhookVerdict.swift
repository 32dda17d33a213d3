import Civic

/// What the answer to a post to an office's system means (Standard Webhooks 1.0).
///
/// Whatever is no success is tried again until the notification's time is over: what is wrong at the other side is
/// mended within days, and nothing of what came meanwhile is lost. The id is the same each time, so that a post that
/// comes twice is known.
///
/// | answer | verdict |
/// |---|---|
/// | 2xx | `delivered` |
/// | 410 | `gone` |
/// | 429, 502, 503, 504; 3xx, 401, 403, 404, 405; no connection | `tryAgain`, the office's line pauses |
/// | any other, no answer | `tryAgain` |
public enum WebhookVerdict: Hashable, Sendable {
    case delivered
    case tryAgain(reason: String, after: Duration?, pause: Bool)
    /// It wants no more posts: none is made there until the configuration changes.
    case gone

    public init(_ answer: OfficeAnswer) {
        let reason = "the office's system answered \(answer.status)"
        switch answer.status {
        case 200..<300: self = .delivered
        case 410: self = .gone
        // Redirects are not followed: an address that leads elsewhere is for an operator to look at.
        case 300..<400: self = .tryAgain(reason: reason + ", a redirect", after: nil, pause: true)
        case 401, 403, 404, 405, 429, 502, 503, 504:
            self = .tryAgain(reason: reason, after: answer.retryAfter, pause: true)
        default: self = .tryAgain(reason: reason, after: answer.retryAfter, pause: false)
        }
    }

    public init(_ failure: OfficeFailure) {
        self = .tryAgain(reason: failure.message, after: nil, pause: !failure.requestSent)
    }
}
