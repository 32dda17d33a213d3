import Civic

/// What the answer to `POST requests` of a GeoReport v2 server means.
///
/// The protocol knows no idempotency: a request that was repeated is a second one. So an answer that was lost is
/// `uncertain`, and before anything is repeated the server is asked whether it has it (`Open311Carrier`).
///
/// | answer | verdict |
/// |---|---|
/// | 2xx with `service_request_id` | `taken` |
/// | 2xx with `token` | `promised`: the id follows |
/// | 2xx with neither | `taken` without an id: such a service (`blackbox`) tells no more |
/// | 401, 403, 405; a redirect | `stopped`: our key or address is wrong |
/// | 408, 429, 500, 503; no connection | `tryAgain` |
/// | 400, 404, any other 4xx | `refused`: this request, with the server's reason |
/// | other 5xx; a 2xx that cannot be read; no answer after the request was sent | `uncertain` |
public enum Open311Verdict: Hashable, Sendable {
    case taken(id: String?)
    case promised(token: String)
    case tryAgain(reason: String, after: Duration?, pause: Bool)
    case refused(reason: String)
    case stopped(reason: String)
    case uncertain(reason: String)

    public init(_ answer: OfficeAnswer) {
        let records = Open311Records.read(answer.body)
        let words = (records ?? []).compactMap { $0["description"] }.prefix(5).joined(separator: "; ")
        let reason =
            "the office's server answered \(answer.status)" + (words.isEmpty ? "" : ": \(Reason.cleaned(words))")
        switch answer.status {
        case 200..<300:
            guard let records else {
                self = .uncertain(reason: reason + ", and what it says cannot be read")
                return
            }
            let record = records.first ?? [:]
            if let id = Self.usable(record["service_request_id"]) {
                self = .taken(id: id)
            } else if let token = Self.usable(record["token"]) {
                self = .promised(token: token)
            } else {
                self = .taken(id: nil)
            }
        case 300..<400, 401, 403, 405: self = .stopped(reason: reason)
        case 408, 429, 500, 503:
            self = .tryAgain(reason: reason, after: answer.retryAfter, pause: answer.status != 500)
        case 400..<500: self = .refused(reason: reason)
        default: self = .uncertain(reason: reason)
        }
    }

    public init(_ failure: OfficeFailure) {
        if failure.requestSent {
            self = .uncertain(reason: "no answer after the request was sent: \(failure.message)")
        } else if failure.isRetriable {
            self = .tryAgain(reason: failure.message, after: nil, pause: true)
        } else {
            self = .stopped(reason: failure.message)
        }
    }

    /// An id that can stand in an address and in a list with commas.
    static func usable(_ id: String?) -> String? {
        guard let id = id.map(PlainText.singleLine), (1...200).contains(id.utf8.count), !id.contains(",") else {
            return nil
        }
        return id
    }
}
