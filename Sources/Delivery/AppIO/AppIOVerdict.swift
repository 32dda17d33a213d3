import Civic

/// An App IO request that got no answer.
public struct AppIOFailure: Hashable, Sendable {
    /// Whether the request may have reached App IO.
    public let requestSent: Bool
    public let isRetriable: Bool
    /// One line without anything personal.
    public let message: String
    public init(requestSent: Bool, isRetriable: Bool, message: String) {
        self.requestSent = requestSent
        self.isRetriable = isRetriable
        self.message = message
    }
}

/// What an answer to `POST /profiles` means.
///
/// | answer | verdict |
/// |---|---|
/// | 200, `sender_allowed` | `send` |
/// | 200, not `sender_allowed`; 404 | `notReachable` |
/// | 401 | `keyRefused` |
/// | 403; a redirection; the gateway's own 404 | `stopped` |
/// | 429 | `tryAgain`, the whole account pauses |
/// | 408, 5xx, no answer, an answer that cannot be read | `tryAgain` |
/// | any other | `givenUp` |
public enum ProfileVerdict: Hashable, Sendable {
    /// The languages that the citizen prefers, ISO 639-1, best first.
    case send(languages: [String])
    /// The citizen does not have the app, or does not want our messages.
    case notReachable(reason: String)
    case tryAgain(reason: String, after: Duration?, pauseAccount: Bool)
    /// See `AppIOKeys`.
    case keyRefused(reason: String)
    /// Our side is wrong: the service is not enabled, the address is wrong. Says nothing about the citizen.
    case stopped(reason: String)
    case givenUp(reason: String)

    public init(_ answer: AppIOAnswer, now: Timestamp) {
        switch answer.status {
        case 200:
            guard let profile = answer.decoded(Profile.self) else {
                self = .tryAgain(reason: "App IO's profile cannot be read", after: nil, pauseAccount: false)
                return
            }
            self =
                profile.senderAllowed
                ? .send(languages: profile.languages)
                : .notReachable(reason: "the citizen does not accept messages of this service")
        case 404 where !answer.isFromGateway: self = .notReachable(reason: "the citizen is not on App IO")
        default:
            switch Refusal(answer, now: now) {
            case .tryAgain(let reason, let after, let pause):
                self = .tryAgain(reason: reason, after: after, pauseAccount: pause)
            case .keyRefused(let reason): self = .keyRefused(reason: reason)
            case .stopped(let reason): self = .stopped(reason: reason)
            case .givenUp(let reason): self = .givenUp(reason: reason)
            }
        }
    }

    /// A profile can be asked for again whatever became of the first request.
    public init(_ failure: AppIOFailure) {
        self =
            failure.isRetriable
            ? .tryAgain(reason: failure.message, after: nil, pauseAccount: false) : .givenUp(reason: failure.message)
    }

    private struct Profile: Decodable {
        let senderAllowed: Bool
        let preferredLanguages: [String]?

        enum CodingKeys: String, CodingKey {
            case senderAllowed = "sender_allowed"
            case preferredLanguages = "preferred_languages"
        }

        /// `it_IT` is `it`; the list is open, so anything unknown passes.
        var languages: [String] {
            (preferredLanguages ?? []).compactMap { code in
                let language = code.prefix { $0 != "_" && $0 != "-" }.lowercased()
                return language.utf8.count == 2 && language.utf8.allSatisfy { (0x61...0x7A).contains($0) }
                    ? language : nil
            }
        }
    }
}

/// What an answer to `POST /messages` means.
///
/// App IO knows no idempotency key: every request is a new message. So a request whose answer was lost is `uncertain`,
/// and so is a 504, with which the gateway says that it lost the answer.
///
/// | answer | verdict |
/// |---|---|
/// | 201 (200, 202) | `accepted` |
/// | 401 | `keyRefused` |
/// | 403; a redirection; the gateway's own 404 | `stopped` |
/// | 404 | `notReachable` |
/// | 429 | `tryAgain`, the whole account pauses |
/// | 408, 5xx but 504; no answer, nothing sent | `tryAgain` |
/// | 504; no answer after the request was sent | `uncertain` |
/// | 400, any other | `givenUp` |
public enum MessageVerdict: Hashable, Sendable {
    /// App IO's id (a ULID), if the answer held one: the message is accepted without it as well.
    case accepted(id: String?)
    case tryAgain(reason: String, after: Duration?, pauseAccount: Bool)
    /// The citizen may have got the message: repeating it may tell them twice.
    case uncertain(reason: String)
    case keyRefused(reason: String)
    case stopped(reason: String)
    case givenUp(reason: String)
    case notReachable(reason: String)

    public init(_ answer: AppIOAnswer, now: Timestamp) {
        switch answer.status {
        case 200...202: self = .accepted(id: answer.decoded(Created.self).flatMap(\.usableID))
        case 404 where !answer.isFromGateway: self = .notReachable(reason: answer.reason)
        case 504: self = .uncertain(reason: answer.reason)
        default:
            switch Refusal(answer, now: now) {
            case .tryAgain(let reason, let after, let pause):
                self = .tryAgain(reason: reason, after: after, pauseAccount: pause)
            case .keyRefused(let reason): self = .keyRefused(reason: reason)
            case .stopped(let reason): self = .stopped(reason: reason)
            case .givenUp(let reason): self = .givenUp(reason: reason)
            }
        }
    }

    public init(_ failure: AppIOFailure) {
        if failure.requestSent {
            self = .uncertain(reason: "no answer after the request was sent: \(failure.message)")
        } else if failure.isRetriable {
            self = .tryAgain(reason: failure.message, after: nil, pauseAccount: false)
        } else {
            self = .givenUp(reason: failure.message)
        }
    }

    private struct Created: Decodable {
        let id: String

        var usableID: String? {
            let isPlain = id.utf8.allSatisfy {
                ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A || (0x30...0x39).contains($0)
            }
            return isPlain && (1...64).contains(id.utf8.count) ? id : nil
        }
    }
}

/// What both requests have in common: the answers that are not about the citizen.
private enum Refusal {
    case tryAgain(reason: String, after: Duration?, pauseAccount: Bool)
    case keyRefused(reason: String)
    case stopped(reason: String)
    case givenUp(reason: String)

    init(_ answer: AppIOAnswer, now: Timestamp) {
        let reason = answer.reason
        switch answer.status {
        case 401: self = .keyRefused(reason: reason)
        case 300..<400, 403, 404: self = .stopped(reason: reason)
        case 429: self = .tryAgain(reason: reason, after: answer.retryAfter(now: now), pauseAccount: true)
        case 400..<500 where answer.status != 408: self = .givenUp(reason: reason)
        // 5xx, and what is no answer at all: 1xx, a 2xx that does not belong here.
        default: self = .tryAgain(reason: reason, after: answer.retryAfter(now: now), pauseAccount: false)
        }
    }
}
