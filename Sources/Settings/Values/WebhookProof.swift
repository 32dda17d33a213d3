/// Where a sender that cannot write `Authorization: Bearer …` puts the token.
public enum TokenPlace: Hashable, Sendable {
    /// A header field that holds nothing else.
    case header(String)
    /// A parameter of the address.
    case query(String)
}

/// HMAC-SHA256 of the body as it came, in a header field: hexadecimal or base64, with or without `sha256=` before it.
public struct BodySignature: Sendable {
    public var header: String
    /// Several while one is changed.
    public var secrets: [Secret]
}
