import Civic
import Foundation
import Mail
import TestSupport
import Testing
import Transfer

@testable import Intake

/// Notifications as a Mastodon server writes them.
enum MastodonSamples {
    static func notification(
        _ id: String = "501", kind: String = "mention", acct: String = "anna@example.social",
        html: String = "<p>buca</p>",
        visibility: String = "public", status: String = "109", more: String = "", account: String = "",
        warning: String = "", media: String = "[]", answers: String = "null",
        at: String = "2026-11-23T08:59:00.000Z"
    ) -> [UInt8] {
        let content = (try? JSONEncoder().encode(html)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
        return Array(
            """
            {"id":"\(id)","type":"\(kind)","created_at":"\(at)","account":{"id":"7","acct":"\(acct)",
            "display_name":"Anna R."\(account)},"status":{"id":"\(status)","created_at":"\(at)",
            "content":\(content),"visibility":"\(visibility)","language":"it","in_reply_to_id":\(answers),
            "url":"https://example.social/@anna/\(status)","spoiler_text":"\(warning)","media_attachments":\(media)\(more)}}
            """.utf8)
    }
}

@Suite("Mastodon's notifications") struct MastodonReaderTests {
    private let reader = MastodonReader(host: "social.example.org")

    private func event(_ notification: [UInt8]) throws -> ChatEvent { try reader.read(notification).event }

    @Test("A mention is a message")
    func mention() throws {
        let reading = try reader.read(
            MastodonSamples.notification(
                html: """
                    <p><span class="h-card" translate="no"><a href="https://social.example.org/@citta" \
                    class="u-url mention">@<span>citta</span></a></span> C&apos;è una <strong>buca</strong><br>in via Appia \
                    <a href="https://example.org/lungo" rel="nofollow"><span class="invisible">https://</span>\
                    <span class="ellipsis">example.org/lun</span></a> <a href="https://social.example.org/tags/roma" \
                    class="mention hashtag">#<span>roma</span></a></p><p>Grazie</p>
                    """))
        #expect(reading.id == "501")
        #expect(reading.at == Timestamp(rfc3339: "2026-11-23T08:59:00Z"))
        var expected = ChatMessage(id: "109:public", chat: "anna@example.social", account: "anna@example.social")
        expected.name = "Anna R."
        expected.language = "it"
        expected.sentAt = Timestamp(rfc3339: "2026-11-23T08:59:00Z")
        expected.text = "C'è una buca\nin via Appia https://example.org/lungo #roma\n\nGrazie"
        expected.fields = ["visibility": "public", "url": "https://example.social/@anna/109"]
        #expect(reading.event == .message(expected))
    }

    @Test("An account of the city's own server gets its host")
    func local() throws {
        guard case .message(let said) = try event(MastodonSamples.notification(acct: "anna", visibility: "direct"))
        else {
            Issue.record("no message")
            return
        }
        #expect(said.chat == "anna@social.example.org" && said.id == "109:direct")
    }

    @Test("Pictures, by the addresses that the server gives; what they show; a warning; what is answered")
    func media() throws {
        let notification = MastodonSamples.notification(
            html: "", warning: "Rifiuti",
            media: """
                [{"id":"1","type":"image","url":"https://files.example.org/a.PNG?x=1","description":"Un cumulo"},
                {"id":"2","type":"video","url":"https://social.example.org/media_proxy/2/original"},
                {"id":"3","type":"image","url":null,"remote_url":"http://169.254.169.254/"}]
                """, answers: "\"100\"")
        guard case .message(let said) = try event(notification) else {
            Issue.record("no message")
            return
        }
        #expect(said.text == "Rifiuti")
        #expect(said.fields["reply_to"] == "100" && said.fields["pictures"] == "Un cumulo")
        #expect(
            said.media == [
                ChatMedia(reference: "https://files.example.org/a.PNG?x=1", name: "a.PNG", type: "image/png"),
                ChatMedia(
                    reference: "https://social.example.org/media_proxy/2/original", name: "original", type: "video/mp4"),
            ])
    }

