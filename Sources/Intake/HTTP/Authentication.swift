import Crypto

/// How a sender proves itself.
public enum Authentication {
    /// SHA-256, so that comparing takes the same time whatever was sent, and a token need not stay in memory.
    public static func digest(_ token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }

    static func digest(bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

    /// The token of `Authorization: Bearer …` (RFC 6750), or nil.
    public static func bearer(_ header: String?) -> String? {
        guard let header, header.utf8.count <= 4096, header.prefix(7).lowercased() == "bearer " else { return nil }
        let token = header.dropFirst(7).drop { $0 == " " }
        return token.isEmpty ? nil : String(token)
    }

    /// Compares in time that depends on the lengths only.
    public static func equal(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
