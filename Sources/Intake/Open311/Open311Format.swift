import HTTPTypes
import Hummingbird
import NIOCore

/// The end of an address.
enum Open311Format: String, CaseIterable, Sendable {
    case xml, json

    var type: String {
        switch self {
        case .xml: "text/xml; charset=utf-8"
        case .json: "application/json; charset=utf-8"
        }
    }

    /// A part of an address and its format: `strade.buche.json`. Nil without one.
    static func split(_ name: String) -> (name: String, format: Open311Format)? {
        guard let dot = name.lastIndex(of: "."),
            let format = Open311Format(rawValue: name[name.index(after: dot)...].lowercased()), dot > name.startIndex
        else { return nil }
        return (String(name[..<dot]), format)
    }

    func response(_ value: Open311Value, root: String, status: HTTPResponse.Status = .ok) throws -> Response {
        let bytes =
            switch self {
            case .json: value.json.bytes
            case .xml: try value.xml(root: root)
            }
        return Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// Why something is refused; several reasons may be told at once.
struct Open311Failure: Error, Hashable {
    struct Reason: Hashable {
        let code: Int
        /// For the person who runs the sending system; never what a citizen wrote.
        let description: String
    }
    let status: HTTPResponse.Status
    let reasons: [Reason]
    var retryAfter: Int?
    var allow: String?

    init(_ status: HTTPResponse.Status, _ descriptions: [String]) {
        self.status = status
        reasons = descriptions.map { Reason(code: status.code, description: $0) }
    }

    init(_ problem: Problem) {
        self.init(problem.status, [problem.detail])
        retryAfter = problem.retryAfter
        allow = problem.allow
    }

    static func wrong(_ description: String) -> Open311Failure { Open311Failure(.badRequest, [description]) }
    static func unknown(_ description: String) -> Open311Failure { Open311Failure(.notFound, [description]) }
    static let forbidden = Open311Failure(.forbidden, ["api_key: it is missing, or nobody's"])

    func response(_ format: Open311Format) throws -> Response {
        let errors = reasons.map { reason in
            Open311Value.object([("code", .whole(reason.code)), ("description", .text(reason.description))])
        }
        var response = try format.response(.list(of: "error", errors), root: "errors", status: status)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if let allow { response.headers[.allow] = allow }
        return response
    }
}
