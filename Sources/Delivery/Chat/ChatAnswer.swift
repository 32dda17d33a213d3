import FoundationEssentials
import Transfer

/// What a messenger's API answered, as far as it matters to every one of them.
struct ChatAnswer: Sendable {
    let status: Int
    /// In which it asks to be left alone. An hour at most: a broken header must not silence a city for days.
    let retryAfter: Duration?
    let body: [UInt8]

    init(status: Int, retryAfter: Duration? = nil, body: [UInt8]) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }

    init(_ response: HTTPResponse) {
        let seconds = response.header("retry-after").flatMap { Int($0) }
        self.init(
            status: response.status, retryAfter: seconds.map { .seconds(min(max($0, 0), 3600)) }, body: response.body)
    }

    func decoded<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(body))  // an unreadable body is a case of its own for every caller
    }

    /// What the status alone says.
    /// - Parameter reason: for the record.
    func verdict(_ reason: String) -> Verdict {
        switch status {
        case 200..<300: .delivered(remoteID: nil)
        case 300..<400, 401, 403, 404: .stopped(reason: reason)
        case 429: .tryAgain(reason: reason, after: retryAfter, pause: true)
        case 400..<500 where status != 408: .givenUp(reason: reason)
        default: .tryAgain(reason: reason, after: retryAfter, pause: false)
        }
    }
}

extension Verdict {
    /// No answer. Where the request may have arrived it is made again all the same: a message in a chat that comes twice
    /// is a nuisance, one that never comes is a loss.
    init(_ error: TransferError) {
        self =
            error.isRetriable || error.requestSent
            ? .tryAgain(reason: error.message, after: nil, pause: false) : .givenUp(reason: error.message)
    }
}
