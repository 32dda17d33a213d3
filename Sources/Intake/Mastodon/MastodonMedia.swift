import Settings
import Transfer

/// Files of posts. Their addresses are those that the city's own server gives: its own, or those of the store it keeps
/// them in. It passes on files of other servers itself, so no stranger chooses where we knock; an address that leads into
/// a local network is refused all the same, wherever a redirection comes from. The token goes nowhere: the addresses are
/// public to who knows them.
struct MastodonMedia: MediaSource {
    private let server: WebAddress?
    private let client: TransferClient
    private static let hops = 4

    init(_ account: MastodonAccount, client: TransferClient) {
        server = WebAddress(account.server)
        self.client = client
    }

    func fetch(_ media: ChatMedia, limit: Int) async throws(MediaFailure) -> [UInt8] {
        var url = media.reference
        for _ in 0..<MastodonMedia.hops {
            guard MastodonMedia.isAllowed(url, from: server) else {
                throw MediaFailure(reason: "the file's address leads nowhere public", isRetriable: false)
            }
            let response = try await get(url, limit: limit)
            switch response.status {
            case 200: return response.body
            case 301, 302, 303, 307, 308:
                guard let next = response.header("location") else {
                    throw MediaFailure(reason: "a redirection to nowhere", isRetriable: false)
                }
                url = next
            default:
                // 404 while the server still fetches its copy from another one.
                let passes = response.status >= 500 || [404, 408, 429].contains(response.status)
                throw MediaFailure(reason: "the file: the server answered \(response.status)", isRetriable: passes)
            }
        }
        throw MediaFailure(reason: "too many redirections", isRetriable: false)
    }

    private func get(_ url: String, limit: Int) async throws(MediaFailure) -> HTTPResponse {
        do throws(TransferError) {
            return try await client.send(
                HTTPRequest(method: "GET", url: url, timeout: .seconds(120), maximumResponse: max(limit, 1)))
        } catch {
            throw MediaFailure(reason: "the file: \(error.message)", isRetriable: error.isRetriable)
        }
    }

    /// The server that is configured, or any public one by https.
    static func isAllowed(_ url: String, from server: WebAddress?) -> Bool {
        guard let address = WebAddress(url) else { return false }
        return address == server || address.scheme == "https" && address.port == 443 && address.isPublic
    }
}
