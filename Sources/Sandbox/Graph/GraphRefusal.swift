import Hummingbird

/// An error of the Graph API.
struct GraphRefusal: Error, Equatable {
    let status: Int
    let code: Int
    var subcode: Int?
    let message: String

    func response() throws -> Response {
        var error: [String: JSONValue] = [
            "message": .string("(#\(code)) \(message)"), "type": "OAuthException", "code": JSONValue(code),
            "fbtrace_id": "SANDBOX",
        ]
        if let subcode { error["error_subcode"] = JSONValue(subcode) }
        return try Answer.json(["error": .object(error)], status: status)
    }

    static func parameter(_ message: String) -> GraphRefusal {
        GraphRefusal(status: 400, code: 100, message: "Invalid parameter: \(message)")
    }

    static let token = GraphRefusal(status: 401, code: 190, message: "Invalid OAuth access token.")
    static let unknown = GraphRefusal(
        status: 404, code: 100, subcode: 33, message: "Unsupported request. Object does not exist")
    static let late = GraphRefusal(status: 400, code: 131047, message: "Re-engagement message")
    static let outside = GraphRefusal(
        status: 400, code: 10, subcode: 2_018_278, message: "This message is sent outside of allowed window.")

    /// The error of a fault that was asked for.
    static func fault(_ status: Int) -> GraphRefusal {
        switch status {
        case 429: GraphRefusal(status: 429, code: 130429, message: "Rate limit hit")
        case 401: .token
        case 500...: GraphRefusal(status: status, code: 131000, message: "Something went wrong")
        default: GraphRefusal(status: status, code: 100, message: "Invalid parameter")
        }
    }
}
