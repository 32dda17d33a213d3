import Civic

/// What an answer to `GET /messages/{fiscal_code}/{id}` means. App IO's words are open enumerations: one that is not known
/// is no news.
///
/// | answer | verdict |
/// |---|---|
/// | 200, `PROCESSED` | `inInbox` |
/// | 200, `REJECTED`, `FAILED` | `failed` |
/// | 200, `THROTTLED` | `throttled` |
/// | 200, `ACCEPTED`, any other word or none | `pending` |
/// | 404 of App IO itself | `missing` |
/// | 401 | `keyRefused` |
/// | 403 | `anotherServices` |
/// | 408, 429, 5xx, the gateway's 404, no answer, one that cannot be read, any other | `notNow` |
public enum OutcomeVerdict: Hashable, Sendable {
    /// - Parameters:
    ///   - isRead: nil if App IO does not tell.
    ///   - isPaid: nil if App IO does not tell.
    ///   - isAdvanced: sent as a premium message, so that more may be told later.
    case inInbox(isRead: Bool?, isPaid: Bool?, isAdvanced: Bool)
    case failed(reason: String)
    case throttled
    case pending
    /// App IO does not know it, though it gave it its id.
    case missing
    /// The message belongs to another service, or the service may ask nothing.
    case anotherServices
    /// See `AppIOKeys`. Nothing was learnt; messages of other services may be asked for.
    case keyRefused(reason: String)
    /// Nothing was learnt.
    case notNow(reason: String, after: Duration?)

    public init(_ answer: AppIOAnswer, now: Timestamp) {
        switch answer.status {
        case 200:
            guard let body = answer.decoded(Body.self) else {
                self = .notNow(reason: "App IO's word on a message cannot be read", after: nil)
                return
            }
            self = OutcomeVerdict(body)
        case 401: self = .keyRefused(reason: answer.reason)
        case 403: self = .anotherServices
        case 404 where !answer.isFromGateway: self = .missing
        default: self = .notNow(reason: answer.reason, after: answer.retryAfter(now: now))
        }
    }

    public init(_ failure: AppIOFailure) { self = .notNow(reason: failure.message, after: nil) }

    private init(_ body: Body) {
        switch body.status {
        case "PROCESSED":
            let read: [String: Bool] = ["READ": true, "UNREAD": false]
            let paid: [String: Bool] = ["PAID": true, "NOT_PAID": false]
            self = .inInbox(
                isRead: body.readStatus.flatMap { read[$0] }, isPaid: body.paymentStatus.flatMap { paid[$0] },
                isAdvanced: body.featureLevel == "ADVANCED")
        case "REJECTED":
            self = .failed(reason: "App IO rejected it: the citizen has no App IO, or does not accept this service")
        case "FAILED": self = .failed(reason: "App IO failed to bring it to the citizen")
        case "THROTTLED": self = .throttled
        default: self = .pending
        }
    }

    /// Members of other types than expected count as absent.
    private struct Body: Decodable {
        var status: String?
        var readStatus: String?
        var paymentStatus: String?
        var featureLevel: String?

        enum CodingKeys: String, CodingKey {
            case status, message
            case readStatus = "read_status"
            case paymentStatus = "payment_status"
        }
        enum MessageKeys: String, CodingKey { case featureLevel = "feature_level_type" }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            status = try? members.decodeIfPresent(String.self, forKey: .status)
            readStatus = try? members.decodeIfPresent(String.self, forKey: .readStatus)
            paymentStatus = try? members.decodeIfPresent(String.self, forKey: .paymentStatus)
            let message = try? members.nestedContainer(keyedBy: MessageKeys.self, forKey: .message)
            featureLevel = try? message?.decodeIfPresent(String.self, forKey: .featureLevel)
        }
    }
}
