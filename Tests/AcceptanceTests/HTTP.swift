import Foundation
import FoundationNetworking

/// A plain HTTP client for tests.
enum HTTP {
    struct Answer: Sendable {
        let status: Int
        let body: Data
        let headers: [String: String]
        var text: String { String(decoding: body, as: UTF8.self) }
        /// A member of the JSON object that the body is, as text.
        func member(_ name: String) -> String? {
            (try? JSONSerialization.jsonObject(with: body) as? [String: Any])?[name].map { "\($0)" }
        }
    }

    private static let session: URLSession = {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpMaximumConnectionsPerHost = 32
        configuration.timeoutIntervalForRequest = 600
        return URLSession(configuration: configuration)
    }()

    static func get(_ url: String, token: String? = nil) async throws -> Answer {
        try await send("GET", url, body: nil, token: token, headers: [:])
    }

    static func post(
        _ url: String, body: Data, token: String? = nil,
        headers: [String: String] = ["Content-Type": "application/json"]
    ) async throws -> Answer {
        try await send("POST", url, body: body, token: token, headers: headers)
    }

    private static func send(
        _ method: String, _ url: String, body: Data?, token: String?, headers: [String: String]
    ) async throws -> Answer {
        guard let address = URL(string: url) else { throw City.Failure("not a URL: \(url)") }
        var request = URLRequest(url: address)
        request.httpMethod = method
        request.httpBody = body
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        return try await withCheckedThrowingContinuation { continuation in
            session.dataTask(with: request) { data, response, error in
                guard let response = response as? HTTPURLResponse else {
                    continuation.resume(throwing: error ?? City.Failure("no answer"))
                    return
                }
                var headers: [String: String] = [:]
                for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
                continuation.resume(
                    returning: Answer(status: response.statusCode, body: data ?? Data(), headers: headers))
            }.resume()
        }
    }
}
