import Crypto
import Foundation

/// `X-Twilio-Signature`: base64 of HMAC-SHA1 by the account's token.
///
/// | body | signed |
/// |---|---|
/// | a form | the address, then each name and value, sorted, each pair once |
/// | anything else | the address, in whose query `bodySHA256` is the body's SHA-256 in hexadecimal |
///
/// The address is the one that Twilio called. Behind a proxy that is not the one that we see, and whether Twilio writes
/// the port is not consistent: so the address is tried as it stands, without port and with the scheme's own, and with
/// https where we see http.
/// Source: twilio.com/docs/usage/webhooks/webhooks-security; the vectors of twilio-python.
struct TwilioSignature {
    private let key: SymmetricKey

    /// - Returns: nil if the token is empty.
    init?(token: String) {
        guard !token.isEmpty else { return nil }
        key = SymmetricKey(data: Array(token.utf8))
    }

    func accepts(_ header: String, url: String, form: FormBody?, body: [UInt8]) -> Bool {
        guard let given = Data(base64Encoded: header), given.count == Insecure.SHA1.byteCount else { return false }
        if form == nil, !TwilioSignature.names(body, in: url) { return false }
        let signed = TwilioSignature.text(of: form)
        return TwilioSignature.spellings(of: url).contains { url in
            let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array((url + signed).utf8), using: key)
            return Authentication.equal(Array(code), given)
        }
    }

    /// Whether the query has the body's hash.
    private static func names(_ body: [UInt8], in url: String) -> Bool {
        guard let query = url.firstIndex(of: "?").map({ url[url.index(after: $0)...] }),
            let pairs = try? FormBody(urlencoded: query), let text = pairs["bodySHA256"],
            let given = HexDigits.bytes(text, count: SHA256.byteCount)
        else { return false }
        return Authentication.equal(Authentication.digest(bytes: body), given)
    }

    private static func text(of form: FormBody?) -> String {
        var values: [String: Set<String>] = [:]
        for (name, value) in form?.fields ?? [] { values[name, default: []].insert(value) }
        // By code points, as Python sorts; Swift's own order is another.
        func before(_ a: String, _ b: String) -> Bool { a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) }
        return values.keys.sorted(by: before).map { name in
            (values[name] ?? []).sorted(by: before).map { name + $0 }.joined()
        }.joined()
    }

    /// The ways in which the same address may have been written.
    static func spellings(of url: String) -> [String] {
        guard let scheme = url.range(of: "://") else { return [url] }
        let name = url[..<scheme.lowerBound].lowercased()
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let (authority, path) = (rest[..<end], rest[end...])
        // Not the colons of an IPv6 address.
        let port = authority.lastIndex(of: ":").flatMap { colon in
            authority[colon...].dropFirst().allSatisfy(\.isNumber) ? colon : nil
        }
        let host = authority[..<(port ?? authority.endIndex)]
        var all = [url]
        for scheme in name == "https" ? ["https"] : ["http", "https"] {
            all.append("\(scheme)://\(host)\(path)")
            all.append("\(scheme)://\(host):\(scheme == "https" ? 443 : 80)\(path)")
            all.append("\(scheme)://\(authority)\(path)")
        }
        return all
    }
}
