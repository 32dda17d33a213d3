import Civic
import Foundation
import Synchronization
import Testing
import Transfer
import TransferTesting

@testable import Delivery
@testable import Settings

/// A client that is never asked to send.
struct TransferClientBox {
    let client: TransferClient
    init() throws { client = try TransferClient(label: "test") }
}

@Suite("Accounts against the stand-ins") struct ChatAccountTests {
    private struct Chat: Decodable {
        struct Button: Decodable { let title: String, act: String }
        let id: String, messenger: String, account: String, chat: String, text: String
        let buttons: [Button]
        let template: String?
        let inReplyTo: String?
        enum CodingKeys: String, CodingKey {
            case id, messenger, account, chat, text, buttons, template
            case inReplyTo = "in_reply_to"
        }
    }

    private struct World: Sendable {
        let base: String
        let client: TransferClient

        func post(_ path: String, _ body: String = "{}") async throws {
            let answer = try await client.send(
                HTTPRequest(
                    method: "POST", url: base + path, headers: [("Content-Type", "application/json")],
                    body: Array(body.utf8)))
            #expect(answer.status < 300)
        }

        var chats: [Chat] {
            get async throws {
                let answer = try await client.send(HTTPRequest(method: "GET", url: base + "/api/chats"))
                return try JSONDecoder().decode([Chat].self, from: Data(answer.body))
            }
        }

        func meta(_ medium: Medium, id: String = "1122", template: Bool = true, token: String = "sandbox-token")
            -> MetaChatAccount
        {
            MetaChatAccount(
                MetaAccount(
                    api: base + "/graph/v23.0", id: id, token: Secret(token), appSecrets: [], verifyToken: Secret(""),
                    template: template ? .init(name: "aggiornamento", language: "it") : nil),
                medium: medium, client: client)
        }

        func sms(token: String = "sandbox-token") -> SMSChatAccount {
            SMSChatAccount(
                SMSAccount(
                    api: base + "/twilio/2010-04-01", account: "AC1", token: Secret(token), from: "+393399957711",
                    url: nil),
                callback: "https://c.example/v1/channels/sms", client: client)
        }
    }

    private func withWorld(_ body: @Sendable (World) async throws -> Void) async throws {
        try await withSandbox { ports in
            try await withClient { try await body(World(base: "http://127.0.0.1:\(ports.http)", client: $0)) }
        }
    }

    private func isUnreachable(_ verdict: Verdict) -> Bool { if case .unreachable = verdict { true } else { false } }
    private func isStopped(_ verdict: Verdict) -> Bool { if case .stopped = verdict { true } else { false } }

    private static let words = ChatWords(
        text: "Abbiamo registrato la segnalazione RM-7Q4K2MXD.\nhttps://x.example/t/RM-7Q4K2MXD",
        buttons: [
            .init(title: "Segui la segnalazione", act: .open(url: "https://x.example/t/RM-7Q4K2MXD")),
            .init(title: "Altra segnalazione", act: .command("new")),
        ], code: "RM-7Q4K2MXD", inReplyTo: "wamid.1")

