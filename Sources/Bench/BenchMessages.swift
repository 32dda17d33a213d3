import Foundation

/// The messages of a bench, as whole HTTP requests. Ids and senders differ, so that every message is a new one.
public enum BenchMessages {
    /// - Parameters:
    ///   - bodies: JSON objects as the webhook takes them; `id` is replaced, and `from` filled in where it is missing.
    ///   - count: how many to make of them, going round.
    public static func requests(bodies: [Data], count: Int, channel: String, token: String, run: String) throws
        -> [[UInt8]]
    {
        guard !bodies.isEmpty else { return [] }
        let parsed = try bodies.map { body -> [String: Any] in
            guard let object = try JSONSerialization.jsonObject(with: body) as? [String: Any] else {
                throw NotAnObject()
            }
            return object
        }
        return try (0..<count).map { index in
            var message = parsed[index % parsed.count]
            message["id"] = "\(run)-\(index)"
            if message["from"] == nil { message["from"] = ["email": "p\(index)@example.org"] }
            let body = try JSONSerialization.data(withJSONObject: message)
            let head =
                "POST /v1/channels/\(channel)/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
            return Array(head.utf8) + body
        }
    }

    public struct NotAnObject: Error, CustomStringConvertible {
        public var description: String { "a message of the input is not a JSON object" }
    }
}
