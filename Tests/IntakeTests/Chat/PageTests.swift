import Civic
import Foundation
import TestSupport
import Testing

@testable import Intake
@testable import Settings

@Suite("What Messenger and Instagram tell") struct PageTests {
    private func read(_ events: String, page: String = "1122334455667", list: String = "messaging") throws
        -> [ChatEvent]
    {
        try Meta.read(
            .messenger, #"{"object":"page","entry":[{"id":"\#(page)","time":1458692752478,"\#(list)":[\#(events)]}]}"#)
    }

    private func event(_ content: String, sender: String = "8899") throws -> ChatEvent {
        let head = #""sender":{"id":"\#(sender)"},"recipient":{"id":"1122334455667"},"timestamp":1458692752478"#
        return try #require(try read("{\(head),\(content)}").first)
    }

    private func said(_ content: String) throws -> ChatMessage {
        guard case .message(let message) = try event(#""message":{"mid":"m_1",\#(content)}"#) else {
            Issue.record("not a message: \(content)")
            return ChatMessage(id: "", chat: "", account: "")
        }
        return message
    }

    private func isIgnored(_ event: ChatEvent, _ kind: String) -> Bool {
        if case .ignored(_, kind) = event { true } else { false }
    }

    private func isCommand(_ event: ChatEvent, _ command: ChatCommand) -> Bool {
        if case .command(command, _) = event { true } else { false }
    }

    @Test("words, with who said them and when")
    func text() throws {
        let message = try said(#""text":"C'è una buca","reply_to":{"mid":"m_0"}"#)
        #expect(message.id == "m_1")
        #expect(message.chat == "8899")
        #expect(message.account == "8899")
        #expect(message.phone == nil)
        #expect(message.text == "C'è una buca")
        #expect(message.sentAt == Timestamp(microseconds: 1_458_692_752_478_000))
        #expect(message.fields == ["reply_to": "m_0"])
    }

    @Test("files, places and what is shown beside")
    func attachments() throws {
        let photo = try said(
            #""attachments":[{"type":"image","payload":{"url":"https://scontent.xx.fbcdn.net/v/t1/buca.jpg?oh=1"}}]"#)
        #expect(
            photo.media == [
                ChatMedia(
                    reference: "https://scontent.xx.fbcdn.net/v/t1/buca.jpg?oh=1", name: "buca.jpg", type: "image/jpeg")
            ])
        let thumb = try said(
            #""attachments":[{"type":"image","payload":{"url":"https://a.fbcdn.net/x.png","sticker_id":369239263222822}}]"#
        )
        #expect(thumb.fields["sticker"] == "true")
        let place = try said(
            #""attachments":[{"type":"location","payload":{"coordinates":{"lat":41.9,"long":12.5}}}]"#)
        #expect(place.location?.point == GeoPoint(latitude: 41.9, longitude: 12.5))
        let link = try said(
            #""attachments":[{"type":"fallback","title":"Il Messaggero","payload":{"url":"https://example.org"}}]"#)
        #expect(link.text == "Il Messaggero\nhttps://example.org")
        #expect(link.fields == ["link_title": "Il Messaggero", "link": "https://example.org"])
        let story = try said(
            #""attachments":[{"type":"story_mention","payload":{"url":"https://lookaside.fbsbx.com/1"}}]"#)
        #expect(story.media.count == 1)
        #expect(
            try said(#""text":"a","reply_to":{"story":{"id":"1","url":"https://x"}}"#).fields["link"] == "https://x")
    }

    @Test("our buttons, quick replies and the one that begins")
    func buttons() throws {
        #expect(isCommand(try event(#""postback":{"mid":"m_2","title":"Inizia","payload":"GET_STARTED"}"#), .start))
        #expect(isCommand(try event(#""postback":{"title":"No","payload":"reopen:RM-1"}"#), .reopen("RM-1")))
        #expect(
            isCommand(
                try event(#""message":{"mid":"m_3","text":"Altro","quick_reply":{"payload":"new"}}"#), .new))
        #expect(isCommand(try event(#""message":{"mid":"m_3","text":"STOP"}"#), .stop))
        guard case .message(let other) = try event(#""postback":{"mid":"m_4","title":"Orari","payload":"menu-3"}"#)
        else {
            Issue.record("no message")
            return
        }
        #expect(other.text == "Orari")
        #expect(other.id == "m_4")
    }

    @Test("receipts: each message that is named")
    func receipts() throws {
        let events = try read(
            #"{"sender":{"id":"8899"},"timestamp":1458692752478,"delivery":{"mids":["m_7","m_8"],"watermark":1}}"#)
        #expect(
            events
                == ["m_7", "m_8"].map {
                    .receipt(
                        ChatReceipt(
                            messageID: $0, state: .delivered, at: Timestamp(microseconds: 1_458_692_752_478_000)))
                })
        #expect(isIgnored(try event(#""delivery":{"watermark":1458668856253}"#), "delivered"))
        #expect(isIgnored(try event(#""read":{"watermark":1458668856253}"#), "read"))
        // Instagram names the message.
        if case .receipt(let receipt) = try event(#""read":{"mid":"m_9"}"#) {
            #expect(receipt.messageID == "m_9")
            #expect(receipt.state == .read)
        } else {
            Issue.record("no receipt")
        }
    }

    @Test("editions have ids of their own")
    func edition() throws {
        guard case .edited(let edited) = try event(#""message_edit":{"mid":"m_1","text":"via Po","num_edit":2}"#) else {
            Issue.record("not edited")
            return
        }
        #expect(edited.id == "m_1#2")
        #expect(edited.fields == ["edits": "m_1"])
    }

    @Test(
        "what is not said to the city by a citizen is ignored",
        arguments: [
            (#""message":{"mid":"m_1","is_echo":true,"text":"Grazie"}"#, "echo"),
            (#""message":{"mid":"m_1","is_deleted":true}"#, "deleted"),
            (#""message":{"mid":"m_1","is_unsupported":true}"#, "unsupported"),
            (#""message":{"mid":"m_1"}"#, "message"),
            (#""reaction":{"mid":"m_1","action":"react","emoji":"x"}"#, "reaction"),
            (#""referral":{"ref":"x","source":"SHORTLINK"}"#, "referral"), (#""optin":{"ref":"x"}"#, "optin"),
            (#""pass_thread_control":{"new_owner_app_id":"1"}"#, "pass_thread_control"),
        ])
    func ignored(content: String, kind: String) throws {
        #expect(isIgnored(try event(content), kind))
    }

    @Test("another page's, what another app answers, and a page's posts are ignored")
    func elsewhere() throws {
        let text = #"{"sender":{"id":"8899"},"message":{"mid":"m_1","text":"a"}}"#
        #expect(isIgnored(try #require(try read(text, page: "7").first), "another page"))
        #expect(isIgnored(try #require(try read(text, list: "standby").first), "standby"))
        #expect(isIgnored(try #require(try read(#"{"field":"feed","value":{}}"#, list: "changes").first), "feed"))
        // Instagram's own login.
        let change = try read(#"{"field":"messages","value":\#(text)}"#, list: "changes")
        if case .message(let message) = change.first { #expect(message.text == "a") } else { Issue.record("\(change)") }
        #expect(isIgnored(try event(#""message":{"mid":"m_1","text":"a"}"#, sender: "1122334455667"), "message"))
        #expect(isIgnored(try event(#""message":{"mid":"m_1","text":"a"}"#, sender: "../x"), "message"))
    }

    @Test("the same delivery has the same ids, whatever damage it takes nobody is harmed")
    func damage() throws {
        let bodies: [(Medium, String)] = [
            (
                .messenger,
                #"{"object":"page","entry":[{"id":"1122334455667","messaging":[{"sender":{"id":"8899"},"timestamp":1458692752478,"message":{"mid":"m_1","text":"Buca \u00e8 qui","attachments":[{"type":"location","payload":{"coordinates":{"lat":41.9,"long":12.5}}}]}},{"sender":{"id":"8899"},"delivery":{"mids":["m_7"]}}]}]}"#
            ),
            (
                .whatsapp,
                #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1122334455667"},"contacts":[{"profile":{"name":"Anna"},"wa_id":"393331234567"}],"messages":[{"from":"393331234567","id":"wamid.1","timestamp":"1697043223","type":"image","image":{"id":"7","mime_type":"image/jpeg","caption":"qui"}},{"from":"393331234567","id":"wamid.2","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"new","title":"Sì"}}}],"statuses":[{"id":"wamid.9","status":"failed","timestamp":"1","errors":[{"code":1,"title":"t"}]}]}}]}]}"#
            ),
        ]
        var generator = Dice(6)
        for (medium, body) in bodies {
            let messenger = Meta.messenger(medium)
            #expect(
                try messenger.read(Meta.delivery(Array(body.utf8)))
                    == messenger.read(Meta.delivery(Array(body.utf8))))
            for _ in 0..<3000 {
                var bytes = Array(body.utf8)
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    switch Int.random(in: 0..<4, using: &generator) {
                    case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                    case 1: bytes.remove(at: place)
                    case 2:
                        bytes.insert(
                            contentsOf: Array(#"",{}[]:0e9-"#.utf8).shuffled(using: &generator).prefix(2), at: place)
                    default: bytes.removeSubrange(place..<min(bytes.count, place + 20))
                    }
                }
                do throws(UnreadableDelivery) {
                    #expect(try !messenger.read(Meta.delivery(bytes)).isEmpty)
                } catch {
                    #expect(!error.reason.isEmpty)
                }
            }
        }
    }
}
