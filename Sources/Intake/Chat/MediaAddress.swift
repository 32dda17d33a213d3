import Foundation

/// Where a messenger's files may be fetched. Addresses come from outside: without this, whoever words a delivery would
/// have the daemon ask servers within the city's network.
struct MediaAddress: Sendable {
    /// The API's own address, with which also the sandbox is reached.
    let api: String
    /// Names of hosts; with a dot before them, also of whatever is below.
    let hosts: [String]

    /// Whether it is https and a host of the messenger's, or has the API's own origin.
    func allows(_ url: String) -> Bool {
        guard url.utf8.count <= 4096, let parts = URLComponents(string: url), parts.user == nil, parts.password == nil,
            let host = parts.host?.lowercased(), !host.isEmpty
        else { return false }
        if let own = URLComponents(string: api), parts.scheme == own.scheme, host == own.host?.lowercased(),
            parts.port == own.port
        {
            return true
        }
        guard parts.scheme == "https", parts.port == nil || parts.port == 443 else { return false }
        return hosts.contains { $0.hasPrefix(".") ? host.hasSuffix($0) || host == $0.dropFirst() : host == $0 }
    }
}
