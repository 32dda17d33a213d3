import Foundation
import Hummingbird
import NIOCore

/// A Mastodon server with the city's account on it, below `/mastodon`.
///
/// | request | |
/// |---|---|
/// | `GET /mastodon/api/v1/notifications` | `min_id`, `max_id`, `since_id`, `types[]`, `include_filtered`, `limit` |
/// | `POST /mastodon/api/v1/statuses` | 500 characters, `Idempotency-Key` |
/// | `GET /mastodon/media/{file}` | a file of `POST /api/media` |
/// | `POST /api/mastodon/mentions` | a citizen posts: `{"acct", "html", "visibility", "language", "media": [id], "in_reply_to", "bot", "type", "hours_ago"}`, all optional |
/// | `DELETE /api/mastodon/statuses/{id}` | and takes it back |
struct MastodonRoutes {
    let desk: ControlDesk

    struct Refusal: Error {
        let status: Int
        let error: String
    }

    func add(to router: Router<SandboxContext>) {
        let gate = ChatGate(desk: desk, messenger: "mastodon") { status in
            var response = try MastodonRoutes.refused(Refusal(status: status, error: "Asked for"))
            if status == 429, let reset = HeaderName("X-RateLimit-Reset") {
                response.headers[reset] = Answer.time(Date(timeIntervalSinceNow: 1))
            }
            return response
        }
        let group = router.group("mastodon").add(middleware: gate)
        group.get("api/v1/notifications") { request, context in
            try await self.answered { try self.notifications(request) }
        }
        group.post("api/v1/statuses") { request, _ in try await self.answered { try await self.post(request) } }
        group.get("media/:name") { _, context in
            let id = try context.parameters.require("name").prefix { $0 != "." }
            guard let media = desk.chats.media(String(id)) else {
                return try MastodonRoutes.refused(Refusal(status: 404, error: "Record not found"))
            }
            return Answer.bytes(media.content, type: media.media.type)
        }
        router.post("api/mastodon/mentions") { request, _ in try await self.mention(request) }
        router.delete("api/mastodon/statuses/:id") { _, context in
            desk.mastodon.forget(Int(try context.parameters.require("id")) ?? 0)
            return try Answer.json([:])
        }
    }

    private static func refused(_ refusal: Refusal) throws -> Response {
        try Answer.json(["error": .string(refusal.error)], status: refusal.status)
    }

    private func answered(_ work: () async throws -> Response) async throws -> Response {
        do { return try await work() } catch let refusal as Refusal { return try MastodonRoutes.refused(refusal) }
    }

    private func authenticate(_ request: Request) throws {
        guard request.headers[.authorization] == "Bearer \(desk.chatToken)" else {
            throw Refusal(status: 401, error: "The access token is invalid")
        }
    }

    // MARK: Reading

    private func notifications(_ request: Request) throws -> Response {
        try authenticate(request)
        let query = request.uri.queryParameters
        func number(_ name: String) -> Int? { query[Substring(name)].flatMap { Int($0) } }
        let types = Set(query.filter { $0.key == "types[]" }.map { String($0.value) })
        let page = desk.mastodon.page(
            after: number("min_id"), before: number("max_id"), since: number("since_id"), types: types,
            isWhole: query["include_filtered"] == "true", limit: min(max(number("limit") ?? 40, 1), 80))
        var response = try Answer.json(.array(page.map { notification($0.id, $0.mention, $0.status, request) }))
        if let newest = page.first?.id, let oldest = page.last?.id, let link = HeaderName("Link") {
            let address = base(request) + "/api/v1/notifications"
            response.headers[link] =
                "<\(address)?max_id=\(oldest)>; rel=\"next\", <\(address)?min_id=\(newest)>; rel=\"prev\""
        }
        return response
    }

    private func base(_ request: Request) -> String { "http://\(request.head.authority ?? "localhost")/mastodon" }

