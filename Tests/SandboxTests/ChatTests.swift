import Foundation
import Testing

@testable import Sandbox

@Suite("Chats of the sandbox")
struct ChatTests {
    private let key = ChatKey(messenger: "whatsapp", chat: "393331234567")

    @Test("what arrived is listed by messenger and chat, and counted")
    func list() async throws {
        let desk = ControlDesk(options: SandboxOptions())
        for number in 1...3 {
            desk.chats.add(
                StoredChat(
                    id: "m\(number)", key: number == 3 ? ChatKey(messenger: "sms", chat: "+39") : key, account: "1",
                    text: "Buongiorno", at: Date()))
        }
        #expect(desk.chats.counts.chats == 3)
        #expect(desk.chats.list(messenger: "whatsapp", chat: nil, since: nil, limit: 9).map(\.chat.id) == ["m1", "m2"])
        #expect(desk.chats.list(messenger: nil, chat: "+39", since: 1, limit: 9).map(\.number) == [3])
        desk.reset()
        #expect(desk.chats.counts.chats == 0)
    }

    @Test("citizens write, and send files")
    func citizens() async throws {
        try await World.with { world in
            let empty = try await world.json("/api/chats")
            #expect(empty == [])
            #expect(try await world.json("/api/counts")["chats"] == 0)
            let said = try await world.send("POST", "/api/chats/sms/+393331234567", ["text": "STOP", "hours_ago": 30])
            #expect(said?.status == 200)
            let kept = try await world.send("POST", "/api/media?type=image/png", bytes: [1, 2], key: nil)
            #expect(kept?.status == 201)
            #expect(kept?.json?["id"]?.string == "900000000000001")
        }
        let store = ChatStore(options: SandboxOptions())
        let media = store.keep([1, 2], type: "image/png", name: "a.png")
        #expect(store.media(media.id)?.content == [1, 2])
        #expect(store.media("1") == nil)
        store.hear(key, text: "ciao", at: Date(timeIntervalSince1970: 1))
        #expect(store.heard(key) == ChatHearing(at: Date(timeIntervalSince1970: 1), text: "ciao"))
    }

    @Test("faults of the messengers: as many failures as asked for, then as the mode says")
    func faults() throws {
        let desk = ControlDesk(options: SandboxOptions())
        try desk.apply(["chat": ["mode": "throttle", "fail_next": 1, "status": 503]])
        #expect(desk.takeChatFailure() == 503)
        #expect(desk.takeChatFailure() == 429)
        try desk.apply(["chat": ["mode": "normal"]])
        #expect(desk.takeChatFailure() == nil)
        #expect(throws: ControlError.self) { try desk.apply(["chat": ["mode": "odd"]]) }
    }
}
