import Civic
import Foundation
import HTTPTypes
import Testing
import Transfer
import TransferTesting

@testable import Intake
@testable import Settings

@Suite("The Telegram channel") struct TelegramMessengerTests {
    private static func account(api: String = "https://api.telegram.org") -> TelegramAccount {
        TelegramAccount(api: api, token: Secret("8070:AA-token"), secret: Secret("Geheim_1"))
    }

    private func delivery(_ secret: String?) -> Delivery {
        var headers = HTTPFields()
        if let secret, let name = HTTPField.Name("x-telegram-bot-api-secret-token") { headers[name] = secret }
        return Delivery(url: "", headers: headers, body: [], receivedAt: Rome.monday)
    }

    @Test("The secret proves Telegram; a missing and a forged one do not")
    func secret() throws {
        let messenger = TelegramMessenger(Self.account())
        try messenger.prove(delivery("Geheim_1"))
        for forged in [nil, "", "Geheim_2", "geheim_1", "Geheim_1_", String(repeating: "G", count: 300)] {
            #expect { try messenger.prove(delivery(forged)) } throws: { ($0 as? Problem)?.status == .unauthorized }
        }
        #expect(messenger.medium == .telegram && messenger.answer.body.isEmpty)
    }

    @Test("The configuration opens it")
    func registered() {
        #expect(Messengers.messenger(for: Channel(name: "t", kind: .telegram(Self.account()), token: nil)) != nil)
    }

    @Test(
        "Paths of files",
        arguments: [
            ("photos/file_1.jpg", "photos/file_1.jpg"), ("a b.jpg", "a%20b.jpg"), ("x?y#z", "x%3Fy%23z"), ("/etc", nil),
            ("../x", nil), ("a/../b", nil), ("a//b", nil), ("https://evil.example/x", nil), ("a\\b", nil), ("", nil),
            ("./a", nil), ("a%2e%2e/b", "a%252e%252e/b"),
        ] as [(String, String?)])
    func paths(path: String, safe: String?) {
        #expect(TelegramMedia.safe(path) == safe)
    }

    @Test("A file is fetched by its id, and no failure names the token")
    func media() async throws {
        let asked = Notes<String>()
        let server = try LoopbackServer { peer, _ in
            while let request = peer.request() {
                asked.add(request.head.first ?? "")
                let body = String(decoding: request.body, as: UTF8.self)
                let (status, answer): (Int, String) =
                    if request.head[0].hasPrefix("GET") {
                        (200, "JPEG")
                    } else if body.contains("\"big\"") {
                        (400, #"{"ok":false,"error_code":400,"description":"Bad Request: file is too big"}"#)
                    } else if body.contains("\"odd\"") {
                        (200, #"{"ok":true,"result":{"file_id":"odd","file_path":"../../bot1/x"}}"#)
                    } else if body.contains("\"long\"") {
                        (200, #"{"ok":true,"result":{"file_id":"long","file_path":"a/b","file_size":5000}}"#)
                    } else if body.contains("\"later\"") {
                        (502, "Bad Gateway")
                    } else {
                        (200, #"{"ok":true,"result":{"file_id":"a","file_path":"photos/file_1.jpg","file_size":4}}"#)
                    }
                peer.send("HTTP/1.1 \(status) X\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            }
        }
        let client = try TransferClient(label: "test")
        let source = TelegramMedia(Self.account(api: "http://127.0.0.1:\(server.port)"), client: client)
        #expect(try await source.fetch(ChatMedia(reference: "a"), limit: 1000) == Array("JPEG".utf8))
        #expect(
            asked.all == [
                "POST /bot8070:AA-token/getFile HTTP/1.1", "GET /file/bot8070:AA-token/photos/file_1.jpg HTTP/1.1",
            ])
        for (reference, isRetriable) in [("big", false), ("odd", false), ("long", false), ("later", true)] {
            do {
                _ = try await source.fetch(ChatMedia(reference: reference), limit: 1000)
                Issue.record("\(reference) was fetched")
            } catch {
                #expect(error.isRetriable == isRetriable, "\(error)")
                #expect(!error.reason.contains("AA-token") && !error.reason.contains("8070"))
            }
        }
        await client.close()
    }
}
