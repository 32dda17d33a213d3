import Crypto
import Foundation
import Settings
import Transfer

/// Files of WhatsApp: an id, of which the Graph API tells the address, good for five minutes; both take our token.
/// Files of Messenger and Instagram: an address that proves itself, so the token is not shown there.
struct MetaMedia: MediaSource {
    private let account: MetaAccount
    private let isWhatsApp: Bool
    private let client: TransferClient
    private let addresses: MediaAddress

    init(_ account: MetaAccount, isWhatsApp: Bool, client: TransferClient) {
        self.account = account
        self.isWhatsApp = isWhatsApp
        self.client = client
        addresses = MediaAddress(
            api: account.api, hosts: [".fbsbx.com", ".fbcdn.net", ".whatsapp.net", ".cdninstagram.com"])
    }

    func fetch(_ media: ChatMedia, limit: Int) async throws(MediaFailure) -> [UInt8] {
        guard isWhatsApp else { return try await content(media.reference, authorization: nil, limit: limit) }
        guard MetaWords.isChat(media.reference) else {
            throw MediaFailure(reason: "the file's id is not one of WhatsApp's", isRetriable: false)
        }
        let bearer = "Bearer \(account.token.value)"
        let found = try await client.get("\(account.api)/\(media.reference)", authorization: bearer, limit: 1 << 16)
        guard found.status == 200 else { throw MediaFailure(status: found.status, by: "the Graph API") }
        guard let json = try? LooseJSON(found.body), let url = json["url"].text else {
            throw MediaFailure(reason: "the Graph API's answer cannot be read", isRetriable: true)
        }
        if let size = json["file_size"].integer, size > limit {
            throw MediaFailure(reason: "the file has \(size) bytes", isRetriable: false)
        }
        let content = try await content(url, authorization: bearer, limit: limit)
        guard MetaMedia.isWhole(content, sha256: json["sha256"].text) else {
            throw MediaFailure(reason: "the file's SHA-256 is another one", isRetriable: true)
        }
        return content
    }

    private func content(_ url: String, authorization: String?, limit: Int) async throws(MediaFailure) -> [UInt8] {
        guard addresses.allows(url) else {
            throw MediaFailure(reason: "the file's address is none of Meta's", isRetriable: false)
        }
        let answer = try await client.get(url, authorization: authorization, limit: limit)
        guard answer.status == 200 else { throw MediaFailure(status: answer.status, by: "Meta's file server") }
        return answer.body
    }

    /// Hexadecimal, or base64 as deliveries have it; anything else says nothing.
    static func isWhole(_ content: [UInt8], sha256: String?) -> Bool {
        guard let sha256,
            let expected = HexDigits.bytes(sha256, count: SHA256.byteCount)
                ?? Data(base64Encoded: sha256).map(Array.init),
            expected.count == SHA256.byteCount
        else { return true }
        return Authentication.digest(bytes: content) == expected
    }
}
