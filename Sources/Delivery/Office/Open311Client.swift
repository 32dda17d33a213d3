import Civic
import Settings
import Transfer

/// The requests to one GeoReport v2 server.
struct Open311Client: Sendable {
    let settings: OfficeOpen311
    let client: TransferClient
    let now: @Sendable () -> Timestamp

    /// GeoReport lets a list of ids stand in one address; longer ones are cut by servers in between.
    static let batch = 50

    func post(_ fields: [(name: String, value: String)]) async throws(TransferError) -> OfficeAnswer {
        try await send(
            HTTPRequest(
                method: "POST", url: address("requests"),
                headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
                body: Open311Request.encoded(fields), timeout: .seconds(30)))
    }

    func token(_ token: String) async throws(TransferError) -> OfficeAnswer {
        try await get("tokens/\(Open311Request.escaped(token))", [])
    }

    func request(_ id: String) async throws(TransferError) -> OfficeAnswer {
        try await get("requests/\(Open311Request.escaped(id))", [])
    }

    func requests(_ ids: [String]) async throws(TransferError) -> OfficeAnswer {
        try await get("requests", [("service_request_id", ids.joined(separator: ","))])
    }

    func services() async throws(TransferError) -> OfficeAnswer { try await get("services", []) }

    /// What a server says when it is asked for the request of our ticket.
    enum Search {
        case found(id: String)
        /// Or the server does not show descriptions, or knows no such question.
        case absent
        /// It may answer later.
        case notNow(reason: String)
    }

    /// The request whose description bears our ticket's mark.
    /// - Parameter since: when we may have made it, at the earliest.
    func search(for code: String, service: String?, since: Timestamp) async throws(TransferError) -> Search {
        // Clocks differ.
        let from = Timestamp(seconds: since.seconds - 600)
        let until = Timestamp(seconds: now().seconds + 600)
        var query = [("start_date", from.rfc3339), ("end_date", until.rfc3339)]
        if let service { query.append(("service_code", service)) }
        let answer = try await get("requests", query)
        if answer.status == 429 || answer.status >= 500 {
            return .notNow(reason: "the office's server answered \(answer.status) when it was asked what it has")
        }
        guard answer.status == 200, let records = Open311Records.read(answer.body) else { return .absent }
        // Others quote codes.
        let id = records.lazy.filter { $0["description"]?.contains(Open311Request.markStart(code)) == true }
            .compactMap { Open311Verdict.usable($0["service_request_id"]) }.first
        return id.map(Search.found) ?? .absent
    }

    private func get(_ path: String, _ query: [(String, String)]) async throws(TransferError) -> OfficeAnswer {
        let own = settings.jurisdiction.map { [("jurisdiction_id", $0)] } ?? []
        let text = (own + query).map { "\($0.0)=\(Open311Request.escaped($0.1))" }.joined(separator: "&")
        return try await send(
            HTTPRequest(
                method: "GET", url: address(path) + (text.isEmpty ? "" : "?" + text), timeout: .seconds(20),
                maximumResponse: 4 << 20))
    }

    private func address(_ path: String) -> String { "\(settings.url)/\(path).\(settings.format.rawValue)" }

    private func send(_ request: HTTPRequest) async throws(TransferError) -> OfficeAnswer {
        var request = request
        request.headers += [("User-Agent", "pasquino"), ("Accept", "application/json, text/xml")]
        return OfficeAnswer(try await client.send(request), now: now())
    }
}
