/// One HTTP/1.1 request. Redirects are not followed, and environment proxies are not used.
public struct HTTPRequest: Sendable {
    public var method: String
    /// `http://` or `https://`, percent-encoded, without user and password.
    public var url: String
    /// Sent as they stand. `Content-Length` and `Transfer-Encoding` belong to the client and are refused.
    public var headers: [(String, String)]
    public var body: [UInt8]
    /// From start to end, waiting for a free connection included.
    public var timeout: Duration
    /// Name resolution, TCP and TLS.
    public var connectTimeout: Duration
    /// Bytes of the response's body beyond which the transfer fails with `tooLarge`.
    public var maximumResponse: Int

    public init(
        method: String, url: String, headers: [(String, String)] = [], body: [UInt8] = [],
        timeout: Duration = .seconds(30), connectTimeout: Duration = .seconds(10), maximumResponse: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maximumResponse = maximumResponse
    }

    /// - Throws: `.other` for anything that could be read as a second header or request on the wire.
    func check() throws(TransferError) {
        guard Wire.isToken(method) else { throw .invalid("the HTTP method is not a token") }
        guard !url.isEmpty, url.utf8.allSatisfy(Wire.isVisible) else {
            throw .invalid("the URL is empty, or holds a space or control character")
        }
        for (name, value) in headers {
            guard Wire.isToken(name) else { throw .invalid("a header name is not a token") }
            guard value.utf8.allSatisfy(Wire.isHeaderText) else {
                throw .invalid("header \(name): the value holds a control character")
            }
            guard !Self.framing.contains(name.lowercased()) else {
                throw .invalid("header \(name) is set by the client")
            }
        }
    }

    private static let framing: Set = ["content-length", "transfer-encoding"]

    /// Whether a second, identical request is harmless (RFC 9110, 9.2.2).
    var isIdempotent: Bool { ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"].contains(method) }
}

/// The answer to an `HTTPRequest`, whatever its status.
public struct HTTPResponse: Sendable {
    public let status: Int
    /// In order of arrival; a name may come more than once.
    public let headers: [(String, String)]
    public let body: [UInt8]

    public init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its case.
    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.0.lowercased() == name }?.1
    }
}