    @Test(
        "Nothing that the city can use is counted by its kind",
        arguments: [
            (MastodonSamples.notification(kind: "follow"), "follow"),
            (MastodonSamples.notification(kind: "admin.sign_up"), "other"),
            (MastodonSamples.notification(account: #","bot":true"#), "mention.bot"),
            (MastodonSamples.notification(html: "<p>@<span>citta</span></p>"), "mention.empty"),
            (MastodonSamples.notification(acct: "anna/../x"), "mention.incomplete"),
            (MastodonSamples.notification(acct: "anna@exa mple"), "mention.incomplete"),
            (Array(#"{"id":"501","type":"mention"}"#.utf8), "mention.incomplete"),
        ])
    func ignored(notification: [UInt8], kind: String) throws {
        #expect(try event(notification) == .ignored(id: "notification:501", kind: kind))
    }

    @Test("An edition names what it changes")
    func update() throws {
        let notification = MastodonSamples.notification(
            kind: "update", more: #","edited_at":"2026-11-23T09:10:00.000Z""#)
        guard case .edited(let said) = try event(notification) else {
            Issue.record("no edition")
            return
        }
        #expect(said.id == "109:public:2026-11-23T09:10:00.000Z" && said.fields["edits"] == "109:public")
    }

    @Test(
        "Without an id nothing can be done", arguments: ["", "[]", "{}", #"{"id":7}"#, #"{"id":"a b"}"#, #"{"id":""}"#])
    func unreadable(_ body: String) {
        #expect(throws: UnreadableDelivery.self) { try reader.read(Array(body.utf8)) }
    }

    @Test("To whom it is said is not what is said")
    func mentions() {
        #expect(MastodonReader.withoutLeadingMentions("@citta @urp@example.org: buca @sindaco") == "buca @sindaco")
        #expect(MastodonReader.withoutLeadingMentions("@ buca") == "@ buca")
        #expect(MastodonReader.withoutLeadingMentions("@citta") == "")
    }

    @Test("Hostile markup is text at worst")
    func markup() {
        #expect(PostText.read("<p>a<script>b</script>") != "")
        #expect(PostText.read(String(repeating: "<div>", count: 5_000) + "x").count < 50_000)
        #expect(PostText.read(#"<a href="javascript:x">qui</a>"#) == "qui")
        #expect(PostText.read("<ul><li>uno</li><li>due</li></ul>") == "- uno\n- due")
        #expect(PostText.read("") == "")
    }

    @Test("Damaged at random, a notification gives an event or is unreadable")
    func damage() {
        var random = Dice(7)
        let whole = MastodonSamples.notification(html: "<p>@<a href=\"x\">c</a> buca</p>")
        for _ in 0..<3_000 {
            var damaged = whole
            for _ in 0..<3 {
                damaged[.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            do { _ = try reader.read(damaged) } catch { #expect(!error.reason.isEmpty) }
        }
    }

    @Test(
        "A list is taken apart into its elements as they stand",
        arguments: [
            ("[]", [] as [String]?), (#" [ {"a":"],}\""} , 2,"x" ] "#, [#"{"a":"],}\""} "#, "2", #""x" "#]),
            ("[[1,2],[3]]", ["[1,2]", "[3]"]), ("{}", nil), ("[", nil), ("[1]]", nil), ("", nil), ("[,]", nil),
            ("[1][2]", nil), ("x[1]", nil), (#"["a]"#, nil),
        ])
    func elements(list: String, expected: [String]?) {
        #expect(JSONElements.split(Array(list.utf8))?.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    @Test(
        "Files come from the server, or by https from a public place",
        arguments: [
            ("http://127.0.0.1:8070/media/1.jpg", true), ("http://127.0.0.1:8071/media/1.jpg", false),
            ("https://files.example.org/a.jpg", true), ("http://files.example.org/a.jpg", false),
            ("https://169.254.169.254/latest", false), ("https://10.0.0.1/", false), ("https://localhost/", false),
            ("https://db.internal/", false), ("https://files.example.org:8443/a", false), ("file:///etc/passwd", false),
            ("https://files.example.org\\@evil/", false), ("https://user@files.example.org/", false),
            ("https://[::1]/", false), ("https://0x7f000001/", false), ("https://2130706433/", false),
        ])
    func guarded(url: String, isAllowed: Bool) {
        #expect(MastodonMedia.isAllowed(url, from: WebAddress("http://127.0.0.1:8070/mastodon")) == isAllowed)
    }
}
