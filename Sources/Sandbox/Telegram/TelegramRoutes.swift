import Foundation
import Hummingbird
import NIOCore

/// Telegram's Bot API, below `/telegram`: who wrote to the bot (`POST /api/chats/telegram/{chat}`) may be written to.
///
/// | request | |
/// |---|---|
/// | `POST /telegram/bot{token}/sendMessage`, `answerCallbackQuery`, `getFile`, `getMe`, `setWebhook` | as the Bot API |
/// | `GET /telegram/file/bot{token}/{path}` | a file of `POST /api/media` |
/// | `GET /api/telegram` | the webhook, the callback queries that were answered, who has blocked the bot |
/// | `POST /api/telegram` | `{"blocked": ["4711"]}`: these have, and nobody else |
struct TelegramRoutes {
    let desk: ControlDesk

    /// As the real one: a bot may not fetch larger files.
    private static let largestFile = 20 << 20

    func add(to router: Router<SandboxContext>) {
        let gate = ChatGate(desk: desk, messenger: "telegram") { status in
            try TelegramRoutes.refused(
                TelegramRefusal(
                    status: status, description: status == 429 ? "Too Many Requests: retry after 1" : "Asked for",
                    retryAfter: status == 429 ? 1 : nil))
        }
        let group = router.group("telegram").add(middleware: gate)
        for method in [HTTPRequest.Method.post, .get] {
            group.on(":bot/:method", method: method) { request, context in
                do {
                    try self.authenticate(try context.parameters.require("bot"))
                    let name = try context.parameters.require("method")
                    return try Answer.json(["ok": true, "result": try self.call(name, try await self.body(request))])
                } catch let refusal as TelegramRefusal {
                    return try TelegramRoutes.refused(refusal)
                }
            }
        }
        group.get("file/:bot/:kind/:name") { _, context in
            do {
                try self.authenticate(try context.parameters.require("bot"))
                let id = try context.parameters.require("name").prefix { $0 != "." }
                guard let media = desk.chats.media(String(id)) else {
                    throw TelegramRefusal(status: 404, description: "Not Found")
                }
                return Answer.bytes(media.content, type: "application/octet-stream")
            } catch let refusal as TelegramRefusal {
                return try TelegramRoutes.refused(refusal)
            }
        }
        router.get("api/telegram") { _, _ in try Answer.json(desk.telegram.json) }
        router.post("api/telegram") { request, _ in
            let blocked = try await self.body(request)["blocked"]?.array ?? []
            desk.telegram.block(Set(blocked.compactMap(\.string)))
            return try Answer.json(desk.telegram.json)
        }
    }

    private static func refused(_ refusal: TelegramRefusal) throws -> Response {
        try Answer.json(refusal.json, status: refusal.status)
    }

    /// `bot` and the token; the real ones begin with the bot's number and a colon.
    private func authenticate(_ bot: String) throws(TelegramRefusal) {
        guard bot.hasPrefix("bot") else { throw TelegramRefusal(status: 404, description: "Not Found") }
        let token = bot.dropFirst(3).drop(while: \.isNumber).drop { $0 == ":" }
        guard bot.dropFirst(3) == desk.chatToken || token == desk.chatToken else {
            throw TelegramRefusal(status: 401, description: "Unauthorized")
        }
    }

    private func body(_ request: Request) async throws -> JSONValue {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        return (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView))) ?? [:]
    }

    private func call(_ method: String, _ body: JSONValue) throws(TelegramRefusal) -> JSONValue {
        switch method {
        case "getMe":
            return ["id": 8_070, "is_bot": true, "first_name": "Pasquino", "username": "pasquino_sandbox_bot"]
        case "sendMessage": return try send(try TelegramCall(body))
        case "getFile": return try file(body["file_id"]?.string ?? "")
        case "setWebhook":
            desk.telegram.set(webhook: try TelegramCall.webhook(body))
            return true
        case "answerCallbackQuery":
            guard let query = body["callback_query_id"]?.string, !query.isEmpty else {
                throw .bad("query is too old and response timeout expired or query ID is invalid")
            }
            desk.telegram.answer(query)
            return true
        default: throw TelegramRefusal(status: 404, description: "Not Found: method not found")
        }
    }

    private func send(_ call: TelegramCall) throws(TelegramRefusal) -> JSONValue {
        let key = ChatKey(messenger: "telegram", chat: call.chat)
        guard !desk.telegram.isBlocked(call.chat) else {
            throw TelegramRefusal(status: 403, description: "Forbidden: bot was blocked by the user")
        }
        guard desk.chats.heard(key) != nil, let chat = Int(call.chat) else { throw .bad("chat not found") }
        let number = desk.telegram.nextMessage()
        let at = desk.now()
        desk.chats.add(
            StoredChat(
                id: "\(call.chat):\(number)", key: key, account: "bot", text: call.text, buttons: call.buttons,
                inReplyTo: call.inReplyTo, at: at))
        return [
            "message_id": JSONValue(number), "date": JSONValue(Int(at.timeIntervalSince1970)),
            "chat": ["id": JSONValue(chat), "type": "private"], "text": .string(call.text),
            "from": ["id": 8_070, "is_bot": true, "first_name": "Pasquino"],
        ]
    }

    private func file(_ id: String) throws(TelegramRefusal) -> JSONValue {
        guard let (media, _) = desk.chats.media(id) else {
            throw .bad("wrong file_id or the file is temporarily unavailable")
        }
        guard media.size <= TelegramRoutes.largestFile else { throw .bad("file is too big") }
        let ending = media.type.split(separator: "/").last.map(String.init) ?? "bin"
        return [
            "file_id": .string(id), "file_unique_id": .string(id), "file_size": JSONValue(media.size),
            "file_path": .string("\(media.type.hasPrefix("image/") ? "photos" : "documents")/\(id).\(ending)"),
        ]
    }
}