    @Test("WhatsApp: free text within the window, the template beyond it")
    func whatsapp() async throws {
        try await withWorld { world in
            let account = world.meta(.whatsapp)
            #expect(account.window == .seconds(86_400))
            // Nobody wrote yet.
            #expect(isUnreachable(await account.send(Self.words, to: "393331234567")))
            try await world.post("/api/chats/whatsapp/393331234567")
            guard case .delivered(let id?) = await account.send(Self.words, to: "393331234567") else {
                Issue.record("not delivered")
                return
            }
            try await world.post("/api/chats/whatsapp/393331234567", #"{"hours_ago":25}"#)
            #expect(isUnreachable(await account.send(Self.words, to: "393331234567")))
            var late = Self.words
            late.isLate = true
            guard case .delivered = await account.send(late, to: "393331234567") else {
                Issue.record("the template was not taken")
                return
            }
            #expect(isUnreachable(await world.meta(.whatsapp, template: false).send(late, to: "393331234567")))
            let chats = try await world.chats
            #expect(chats.count == 2)
            #expect(chats[0].id == id)
            #expect(chats[0].id.hasPrefix("wamid."))
            #expect(chats[0].messenger == "whatsapp")
            #expect(chats[0].account == "1122")
            #expect(chats[0].text == Self.words.text)
            #expect(chats[0].inReplyTo == "wamid.1")
            #expect(chats[0].buttons.map(\.act) == ["new"])
            #expect(chats[1].template == "aggiornamento")
            #expect(chats[1].text.hasPrefix("RM-7Q4K2MXD\n"))
        }
    }

    @Test("Messenger and Instagram: within the window only")
    func pages() async throws {
        try await withWorld { world in
            for (medium, id) in [(Medium.messenger, "1122"), (.instagram, "17841400000000000")] {
                let account = world.meta(medium, id: id)
                #expect(isUnreachable(await account.send(Self.words, to: "8899")))
                try await world.post("/api/chats/\(medium.rawValue)/8899")
                guard case .delivered(let id?) = await account.send(Self.words, to: "8899"), id.hasPrefix("m_") else {
                    Issue.record("\(medium) not delivered")
                    continue
                }
                var late = Self.words
                late.isLate = true
                #expect(isUnreachable(await account.send(late, to: "8899")))
                #expect(isUnreachable(await account.send(Self.words, to: "990000")))
            }
            let chats = try await world.chats
            #expect(chats.map(\.messenger) == ["messenger", "instagram"])
            #expect(chats[0].buttons.map(\.act) == ["https://x.example/t/RM-7Q4K2MXD", "new"])
        }
    }

    @Test("every text that can be said is one that Meta takes")
    func anyText() async throws {
        try await withWorld { world in
            for medium in [Medium.whatsapp, .messenger, .instagram] {
                try await world.post("/api/chats/\(medium.rawValue)/8899")
                let account = world.meta(medium, id: medium == .instagram ? "1784" : "1")
                for text in ["a", String(repeating: "è", count: 990), String(repeating: "parola\n", count: 2000)] {
                    for buttons in [[], Self.words.buttons, [Self.words.buttons[0]], [Self.words.buttons[1]]] {
                        for isLate in medium == .whatsapp ? [false, true] : [false] {
                            var words = ChatWords(text: text, buttons: buttons, code: "RM-1")
                            words.isLate = isLate
                            let verdict = await account.send(words, to: "8899")
                            guard case .delivered = verdict else {
                                Issue.record("\(medium) \(text.count) \(buttons.count): \(verdict)")
                                continue
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("SMS: sent until the citizen says STOP, and after START")
    func sms() async throws {
        try await withWorld { world in
            let account = world.sms()
            #expect(account.window == nil)
            guard case .delivered(let id?) = await account.send(Self.words, to: "+393331234567") else {
                Issue.record("not delivered")
                return
            }
            #expect(id.hasPrefix("SM"))
            #expect(try await world.chats.last?.text == Self.words.text)
            try await world.post("/api/chats/sms/+393331234567", #"{"text":"Stop"}"#)
            #expect(isUnreachable(await account.send(Self.words, to: "+393331234567")))
            try await world.post("/api/chats/sms/+393331234567", #"{"text":"START"}"#)
            guard case .delivered = await account.send(Self.words, to: "+393331234567") else {
                Issue.record("not delivered after START")
                return
            }
            #expect(isUnreachable(await account.send(Self.words, to: "+39061234567")))
            #expect(isUnreachable(await account.send(Self.words, to: "POSTE_INFO")))
            #expect(isStopped(await world.sms(token: "old").send(Self.words, to: "+393331234567")))
        }
    }

    @Test("what goes wrong on the way: a token, a pause, trouble, no answer")
    func trouble() async throws {
        try await withWorld { world in
            try await world.post("/api/chats/whatsapp/393331234567")
            let accounts: [any ChatAccount] = [world.meta(.whatsapp), world.sms()]
            let chats = ["393331234567", "+393331234567"]
            #expect(isStopped(await world.meta(.whatsapp, token: "old").send(Self.words, to: chats[0])))
            for (account, chat) in zip(accounts, chats) {
                for (mode, pauses) in [("throttle", true), ("broken", false), ("silent", false)] {
                    try await world.post("/control", #"{"chat":{"mode":"\#(mode)"}}"#)
                    guard case .tryAgain(_, _, pauses) = await account.send(Self.words, to: chat) else {
                        Issue.record("\(mode)")
                        continue
                    }
                }
                try await world.post("/control", #"{"chat":{"mode":"normal"}}"#)
            }
            // The answer was lost, the message was not: it will be said twice.
            #expect(try await world.chats.count == 2)
        }
    }
}
