import Transfer

extension MediaFailure {
    init(_ error: TransferError) {
        self.init(reason: error.message, isRetriable: error.kind == .tooLarge ? false : error.isRetriable)
    }

    /// - Parameter who: whose server answered.
    init(status: Int, by who: String) {
        // What an operator can put right (a token) may succeed later; what is gone stays gone.
        let isRetriable = status == 401 || status == 403 || status == 408 || status == 429 || status >= 500
        self.init(reason: "\(who) answered \(status)", isRetriable: isRetriable)
    }
}

extension TransferClient {
    /// - Returns: the answer, whatever its status.
    func get(_ url: String, authorization: String?, limit: Int) async throws(MediaFailure) -> HTTPResponse {
        var headers = [("User-Agent", "pasquino")]
        if let authorization { headers.append(("Authorization", authorization)) }
        do throws(TransferError) {
            return try await send(
                HTTPRequest(method: "GET", url: url, headers: headers, timeout: .seconds(120), maximumResponse: limit))
        } catch {
            throw MediaFailure(error)
        }
    }
}
