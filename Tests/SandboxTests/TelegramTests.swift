import Foundation
import Testing

@testable import Sandbox

@Suite("Telegram in the sandbox") struct TelegramTests {
    private func call(_ world: World, _ method: String, _ body: JSONValue) async throws -> (Int, JSONValue?) {
        let answer = try await world.send("POST", "/telegram/bot8070:sandbox-token/\(method)", body, key: nil)
        return (answer?.status ?? 0, answer?.json)
    }

    @Test("Only who wrote may be written to, and not who has blocked the bot")
    func chats() async throws {
        try await World.with { world in
            #expect(try await call(world, "sendMessage", ["chat_id": 4711, "text": "ciao"]).0 == 400)
            _ = try await world.send("POST", "/api/chats/telegram/4711", ["text": "buca"])
            let (status, answer) = try await call(
                world, "sendMessage",
                [
                    "chat_id": 4711, "text": "ciao",
                    "reply_parameters": ["message_id": 7, "allow_sending_without_reply": true],
                    "reply_markup": [
                        "inline_keyboard": [
                            [["text": "Stato", "url": "https://urp.example.org/t"]],
                            [["text": "Nuova", "callback_data": "new"]],
                        ]
                    ],
                ])
            #expect(status == 200 && answer?["result"]?["message_id"] == 1)
            let chats = try await world.json("/api/chats?messenger=telegram&chat=4711")
            #expect(chats.array?.count == 1)
            #expect(chats.array?[0]["id"] == "4711:1" && chats.array?[0]["in_reply_to"] == "7")
            #expect(chats.array?[0]["buttons"]?.array?.map { $0["act"] } == ["https://urp.example.org/t", "new"])
            _ = try await world.send("POST", "/api/telegram", ["blocked": ["4711"]])
            #expect(try await call(world, "sendMessage", ["chat_id": 4711, "text": "ciao"]).0 == 403)
        }
    }

    @Test("Tokens and methods")
    func tokens() async throws {
        try await World.with { world in
            #expect(try await world.send("POST", "/telegram/bot1:falso/getMe", [:])?.status == 401)
            #expect(try await world.send("POST", "/telegram/falso/getMe", [:])?.status == 404)
            #expect(try await world.send("GET", "/telegram/botsandbox-token/getMe")?.status == 200)
            #expect(try await call(world, "sendCarrierPigeon", [:]).0 == 404)
            #expect(try await call(world, "answerCallbackQuery", ["callback_query_id": "q"]).0 == 200)
            #expect(try await world.json("/api/telegram")["answered"] == ["q"])
            _ = try await world.control(["chat": ["fail_next": 1, "status": 429]])
            let (status, answer) = try await call(world, "getMe", [:])
            #expect(status == 429 && answer?["parameters"]?["retry_after"] == 1)
        }
    }

    @Test(
        "What the Bot API refuses",
        arguments: [
            ["chat_id": 1], ["chat_id": 1, "text": " "], ["text": "a"],
            ["chat_id": 1, "text": .string(String(repeating: "😀", count: 2049))],
            ["chat_id": 1, "text": "a", "reply_markup": ["inline_keyboard": [[["text": "t"]]]]],
            [
                "chat_id": 1, "text": "a",
                "reply_markup": ["inline_keyboard": [[["text": "t", "url": "http://localhost:8060/t"]]]],
            ],
            [
                "chat_id": 1, "text": "a",
                "reply_markup": [
                    "inline_keyboard": [[["text": "t", "callback_data": .string(String(repeating: "x", count: 65))]]]
                ],
            ],
        ] as [JSONValue])
    func refusals(_ body: JSONValue) {
        #expect(throws: TelegramRefusal.self) { try TelegramCall(body) }
    }

    @Test("Webhooks: https, four ports, a secret of A-Z a-z 0-9 _ -")
    func webhook() throws {
        #expect(
            try TelegramCall.webhook(["url": "https://x.org:8443/v1/channels/telegram", "secret_token": "Ab_9-"]) != "")
        for (url, secret) in [
            ("http://x.org/", "a"), ("https://x.org:8060/", "a"), ("https://x.org/", "a b"), ("https://x.org/", "è"),
            ("https://x.org/", String(repeating: "a", count: 257)),
        ] {
            #expect(throws: TelegramRefusal.self) {
                try TelegramCall.webhook(["url": .string(url), "secret_token": .string(secret)])
            }
        }
    }

    @Test("Files by getFile")
    func files() async throws {
        try await World.with { world in
            let kept = try await world.send("POST", "/api/media?type=image/jpeg", bytes: [1, 2, 3], key: nil)
            let id = try #require(kept?.json?["id"])
            let told = try await call(world, "getFile", ["file_id": id]).1
            let path = try #require(told?["result"]?["file_path"]?.string)
            #expect(try await world.send("GET", "/telegram/file/botsandbox-token/\(path)")?.body == [1, 2, 3])
            #expect(try await world.send("GET", "/telegram/file/botfalso/\(path)")?.status == 401)
            #expect(try await call(world, "getFile", ["file_id": "x"]).0 == 400)
        }
    }
}

