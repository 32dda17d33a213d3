import Foundation
import Settings
import Transfer

/// Files that stay with Telegram: `getFile` tells a path, valid for an hour, below which the file lies. A bot may fetch
/// files of up to 20 MB (Bot API, getFile).
///
/// Both addresses hold the bot's token, so nothing here quotes an address.
struct TelegramMedia: MediaSource {
    private let api: String
    private let token: Secret
    private let client: TransferClient

    init(_ account: TelegramAccount, client: TransferClient) {
        api = account.api
        token = account.token
        self.client = client
    }

    func fetch(_ media: ChatMedia, limit: Int) async throws(MediaFailure) -> [UInt8] {
        let question = try? JSONEncoder().encode(["file_id": media.reference])
        let told = try await answer(
            HTTPRequest(
                method: "POST", url: "\(api)/bot\(token.value)/getFile",
                headers: [("Content-Type", "application/json")], body: Array(question ?? Data())), "getFile")
        guard let file = try? JSONDecoder().decode(Answer.self, from: Data(told)).result else {
            throw MediaFailure(reason: "Telegram's answer to getFile cannot be read", isRetriable: true)
        }
        guard (file.size ?? 0) <= limit else {
            throw MediaFailure(reason: "the file has more than \(limit) bytes", isRetriable: false)
        }
        guard let path = file.path.flatMap(TelegramMedia.safe) else {
            throw MediaFailure(reason: "Telegram tells no path that can be used", isRetriable: false)
        }
        return try await answer(
            HTTPRequest(
                method: "GET", url: "\(api)/file/bot\(token.value)/\(path)", timeout: .seconds(120),
                maximumResponse: max(limit, 1)), "the file")
    }

    private struct Answer: Decodable {
        struct File: Decodable {
            let path: String?
            let size: Int?

            init(from decoder: any Decoder) throws {
                let members = try decoder.container(keyedBy: MemberName.self)
                path = members.loose("file_path")
                size = members.loose("file_size")
            }
        }
        let result: File
    }

    private func answer(_ request: HTTPRequest, _ what: String) async throws(MediaFailure) -> [UInt8] {
        let response: HTTPResponse
        do throws(TransferError) {
            response = try await client.send(request)
        } catch {
            throw MediaFailure(reason: "\(what): \(error.message)", isRetriable: error.isRetriable)
        }
        if response.status == 200 { return response.body }
        // 400: the file is too large for bots, or its id is not known. 401: an operator may give the right token.
        let passes = response.status >= 500 || [401, 408, 429].contains(response.status)
        throw MediaFailure(reason: "\(what): Telegram answered \(response.status)", isRetriable: passes)
    }

    /// A relative path that leads nowhere else, percent-encoded; nil for any other.
    static func safe(_ path: String) -> String? {
        let steps = path.split(separator: "/", omittingEmptySubsequences: false)
        guard !path.isEmpty, path.utf8.count <= 1024, !path.contains("://"), !path.contains("\\"),
            steps.allSatisfy({ !$0.isEmpty && $0 != "." && !$0.contains("..") })
        else { return nil }
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
        return path.addingPercentEncoding(withAllowedCharacters: plain)
    }
}
