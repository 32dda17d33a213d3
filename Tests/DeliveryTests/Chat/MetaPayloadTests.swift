import Civic
import Foundation
import Testing
import Transfer

@testable import Delivery
@testable import Settings

@Suite("What is sent to Meta and Twilio") struct MetaPayloadTests {
    private let link = ChatWords.Button(title: "Segui la segnalazione", act: .open(url: "https://x.example/t/RM-1?k=1"))
    private let new = ChatWords.Button(title: "Altra segnalazione molto lunga", act: .command("new"))

    private func whatsapp(_ words: ChatWords, template: (name: String, language: String)? = nil) -> String? {
        MetaPayload.whatsapp(words, to: "393331234567", template: template)?.text
    }

    @Test("WhatsApp: plain words, said to the citizen's last message")
    func text() {
        let words = ChatWords(text: "Grazie", inReplyTo: "wamid.1")
        #expect(
            whatsapp(words)
                == #"{"messaging_product":"whatsapp","recipient_type":"individual","to":"393331234567","context":{"message_id":"wamid.1"},"type":"text","text":{"preview_url":false,"body":"Grazie"}}"#
        )
        #expect(
            MetaPayload.whatsapp(words, to: "IT.1349", template: nil)?.text.contains(#""recipient":"IT.1349""#) == true)
    }

    @Test("WhatsApp: buttons that answer, else one that opens")
    func buttons() {
        let both = whatsapp(ChatWords(text: "Aperta", buttons: [link, new])) ?? ""
        #expect(both.contains(#""type":"button","body":{"text":"Aperta\nhttps://x.example/t/RM-1?k=1"}"#))
        #expect(both.contains(#"{"type":"reply","reply":{"id":"new","title":"Altra segnalazione…"}}"#))
        let named = ChatWords(text: "Aperta: https://x.example/t/RM-1?k=1", buttons: [link, new])
        #expect(whatsapp(named)?.contains(#""body":{"text":"Aperta: https://x.example/t/RM-1?k=1"}"#) == true)
        let open = whatsapp(ChatWords(text: "Aperta", buttons: [link])) ?? ""
        #expect(open.contains(#""type":"cta_url","body":{"text":"Aperta"}"#))
        #expect(open.contains(#""display_text":"Segui la segnalazio…","url":"https://x.example/t/RM-1?k=1""#))
        let four = (1...4).map { ChatWords.Button(title: "Scelta \($0)", act: .command("status")) }
        #expect(whatsapp(ChatWords(text: "a", buttons: four))?.components(separatedBy: #""type":"reply""#).count == 4)
        let alike = [new, ChatWords.Button(title: "Altra segnalazione molto diversa", act: .command("status"))]
        #expect(whatsapp(ChatWords(text: "a", buttons: alike))?.components(separatedBy: #""type":"reply""#).count == 2)
    }

    @Test("WhatsApp: a text too long for buttons goes without them, and keeps its link")
    func longText() {
        let long = String(repeating: "parola ", count: 200)
        let sent = whatsapp(ChatWords(text: long, buttons: [link, new])) ?? ""
        #expect(sent.contains(#""type":"text""#))
        #expect(sent.contains(#"\nhttps://x.example/t/RM-1?k=1"}"#))
    }

