/// Where an http or https address leads, as far as it tells by itself. Addresses that two programs could read
/// differently (with user, backslash, brackets, escapes in the host) are none.
public struct WebAddress: Hashable, Sendable {
    /// `http` or `https`.
    public let scheme: String
    /// In lower case.
    public let host: String
    public let port: Int

    public init?(_ url: String) {
        let lower = url.lowercased()
        guard let scheme = ["https", "http"].first(where: { lower.hasPrefix("\($0)://") }),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
        else { return nil }
        let authority = lower.dropFirst(scheme.utf8.count + 3).prefix { !"/?#".contains($0) }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let host = parts.first, !host.isEmpty, host.utf8.count <= 253,
            host.utf8.allSatisfy(WebAddress.isHostByte), host.first != ".", host.first != "-", !host.contains("..")
        else { return nil }
        let usual = scheme == "https" ? 443 : 80
        guard let port = parts.count == 1 ? usual : Int(parts[1]), (1...65_535).contains(port) else { return nil }
        self.scheme = scheme
        self.host = String(host)
        self.port = port
    }

    /// The host has a name of the public Internet: not this machine's, not a local network's, no number. Whether the
    /// name leads to a public machine only its DNS knows.
    public var isPublic: Bool {
        let labels = host.split(separator: ".")
        guard labels.count > 1, let last = labels.last else { return false }
        let isNumber = last.allSatisfy(\.isNumber) || last.hasPrefix("0x")
        return !isNumber && !WebAddress.local.contains(String(last))
    }

    private static let local: Set = [
        "localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "test",
        "invalid", "onion",
    ]

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E
    }
}