    private func notification(_ id: Int, _ mention: MastodonMention, _ status: Int, _ request: Request) -> JSONValue {
        let account: JSONValue = [
            "id": "7", "acct": .string(mention.acct), "username": .string(String(mention.acct.prefix { $0 != "@" })),
            "display_name": "Anna", "bot": .bool(mention.isBot),
        ]
        let media = mention.media.map { media -> JSONValue in
            let ending = media.type.split(separator: "/").last.map(String.init) ?? "bin"
            return [
                "id": .string(media.id), "type": .string(media.type.hasPrefix("image/") ? "image" : "video"),
                "url": .string("\(base(request))/media/\(media.id).\(ending)"), "description": .null,
            ]
        }
        let at = JSONValue.string(Answer.time(mention.at))
        return [
            "id": .string("\(id)"), "type": .string(mention.kind), "created_at": at, "account": account,
            "status": [
                "id": .string("\(status)"), "created_at": at, "content": .string(mention.html), "account": account,
                "visibility": .string(mention.visibility), "language": JSONValue(mention.language),
                "in_reply_to_id": JSONValue(mention.inReplyTo), "spoiler_text": "", "edited_at": .null,
                "url": .string("\(base(request))/@citizen/\(status)"), "media_attachments": .array(media),
            ],
        ]
    }

    private func mention(_ request: Request) async throws -> Response {
        let body = try await body(request)
        var mention = MastodonMention()
        mention.acct = body["acct"]?.string ?? mention.acct
        mention.html = body["html"]?.string ?? "<p>@citta C'è una buca</p>"
        mention.visibility = body["visibility"]?.string ?? mention.visibility
        mention.language = body["language"]?.string
        mention.inReplyTo = body["in_reply_to"]?.string
        mention.isBot = body["bot"]?.bool ?? false
        mention.kind = body["type"]?.string ?? mention.kind
        mention.media = (body["media"]?.array ?? []).compactMap { $0.string.flatMap { desk.chats.media($0)?.media } }
        mention.at = desk.now().addingTimeInterval(-3600 * Double(body["hours_ago"]?.integer ?? 0))
        let (notification, status) = desk.mastodon.mention(mention)
        return try Answer.json(
            ["notification": .string("\(notification)"), "status": .string("\(status)")], status: 201)
    }

    private func body(_ request: Request) async throws -> JSONValue {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        return (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView))) ?? [:]
    }

    // MARK: Writing

    private static let visibilities: Set = ["public", "unlisted", "private", "direct"]

    private func post(_ request: Request) async throws -> Response {
        try authenticate(request)
        let body = try await body(request)
        guard let text = body["status"]?.string, text.contains(where: { !$0.isWhitespace }) else {
            throw Refusal(status: 422, error: "Validation failed: Text can't be blank")
        }
        guard MastodonRoutes.length(text) <= 500 else {
            throw Refusal(status: 422, error: "Validation failed: Text character limit of 500 exceeded")
        }
        let visibility = body["visibility"]?.string ?? "public"
        guard MastodonRoutes.visibilities.contains(visibility) else {
            throw Refusal(status: 422, error: "Validation failed: Visibility is not included in the list")
        }
        let answered = body["in_reply_to_id"]?.string
        if let answered, !desk.mastodon.has(Int(answered) ?? 0) {
            throw Refusal(status: 404, error: "The post you are trying to reply to does not appear to exist.")
        }
        let key = HeaderName("Idempotency-Key").flatMap { request.headers[$0] }
        let at = desk.now()
        let (status, isNew) = desk.mastodon.post(key: key) { id in
            [
                "id": .string("\(id)"), "content": .string(text), "visibility": .string(visibility),
                "in_reply_to_id": JSONValue(answered), "created_at": .string(Answer.time(at)),
            ]
        }
        if isNew {
            desk.chats.add(
                StoredChat(
                    id: status["id"]?.string ?? "",
                    key: ChatKey(messenger: "mastodon", chat: MastodonRoutes.mentioned(text) ?? ""), account: "city",
                    text: text, inReplyTo: answered, visibility: visibility, at: at))
        }
        return try Answer.json(status)
    }

    /// The first account that is mentioned.
    private static func mentioned(_ text: String) -> String? {
        text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("@") }.map { String($0.dropFirst()) }
    }

    /// A link counts as 23 characters, and of a name its host does not count.
    private static func length(_ text: String) -> Int {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace).reduce(-1) { sum, word in
            if word.hasPrefix("http://") || word.hasPrefix("https://") { return sum + 1 + 23 }
            guard word.hasPrefix("@") else { return sum + 1 + word.count }
            return sum + 1 + 1 + word.dropFirst().prefix { $0 != "@" }.count
        }
    }
}
