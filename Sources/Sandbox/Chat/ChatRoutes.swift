import Foundation
import Hummingbird
import NIOCore

/// What arrived in the chats, and what citizens are made to say and send there.
///
/// | request | |
/// |---|---|
/// | `GET /api/chats?messenger=&chat=&since=&limit=` | what arrived |
/// | `POST /api/chats/{messenger}/{chat}` | the citizen wrote: `{"text", "hours_ago"}`, both optional |
/// | `POST /api/media?type=&name=` | a file, of which the answer has the messenger's id |
struct ChatRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        router.get("api/chats") { request, _ in try self.list(request) }
        router.post("api/chats/:messenger/:chat") { request, context in
            let key = ChatKey(
                messenger: try context.parameters.require("messenger"), chat: try context.parameters.require("chat"))
            return try await self.hear(request, key)
        }
        router.post("api/media") { request, _ in try await self.keep(request) }
    }

    private func list(_ request: Request) throws -> Response {
        let query = Query(request)
        let found = desk.chats.list(
            messenger: query.text("messenger"), chat: query.text("chat"), since: query.since, limit: query.limit)
        return try Answer.json(.array(found.map { json($0.number, $0.chat) }))
    }

    private func json(_ number: Int, _ chat: StoredChat) -> JSONValue {
        let buttons = chat.buttons.map { JSONValue.object(["title": .string($0.title), "act": .string($0.act)]) }
        return [
            "number": JSONValue(number), "id": .string(chat.id), "messenger": .string(chat.key.messenger),
            "account": .string(chat.account), "chat": .string(chat.key.chat), "text": .string(chat.text),
            "buttons": .array(buttons), "template": JSONValue(chat.template),
            "in_reply_to": JSONValue(chat.inReplyTo), "visibility": JSONValue(chat.visibility),
            "at": .string(Answer.time(chat.at)),
        ]
    }

    private func hear(_ request: Request, _ key: ChatKey) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        let said = (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView))) ?? [:]
        let hours = said["hours_ago"]?.integer ?? 0
        desk.chats.hear(
            key, text: said["text"]?.string ?? "", at: desk.now().addingTimeInterval(-3600 * Double(hours)))
        return try Answer.json(["chat": .string(key.chat)])
    }

    private func keep(_ request: Request) async throws -> Response {
        let query = Query(request)
        let bytes = try await request.body.collect(upTo: 32 << 20)
        let media = desk.chats.keep(
            Array(bytes.readableBytesView), type: query.text("type") ?? "image/jpeg", name: query.text("name") ?? "")
        return try Answer.json(["id": .string(media.id)], status: 201)
    }
}
