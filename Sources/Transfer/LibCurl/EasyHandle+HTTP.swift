internal import CCurl

extension EasyHandle {
    /// The body goes through the read callback and cannot be rewound, on purpose. libcurl silently repeats a request on
    /// a fresh connection when a kept one dies before an answer, a POST too; a body that was sent and cannot be rewound
    /// turns this into an error (CURLE_SEND_FAIL_REWIND), and the caller decides.
    func prepare(_ request: HTTPRequest) throws(TransferError) {
        try request.check()
        guard let parts = parts(of: request.url), ["http", "https"].contains(parts.scheme) else {
            throw .invalid("not an http or https URL")
        }
        guard !parts.hasUser else { throw .invalid("\(parts.host): the URL holds a user or password") }
        host = parts.host
        isMail = false
        incomingLimit = request.maximumResponse
        outgoing = request.body
        try prepareCommon(
            url: request.url, protocols: "http,https", timeout: request.timeout,
            connectTimeout: request.connectTimeout)
        // One request a connection at a time: what was sent, and what was not, is exact.
        try set(ccurl_set_http_version(pointer, CURL_HTTP_VERSION_1_1))
        try prepareMethod(request)
        try prepareHeaders(request)
    }

    private func prepareMethod(_ request: HTTPRequest) throws(TransferError) {
        if !request.body.isEmpty || !["GET", "HEAD"].contains(request.method) {
            try set(ccurl_set_http_post(pointer, 1))
            try set(ccurl_set_http_body_size(pointer, request.body.count))
        } else if request.method == "HEAD" {
            try set(ccurl_set_http_no_body(pointer, 1))
        } else {
            try set(ccurl_set_http_get(pointer, 1))
        }
        try set(ccurl_set_http_method(pointer, request.method))
        // Without a body nothing stops the silent repetition described above, except never using a kept connection.
        if request.body.isEmpty && !request.isIdempotent { try set(ccurl_set_fresh_connect(pointer, 1)) }
    }

    private func prepareHeaders(_ request: HTTPRequest) throws(TransferError) {
        // `Name:` removes a header libcurl would add by itself: no waiting for "100 Continue", no invented type.
        var list = try appendToList("Expect:")
        if !request.headers.contains(where: { $0.0.lowercased() == "content-type" }) {
            list = try appendToList("Content-Type:")
        }
        for (name, value) in request.headers {
            // `Name;` is libcurl's way to send a header without a value.
            let isBlank = value.utf8.allSatisfy { $0 <= 0x20 }
            list = try appendToList(isBlank ? "\(name);" : "\(name): \(value)")
        }
        try set(ccurl_set_http_headers(pointer, list))
    }
}
