import Foundation
import Hummingbird
import NIOCore

/// Meta's Graph API for senders, below `/graph`: WhatsApp, Messenger, Instagram (whose accounts' ids begin with 1784).
///
/// Free text is taken within 24 hours of what the citizen wrote (`POST /api/chats/{messenger}/{chat}`). Citizens whose
/// number ends in 0000 are not on WhatsApp; nobody is behind a page's chat that ends so.
struct GraphRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        let gate = ChatGate(desk: desk, messenger: "graph") { try GraphRefusal.fault($0).response() }
        let group = router.group("graph").add(middleware: gate)
        group.post(":version/:id/messages") { request, context in
            try await self.answer(request) { request in
                try await self.send(request, as: try context.parameters.require("id"))
            }
        }
        group.get(":version/:id") { request, context in
            try await self.answer(request) { request in
                try self.media(request, try context.parameters.require("id"))
            }
        }
        router.get("media/:id") { _, context in
            guard let found = self.desk.chats.media(try context.parameters.require("id")) else {
                return try GraphRefusal.unknown.response()
            }
            return Answer.bytes(found.content, type: found.media.type)
        }
    }

    private func answer(
        _ request: Request, _ work: (Request) async throws -> Response
    ) async throws -> Response {
        do {
            guard request.headers[.authorization] == "Bearer \(desk.chatToken)" else { throw GraphRefusal.token }
            return try await work(request)
        } catch let refusal as GraphRefusal {
            return try refusal.response()
        }
    }

    private func send(_ request: Request, as account: String) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)),
            json.object != nil
        else { throw GraphRefusal.parameter("the body is not a JSON object") }
        return try json["messaging_product"] == nil ? sendAsPage(json, account) : sendByWhatsApp(json, account)
    }

    private func sendByWhatsApp(_ json: JSONValue, _ account: String) throws -> Response {
        let message = try WhatsAppMessage(json)
        let key = ChatKey(messenger: "whatsapp", chat: message.to)
        guard !message.to.hasSuffix("0000") else {
            throw GraphRefusal(status: 400, code: 131026, message: "Message undeliverable")
        }
        guard message.template != nil || desk.chats.isOpen(key) else { throw GraphRefusal.late }
        let id = "wamid.\(ULID.make(at: desk.now()))"
        desk.chats.add(
            StoredChat(
                id: id, key: key, account: account, text: message.text, buttons: message.buttons,
                template: message.template, inReplyTo: message.inReplyTo, at: desk.now()))
        return try Answer.json([
            "messaging_product": "whatsapp",
            "contacts": [["input": .string(message.to), "wa_id": .string(message.to)]],
            "messages": [["id": .string(id)]],
        ])
    }

    private func sendAsPage(_ json: JSONValue, _ account: String) throws -> Response {
        let isInstagram = account.hasPrefix("1784")
        let message = try PageMessage(json, isInstagram: isInstagram)
        let key = ChatKey(messenger: isInstagram ? "instagram" : "messenger", chat: message.to)
        guard !message.to.hasSuffix("0000") else {
            throw GraphRefusal(status: 400, code: 100, subcode: 2_018_001, message: "No matching user found")
        }
        guard desk.chats.isOpen(key) else { throw GraphRefusal.outside }
        let id = "m_\(ULID.make(at: desk.now()))"
        desk.chats.add(
            StoredChat(
                id: id, key: key, account: account, text: message.text, buttons: message.buttons, at: desk.now()))
        return try Answer.json(["recipient_id": .string(message.to), "message_id": .string(id)])
    }

    private func media(_ request: Request, _ id: String) throws -> Response {
        guard let (media, _) = desk.chats.media(id) else { throw GraphRefusal.unknown }
        return try Answer.json([
            "messaging_product": "whatsapp", "id": .string(id), "mime_type": .string(media.type),
            "file_size": JSONValue(media.size),
            "url": .string("http://\(request.head.authority ?? "localhost")/media/\(id)"),
        ])
    }
}
