import Foundation
import Synchronization
import Testing
import Transfer
import TransferTesting

@testable import Delivery
@testable import Settings

@Suite("What is said on Telegram") struct TelegramTests {
    private func payload(_ words: ChatWords, to chat: String = "4711") throws -> NSDictionary {
        try #require(
            try JSONSerialization.jsonObject(with: Data(TelegramPayload.message(words, to: chat))) as? NSDictionary)
    }

    @Test("Plain text, without previews, to a number")
    func plain() throws {
        let payload = try payload(ChatWords(text: "Buca *grossa* <b>"), to: "-100123")
        #expect(payload["chat_id"] as? Int == -100_123)
        #expect(payload["text"] as? String == "Buca *grossa* <b>")
        #expect(payload["parse_mode"] == nil && payload["reply_markup"] == nil && payload["reply_parameters"] == nil)
        #expect((payload["link_preview_options"] as? [String: Bool]) == ["is_disabled": true])
    }

    @Test("Buttons one below the other; an address that Telegram refuses has none")
    func buttons() throws {
        let words = ChatWords(
            text: "Presa in carico",
            buttons: [
                .init(title: "Stato", act: .open(url: "https://urp.example.org/t/RM-1?k=2")),
                .init(title: "Qui", act: .open(url: "http://localhost:8060/t/RM-1")),
                .init(title: "Non è risolto", act: .command("reopen:RM-7Q4K2MXD")),
                .init(title: "Lungo", act: .command(String(repeating: "x", count: 65))),
            ])
        let markup = try payload(words)["reply_markup"] as? [String: [[[String: String]]]]
        #expect(
            markup?["inline_keyboard"] == [
                [["text": "Stato", "url": "https://urp.example.org/t/RM-1?k=2"]],
                [["text": "Non è risolto", "callback_data": "reopen:RM-7Q4K2MXD"]],
            ])
    }

    @Test(
        "An answer quotes what it answers, if that was said in the same chat",
        arguments: [
            ("4711:7", 7), ("-1001:7", nil), ("update:9", nil), ("edit:4711:7:1700000000", 7), ("7", nil),
            ("4711:x", nil),
        ] as [(String, Int?)]
    )
    func reply(id: String, number: Int?) throws {
        let parameters = try payload(ChatWords(text: "a", inReplyTo: id))["reply_parameters"] as? NSDictionary
        #expect(parameters?["message_id"] as? Int == number)
    }

    @Test("Never longer than Telegram takes")
    func length() throws {
        let text = try payload(ChatWords(text: String(repeating: "😀 ", count: 3_000)))["text"] as? String
        #expect((text?.utf16.count ?? 0) <= 4096)
    }

    private enum Kind: Equatable { case delivered, again, pause, unreachable, givenUp, stopped, moved, buttons }

    private func kind(_ outcome: TelegramOutcome) -> Kind {
        switch outcome {
        case .moved: .moved
        case .withoutButtons: .buttons
        case .verdict(.delivered): .delivered
        case .verdict(.tryAgain(_, _, let pause)): pause ? .pause : .again
        case .verdict(.unreachable), .verdict(.absent): .unreachable
        case .verdict(.givenUp): .givenUp
        case .verdict(.stopped): .stopped
        case .verdict(.uncertain), .verdict(.held): .again
        }
    }

    @Test(
        "Answers",
        arguments: [
            (200, #"{"ok":true,"result":{"message_id":12,"chat":{"id":4711}}}"#, .delivered), (200, "<html>", .again),
            (400, #"{"ok":false,"description":"Bad Request: chat not found"}"#, .unreachable),
            (400, #"{"ok":false,"description":"Bad Request: message is too long"}"#, .givenUp),
            (400, #"{"description":"Bad Request: BUTTON_URL_INVALID"}"#, .buttons),
            (
                400, #"{"description":"Bad Request: inline keyboard button URL 'https://x.org/t?k=1' is invalid"}"#,
                .buttons
            ),
            (400, #"{"description":"upgraded","parameters":{"migrate_to_chat_id":-1002}}"#, .moved),
            (400, "", .givenUp),
            (401, #"{"ok":false,"description":"Unauthorized"}"#, .stopped), (404, "{}", .stopped), (302, "", .stopped),
            (403, #"{"description":"Forbidden: bot was blocked by the user"}"#, .unreachable),
            (403, #"{"description":"Forbidden: user is deactivated"}"#, .unreachable),
            (429, #"{"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#, .pause),
            (500, "", .again), (502, "<html>", .again), (408, "", .again), (409, "", .givenUp),
        ] as [(Int, String, Kind)])
    private func answers(status: Int, body: String, expected: Kind) {
        #expect(kind(TelegramOutcome(status: status, body: Array(body.utf8))) == expected)
    }

    @Test("The id by which the citizen's answer names it, and the pause that Telegram asks for")
    func details() {
        let sent = #"{"ok":true,"result":{"message_id":12,"chat":{"id":4711,"type":"private"}}}"#
        #expect(TelegramOutcome(status: 200, body: Array(sent.utf8)) == .verdict(.delivered(remoteID: "4711:12")))
        let flood = #"{"ok":false,"description":"Too Many","parameters":{"retry_after":99999}}"#
        guard case .verdict(.tryAgain(_, let after, true)) = TelegramOutcome(status: 429, body: Array(flood.utf8))
        else {
            Issue.record("no pause")
            return
        }
        #expect(after == .seconds(3600))
    }

    @Test("No reason quotes an address or a number")
    func reasons() {
        let body = #"{"description":"Bad Request: wrong 'https://x.org/t?k=geheim' for 393331234567"}"#
        guard case .verdict(.givenUp(let reason)) = TelegramOutcome(status: 400, body: Array(body.utf8)) else {
            Issue.record("not given up")
            return
        }
        #expect(!reason.contains("geheim") && !reason.contains("393331234567"))
    }

    /// The account before a server that gives `answers`, one after the other.
    private func say(_ words: ChatWords, to answers: [(Int, String)]) async throws -> (Verdict, bodies: [String]) {
        let asked = Notes<String>()
        let next = Mutex(0)
        let server = try LoopbackServer { peer, _ in
            while let request = peer.request() {
                asked.add(request.head[0] + " " + String(decoding: request.body, as: UTF8.self))
                let (status, body) = next.withLock { index in
                    defer { index += 1 }
                    return index < answers.count ? answers[index] : (500, "")
                }
                peer.send("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            }
        }
        let client = try TransferClient(label: "test")
        let account = TelegramChatAccount(
            TelegramAccount(
                api: "http://127.0.0.1:\(server.port)", token: Secret("1:geheim"), secret: Secret("s")), client: client)
        let verdict = await account.send(words, to: "4711")
        await account.answer(callback: "q1")
        await client.close()
        return (verdict, asked.all)
    }

    private let done = (200, #"{"ok":true,"result":{"message_id":1,"chat":{"id":4711}}}"#)

    @Test("A refused button is left out, a moved group is followed, once")
    func again() async throws {
        let words = ChatWords(text: "a", buttons: [.init(title: "t", act: .command("new"))])
        let (verdict, asked) = try await say(
            words, to: [(400, #"{"description":"Bad Request: BUTTON_DATA_INVALID"}"#), done])
        #expect(verdict == .delivered(remoteID: "4711:1"))
        #expect(asked.count == 3 && asked[0].contains("reply_markup") && !asked[1].contains("reply_markup"))
        #expect(asked[2].hasPrefix("POST /bot1:geheim/answerCallbackQuery") && asked[2].contains("\"q1\""))
        let moved = (400, #"{"description":"moved","parameters":{"migrate_to_chat_id":-1002}}"#)
        #expect(try await say(words, to: [moved, done]).bodies[1].contains("-1002"))
        guard case .givenUp = try await say(words, to: [moved, moved]).0 else {
            Issue.record("followed for ever")
            return
        }
    }

    @Test("A server that is away is tried again, and no reason has the token")
    func away() async throws {
        let client = try TransferClient(label: "test")
        let port = try LoopbackServer.closedPort()
        let account = TelegramChatAccount(
            TelegramAccount(api: "http://127.0.0.1:\(port)", token: Secret("1:geheim"), secret: Secret("s")),
            client: client)
        guard case .tryAgain(let reason, _, false) = await account.send(ChatWords(text: "a"), to: "1") else {
            Issue.record("not again")
            return
        }
        #expect(!reason.contains("geheim"))
        await client.close()
    }
}

@Suite("Addresses") struct WebAddressTests {
    @Test(
        "Which are public",
        arguments: [
            ("https://urp.comune.example.org/t?k=1", true), ("http://example.org:8443", true),
            ("https://localhost/", false),
            ("https://citta/", false), ("https://10.0.0.1/", false), ("https://router.lan/", false),
            ("https://0x7f.1/", false),
        ])
    func isPublic(url: String, expected: Bool) { #expect(WebAddress(url)?.isPublic == expected) }

    @Test(
        "Which are none",
        arguments: [
            "", "example.org", "ftp://example.org", "https://", "https://a b/", "https://a@b.org/", "https://[::1]/",
            "https://a\\b.org/", "https://exa%6dple.org/", "https://a..b/", "https://a.org:0/", "https://a.org:99999/",
            "https://.a.org/", "https://a.org:80:80/", "https://è.org/",
        ])
    func none(_ url: String) { #expect(WebAddress(url) == nil) }

    @Test("Scheme, host and port") func parts() {
        let address = WebAddress("HTTPS://Example.ORG?x")
        #expect(address?.scheme == "https" && address?.host == "example.org" && address?.port == 443)
    }
}