    @Test("WhatsApp, later than 24 hours: the template, its places on one line each; without one nothing")
    func late() {
        var words = ChatWords(
            text: "Risolta.\n\nNota:\tfatto     tutto\nhttps://x.example", buttons: [new], code: "RM-1")
        words.isLate = true
        words.inReplyTo = "wamid.1"
        #expect(whatsapp(words) == nil)
        let sent = whatsapp(words, template: ("aggiornamento", "it")) ?? ""
        #expect(
            sent.hasSuffix(
                #""type":"template","template":{"name":"aggiornamento","language":{"code":"it"},"components":[{"type":"body","parameters":[{"type":"text","text":"RM-1"},{"type":"text","text":"Risolta. Nota: fatto tutto https://x.example"}]}]}}"#
            ))
        let long = MetaPayload.place(String(repeating: "à ", count: 900) + "\nhttps://x.example")
        #expect(long.utf16.count <= 800)
        #expect(long.hasSuffix("https://x.example"))
        #expect(MetaPayload.place(" \n ") == "-")
    }

    private func page(_ words: ChatWords, isInstagram: Bool = false) -> String {
        MetaPayload.page(words, to: "8899", isInstagram: isInstagram).text
    }

    @Test("Messenger: buttons of both kinds, else quick replies and the link in the text")
    func pages() {
        let both = page(ChatWords(text: "Aperta", buttons: [link, new]))
        #expect(both.hasPrefix(#"{"recipient":{"id":"8899"},"messaging_type":"RESPONSE","message":{"attachment":"#))
        #expect(both.contains(#"{"type":"web_url","url":"https://x.example/t/RM-1?k=1","title":"Segui la segna"#))
        #expect(both.contains(#"{"type":"postback","payload":"new","title":"Altra segnalazione…"}"#))
        let long = page(ChatWords(text: String(repeating: "a", count: 700), buttons: [link, new]))
        #expect(long.contains(#"\nhttps://x.example/t/RM-1?k=1","quick_replies":[{"content_type":"text","#))
        let plain = ChatWords.Button(title: "Stato", act: .open(url: "http://localhost/t"))
        #expect(page(ChatWords(text: "a", buttons: [plain])).contains(#""message":{"text":"a\nhttp://localhost/t"}"#))
    }

    @Test("Instagram counts bytes")
    func bytes() throws {
        let text = String(repeating: "à", count: 900) + "\nhttps://x.example"
        let sent = page(ChatWords(text: text), isInstagram: true)
        let json = try #require(JSONSerialization.jsonObject(with: Data(sent.utf8)) as? [String: Any])
        let words = try #require((json["message"] as? [String: Any])?["text"] as? String)
        #expect((990...1000).contains(words.utf8.count))
        #expect(words.hasSuffix("…\nhttps://x.example"))
    }

    @Test("what is too long is shortened before its last line, whatever it is made of")
    func shortened() {
        #expect(ChatText.shortened("breve", toUTF16: 5) == "breve")
        #expect(ChatText.shortened("parola\nfine", toUTF16: 9) == "par…\nfine")
        #expect(ChatText.shortened("una riga sola", toUTF16: 5) == "una …")
        #expect(ChatText.shortened("a\n" + String(repeating: "b", count: 50), toUTF16: 10).utf16.count <= 10)
        #expect(ChatText.shortened(String(repeating: "👨‍👩‍👧‍👦", count: 9), toUTF16: 13) == "👨‍👩‍👧‍👦…")
    }

    @Test("SMS: a form, with the link below the text")
    func sms() throws {
        let client = try TransferClientBox().client
        var account = SMSAccount(api: "", account: "AC1", token: Secret("t"), from: "+393399957711", url: nil)
        let words = ChatWords(text: "Città & co.", buttons: [link, new])
        #expect(
            SMSChatAccount(account, callback: "https://c.example/v1/channels/sms", client: client)
                .form(words, to: "+393331234567")
                == "To=%2B393331234567&From=%2B393399957711&Body=Citt%C3%A0%20%26%20co.%0Ahttps%3A%2F%2Fx.example%2Ft%2FRM-1%3Fk%3D1"
                + "&StatusCallback=https%3A%2F%2Fc.example%2Fv1%2Fchannels%2Fsms")
        account.from = "MG1"
        #expect(
            SMSChatAccount(account, callback: nil, client: client).form(ChatWords(text: "a"), to: "+39333")
                == "To=%2B39333&MessagingServiceSid=MG1&Body=a")
        account.from = "+393399957711"
        #expect(
            SMSChatAccount(account, callback: nil, client: client).form(ChatWords(text: "a"), to: "whatsapp:+39333")
                == "To=whatsapp%3A%2B39333&From=whatsapp%3A%2B393399957711&Body=a")
    }
}