@Suite("Mastodon in the sandbox") struct MastodonTests {
    private func ask(
        _ world: World, _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil,
        token: String = "sandbox-token"
    ) async throws -> HTTPAnswer? {
        let content = try body.map { try JSONEncoder().encode($0) } ?? Data()
        var head = "\(method) /mastodon\(path) HTTP/1.1\r\nHost: localhost:8070\r\nConnection: close\r\n"
        head +=
            "Authorization: Bearer \(token)\r\nContent-Type: application/json\r\nContent-Length: \(content.count)\r\n"
        if let key { head += "Idempotency-Key: \(key)\r\n" }
        return HTTPAnswer(try await Wire.exchange(world.ports.http, Array((head + "\r\n").utf8) + content))
    }

    @Test("Mentions in pages; what is said to the account alone only if it is asked for")
    func notifications() async throws {
        try await World.with { world in
            for number in 1...5 {
                let visibility: JSONValue = number == 5 ? "direct" : "public"
                let told = try await world.send(
                    "POST", "/api/mastodon/mentions", ["html": .string("<p>\(number)</p>"), "visibility": visibility])
                #expect(told?.status == 201)
            }
            func ids(_ query: String) async throws -> [String] {
                let page = try await ask(world, "GET", "/api/v1/notifications?types%5B%5D=mention&\(query)")
                return page?.json?.array?.compactMap { $0["id"]?.string } ?? []
            }
            #expect(try await ids("limit=2") == ["1007", "1005"])
            #expect(try await ids("limit=2&include_filtered=true") == ["1009", "1007"])
            #expect(try await ids("limit=2&min_id=1001") == ["1005", "1003"])
            #expect(try await ids("limit=2&max_id=1005") == ["1003", "1001"])
            #expect(try await ids("min_id=1009&include_filtered=true") == [])
            let page = try await ask(world, "GET", "/api/v1/notifications?limit=1")
            #expect(page?.headers["link"]?.contains("min_id=1007>; rel=\"prev\"") == true)
            #expect(try await ask(world, "GET", "/api/v1/notifications", token: "falso")?.status == 401)
        }
    }

    @Test("Posts: 500 characters, once for each key, and only to what is there")
    func statuses() async throws {
        try await World.with { world in
            let text: JSONValue = ["status": "@anna@example.social ciao", "visibility": "direct"]
            let first = try await ask(world, "POST", "/api/v1/statuses", text, key: "a")
            let again = try await ask(world, "POST", "/api/v1/statuses", text, key: "a")
            #expect(first?.status == 200 && first?.json?["id"] != nil && first?.json?["id"] == again?.json?["id"])
            let chats = try await world.json("/api/chats?messenger=mastodon&chat=anna@example.social")
            #expect(chats.array?.count == 1 && chats.array?[0]["visibility"] == "direct")
            let long = JSONValue.string(String(repeating: "x", count: 501))
            #expect(try await ask(world, "POST", "/api/v1/statuses", ["status": long])?.status == 422)
            #expect(
                try await ask(world, "POST", "/api/v1/statuses", ["status": "a", "in_reply_to_id": "9"])?.status == 404)
            #expect(
                try await ask(world, "POST", "/api/v1/statuses", ["status": "a", "visibility": "odd"])?.status == 422)
            #expect(try await ask(world, "POST", "/api/v1/statuses", ["status": "a"], token: "x")?.status == 401)
            let told = try await world.send("POST", "/api/mastodon/mentions", [:])?.json
            let post = try #require(told?["status"]?.string)
            let answer: JSONValue = ["status": "a", "in_reply_to_id": .string(post)]
            #expect(try await ask(world, "POST", "/api/v1/statuses", answer)?.status == 200)
            _ = try await world.send("DELETE", "/api/mastodon/statuses/\(post)")
            #expect(try await ask(world, "POST", "/api/v1/statuses", answer)?.status == 404)
        }
    }
}
