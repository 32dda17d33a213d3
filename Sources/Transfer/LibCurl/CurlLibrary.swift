internal import CCurl
internal import Glibc

/// libcurl as a whole: initialised once a process.
enum CurlLibrary {
    /// libcurl's own signal handling is off (CURLOPT_NOSIGNAL: we have threads), so a write to a closed connection
    /// must not end the process.
    static let isReady: Bool = {
        if let previous = signal(SIGPIPE, SIG_IGN), unsafeBitCast(previous, to: Int.self) != 0 {
            signal(SIGPIPE, previous)  // somebody else takes care of it
        }
        return ccurl_global_init() == CURLE_OK
    }()

    static var version: String {
        guard let info = curl_version_info(CURLVERSION_FIRST), let text = info.pointee.version else { return "unknown" }
        return String(cString: text)
    }
}

/// The parts of a URL that may be shown, as libcurl itself reads it.
struct URLParts {
    let scheme: String
    /// `host` or `host:port`.
    let host: String
    let hasUser: Bool
    let hasPath: Bool

    init?(_ url: String) {
        guard let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard curl_url_set(handle, CURLUPART_URL, url, 0) == CURLUE_OK else { return nil }
        func part(_ what: CURLUPart) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, what, &text, 0) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST) else { return nil }
        self.scheme = scheme
        self.host = part(CURLUPART_PORT).map { "\(host):\($0)" } ?? host
        hasUser = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
        hasPath = part(CURLUPART_PATH).map { $0 != "/" } ?? false || part(CURLUPART_QUERY) != nil
    }
}
