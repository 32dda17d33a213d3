import Civic
import Foundation
import TestSupport
import Testing

@testable import Intake
@testable import Settings

@Suite("What WhatsApp tells") struct WhatsAppTests {
    /// A delivery of these `messages`, `statuses` or whatever else a change holds.
    private func read(_ value: String, number: String = "1122334455667", field: String = "messages") throws
        -> [ChatEvent]
    {
        try Meta.read(
            .whatsapp,
            """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"\(field)","value":{
            "messaging_product":"whatsapp","metadata":{"phone_number_id":"\(number)"},
            "contacts":[{"profile":{"name":"Anna"},"wa_id":"393331234567"}],\(value)}}]}]}
            """)
    }

    private func message(_ content: String) throws -> ChatEvent {
        let head = #""from":"393331234567","id":"wamid.1","timestamp":"1697043223""#
        return try #require(try read(#""messages":[{\#(head),\#(content)}]"#).first)
    }

    private func said(_ content: String) throws -> ChatMessage {
        guard case .message(let message) = try message(content) else {
            Issue.record("not a message: \(content)")
            return ChatMessage(id: "", chat: "", account: "")
        }
        return message
    }

    private static let archive = "webhooks/whatsapp-cloud-updates.tar.xz"

    @Test(
        "recorded deliveries", .enabled(if: SharedData.has(archive), "../shared/data/webhooks is not there"))
    func recorded() throws {
        let files = try SharedData.files(of: Self.archive)
        var events: [String: [ChatEvent]] = [:]
        for (path, bytes) in files where path.hasSuffix(".json") {
            let file = try #require(JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            for (name, update) in file {
                let body = Array(try JSONSerialization.data(withJSONObject: update))
                events[name] = try Meta.messenger(.whatsapp).read(Meta.delivery(body))
            }
        }
        func kind(_ name: String) throws -> String? {
            guard case .ignored(_, let kind) = try #require(events[name]?.first) else { return nil }
            return kind
        }
        func message(_ name: String) throws -> ChatMessage {
            guard case .message(let message) = try #require(events[name]?.first) else {
                Issue.record("\(name) is no message")
                return ChatMessage(id: "", chat: "", account: "")
            }
            return message
        }
        let text = try message("text")
        #expect(text.id == "wamid.xyzxyz")
        #expect(text.chat == "972987654321")
        #expect(text.phone == "+972987654321")
        #expect(text.name == "Test Name")
        #expect(text.text == "Body Text")
        #expect(text.sentAt == Timestamp(seconds: 1_697_043_223))
        #expect(try message("image").media == [ChatMedia(reference: "65463453", type: "image/jpeg")])
        #expect(try message("media_with_url").media.first?.reference == "65463453")
        #expect(try message("video").text == "caption")
        #expect(try message("video").fields["forwarded"] == "true")
        #expect(
            try message("document").media
                == [ChatMedia(reference: "1234567890987654321", name: "filename.pdf", type: "application/pdf")])
        #expect(try message("voice").fields["voice"] == "true")
        #expect(try message("audio").fields["voice"] == nil)
        for name in ["static_sticker", "animated_sticker"] { #expect(try message(name).fields["sticker"] == "true") }
        #expect(
            try message("current_location").location?.point == GeoPoint(latitude: 12.25089, longitude: 43.90539))
        #expect(
            try message("chosen_location").location?.address == "Facebook HQ, 1 Hacker Way, Menlo Park, CA 94025")
        #expect(
            try message("contacts").text
                == "Chandler Bing, +1 555-555-5555\nMonica, +1 666-666-6666\nRachel Green, +1 777-777-7777")
        #expect(try message("order").text == "3 × HAMBURGER\n2 × FRENCH_FRIES\n2 × SODA")
        #expect(try message("reply").fields["reply_to"] == "wamid.xyzxyz==")
        #expect(try message("forwarded_many_times").fields["forwarded"] == "true")
        #expect(try message("referral").fields["link_title"] == "AD_TITLE")
        for name in ["reaction", "unreaction_empty", "unreaction_no_emoji"] { #expect(try kind(name) == "reaction") }
        #expect(try kind("unsupported_with_type") == "unsupported pool")
        #expect(try kind("unsupported") == "unsupported ")
        #expect(try kind("interactive_message_with_err") == "interactive ")
        #expect(try kind("sent") == "sent")
        // Those of another number, in placeholders.
        #expect(try kind("revoke") == "another number")
        #expect(try kind("group") == "another number")
        func receipt(_ name: String) throws -> ChatReceipt? {
            if case .receipt(let receipt) = try #require(events[name]?.first) { receipt } else { nil }
        }
        #expect(
            try receipt("delivered")
                == ChatReceipt(messageID: "wamid.xyzxyz", state: .delivered, at: Timestamp(seconds: 1_698_266_945)))
        #expect(try receipt("read")?.state == .read)
        #expect(try receipt("played")?.state == .read)
        #expect(try receipt("failed")?.state == .failed)
        #expect(try receipt("failed")?.reason == "WhatsApp: User's number is part of an experiment (130472)")
    }

    @Test("our buttons come back as commands, others as what they say")
    func buttons() throws {
        func pressed(_ id: String) throws -> ChatEvent {
            try message(
                #""type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"\#(id)","title":"Sì"}}"#
            )
        }
        guard case .command(.reopen("RM-7Q4K2MXD"), let message) = try pressed("reopen:RM-7Q4K2MXD") else {
            Issue.record("no command")
            return
        }
        #expect(message.text == "Sì")
        if case .command(.new, _) = try pressed("new") {} else { Issue.record("new") }
        if case .command(.status, _) = try pressed("status") {} else { Issue.record("status") }
        if case .message(let message) = try pressed("campaign-7") {
            #expect(message.text == "Sì")
        } else {
            Issue.record("")
        }
        let quick = try self.message(#""type":"button","button":{"payload":"new","text":"Altro"}"#)
        if case .command(.new, let message) = quick { #expect(message.text == "Altro") } else { Issue.record("quick") }
        let row = #""type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"x","title":"Buche"}}"#
        #expect(try said(row).text == "Buche")
        #expect(try Self.isCommand(self.message(#""type":"request_welcome""#), .start))
        #expect(try Self.isCommand(self.message(#""type":"text","text":{"body":" Stop. "}"#), .stop))
        #expect(try said(#""type":"text","text":{"body":"stop alle buche"}"#).text == "stop alle buche")
    }

    private static func isCommand(_ event: ChatEvent, _ command: ChatCommand) -> Bool {
        if case .command(command, _) = event { true } else { false }
    }

    @Test("a form that was filled in brings its fields")
    func form() throws {
        let form = #"{\"via\":\"Tuscolana\",\"civico\":12,\"flow_token\":\"secret\"}"#
        let said = try said(
            #""type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":"\#(form)"}}"#)
        #expect(said.fields == ["via": "Tuscolana", "civico": "12"])
        #expect(said.text == "12\nTuscolana")
    }

    @Test("editions name what they change; what is taken back or changes a number is kept, and no more")
    func changes() throws {
        let edit = try message(
            #""type":"edit","edit":{"original_message_id":"wamid.0","message":{"type":"text","text":{"body":"via Po"}}}"#
        )
        guard case .edited(let edited) = edit else {
            Issue.record("not edited")
            return
        }
        #expect(edited.text == "via Po")
        #expect(edited.id == "wamid.1")
        #expect(edited.fields["edits"] == "wamid.0")
        for (content, kind) in [
            (#""type":"revoke","revoke":{"original_message_id":"wamid.0"}"#, "revoke"),
            (#""type":"system","system":{"type":"user_changed_number","wa_id":"393"}"#, "user_changed_number"),
            (#""type":"text","group_id":"g","text":{"body":"a"}"#, "group"),
            (#""type":"from_the_future","from_the_future":{}"#, "from_the_future"),
            (#""type":"text""#, "text"), (#""type":"image","image":{}"#, "image"),
            (#""type":"location","location":{"latitude":91,"longitude":0}"#, "location"),
        ] {
            guard case .ignored(_, kind) = try message(content) else {
                Issue.record("\(kind): \(try message(content))")
                continue
            }
        }
    }

    @Test("a citizen with a username has no number, and still a chat")
    func username() throws {
        let events = try read(
            #""messages":[{"from_user_id":"IT.13491208655302741918","id":"wamid.2","type":"text","text":{"body":"a"}}]"#
        )
        guard case .message(let message) = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(message.chat == "IT.13491208655302741918")
        #expect(message.phone == nil)
    }

    @Test("a batch: each for itself, in order, and an odd one does not spoil the others")
    func batch() throws {
        let one = #"{"from":"393331234567","id":"wamid.1","type":"text","text":{"body":"uno"}}"#
        let two = #"{"from":"393331234567","id":"wamid.2","type":"text","text":{"body":"due"}}"#
        let odd = #"{"from":7,"id":[],"type":{"a":1},"text":"x"},null,"words",[[]],12e3"#
        let statuses = #""statuses":[{"id":"wamid.9","status":"read","timestamp":"x"},{"status":"read"}]"#
        let events = try read(#""messages":[\#(one),\#(odd),\#(two)],\#(statuses)"#)
        #expect(events.count == 9)
        if case .message(let message) = events[0] { #expect(message.text == "uno") } else { Issue.record("0") }
        if case .message(let message) = events[6] { #expect(message.text == "due") } else { Issue.record("6") }
        #expect(events[7] == .receipt(ChatReceipt(messageID: "wamid.9", state: .read)))
        let ids = events.compactMap { if case .ignored(let id, _) = $0 { id } else { nil } }
        #expect(Set(ids).count == ids.count)
    }

    @Test("as many as Meta sends at once")
    func large() throws {
        let all = (1...1000).map {
            #"{"from":"393331234567","id":"wamid.\#($0)","timestamp":"1697043223","type":"text","text":{"body":"a"}}"#
        }
        let events = try read(#""messages":[\#(all.joined(separator: ","))]"#)
        #expect(events.count == 1000)
    }

    @Test("what is another number's, or no message, is ignored under an id that stays the same")
    func ignored() throws {
        let text = #""messages":[{"from":"393331234567","id":"wamid.1","type":"text","text":{"body":"a"}}]"#
        let first = try read(text, number: "7")
        guard case .ignored(let id, "another number") = first.first else {
            Issue.record("\(first)")
            return
        }
        #expect(id.count == 32)
        #expect(try read(text, number: "7") == first)
        #expect(try read(text, number: "8") != first)
        if case .ignored(_, "account_update") = try read(text, field: "account_update").first {
        } else {
            Issue.record("")
        }
        if case .ignored(_, "errors") = try read(#""errors":[{"code":130429}]"#).first {} else { Issue.record("") }
        let page = try Meta.read(.whatsapp, #"{"object":"page","entry":[]}"#)
        if case .ignored(_, "object page") = page.first {} else { Issue.record("\(page)") }
    }

    @Test("what cannot be understood is said to be so")
    func unreadable() {
        let bodies = [
            "", "{", "[]", "null", "7", #"{"object":"whatsapp_business_account"}"#, #"{"entry":{}}"#, "\u{0}", "{}x",
            String(repeating: "[", count: 100_000),
            #"{"entry":\#(String(repeating: "[", count: 600))\#(String(repeating: "]", count: 600))}"#,
            #"{"entry":[\#(String(repeating: "0,", count: 100_000))0]}"#,
        ]
        for body in bodies {
            #expect(throws: UnreadableDelivery.self, "\(body.prefix(40))") { try Meta.read(.whatsapp, body) }
        }
    }

    @Test("half of a surrogate pair spoils nothing but itself")
    func surrogate() throws {
        let said = try said(#""type":"text","text":{"body":"una buca \ud83d qui \\ud800 \ud83d\ude00"}"#)
        #expect(said.text == "una buca \u{FFFD} qui \\ud800 😀")
    }

    @Test("an id that came as a number stays itself")
    func numbers() throws {
        let numbers = try LooseJSON(Array(#"[9007199254740993, 17841400000000001, 1.5, -3]"#.utf8)).list
        #expect(numbers.map(\.text) == ["9007199254740993", "17841400000000001", nil, "-3"])
        #expect(numbers.map(\.number) == [9007199254740992, 17841400000000000, 1.5, -3])
    }

    @Test("what lies very deep is not looked at")
    func deep() throws {
        let deep = String(repeating: #"{"a":"#, count: 400) + "1" + String(repeating: "}", count: 400)
        #expect(try read(#""messages":[\#(deep)]"#).count == 1)
    }
}
