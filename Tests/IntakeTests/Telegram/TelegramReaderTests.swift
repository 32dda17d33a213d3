import Civic
import Foundation
import TestSupport
import Testing

@testable import Intake

@Suite("Telegram's updates") struct TelegramReaderTests {
    private typealias Samples = TelegramSamples

    // MARK: Recorded

    @Test(
        "Every recorded update is read without an error", .enabled(if: SharedData.has(TelegramSamples.archive)))
    func recorded() throws {
        #expect(Samples.recorded.count >= 54)
        for (name, update) in Samples.recorded {
            let events = try Samples.events(update)
            #expect(!events.isEmpty, "\(name)")
            for case .ignored(let id, let kind) in events {
                #expect(
                    id.hasPrefix("update:") && !kind.isEmpty && kind.hasSuffix("other") == false, "\(name): \(kind)")
            }
        }
    }

    @Test(
        "What recorded updates come to", .enabled(if: SharedData.has(TelegramSamples.archive)),
        arguments: [
            ("text", "message"), ("message", "message"), ("food", "message"), ("animation", "message"),
            ("document", "message"), ("video", "message"), ("voice", "message"), ("venue", "message"),
            ("checklist", "message"), ("message_forward_origin", "message"), ("edited_message", "edited"),
            ("command_tag_valid", "help"), ("dice", "message.dice"), ("game", "message.game"),
            ("message_poll", "message.poll"), ("pinned_message", "message.pinned_message"),
            ("message_general_topic", "message.supergroup"), ("message_different_topic_reply", "message.supergroup"),
            ("rich_message", "message.bot"), ("story", "message.story"), ("channel_post", "channel_post"),
            ("business_message", "business_message"), ("guest_message", "guest_message"),
            ("callback_query_without_message", "callback_query"), ("inline_query", "inline_query"),
            ("subscription", "subscription"), ("message_reaction_count", "message_reaction_count"),
            ("chat_join_request", "chat_join_request"), ("migrate_from_chat_id", "message.migrate_from_chat_id"),
        ])
    func outcome(name: String, expected: String) throws {
        let update = try #require(Samples.recorded[name])
        let event = try #require(try Samples.events(update).first)
        switch event {
        case .message: #expect(expected == "message")
        case .edited: #expect(expected == "edited")
        case .command(let command, _): #expect("\(command)" == expected)
        case .ignored(_, let kind): #expect(kind == expected)
        case .receipt: Issue.record("a receipt")
        }
    }

    // MARK: Messages

    @Test("Who speaks, where, when, in which language")
    func frame() throws {
        let said = try Samples.said(Samples.message(#""text":"C'è una buca","reply_to_message":{"message_id":3}"#))
        var expected = ChatMessage(id: "4711:7", chat: "4711", account: "4711")
        expected.name = "Anna Rossi"
        expected.language = "it"
        expected.sentAt = Timestamp(seconds: 1_700_000_000)
        expected.text = "C'è una buca"
        expected.fields = ["reply_to": "4711:3"]
        #expect(said == expected)
    }

    @Test("The largest of a photo's sizes, with its caption; an album has its group")
    func photo() throws {
        let said = try Samples.said(
            Samples.message(
                """
                "caption":"Guardate","media_group_id":"g1","photo":[{"file_id":"s","width":90,"height":60,"file_size":9},
                {"file_id":"l","width":1280,"height":960,"file_size":99},{"file_id":"m","width":320,"height":240}]
                """))
        #expect(said.text == "Guardate")
        #expect(said.group == "g1")
        #expect(said.media == [ChatMedia(reference: "l", name: "photo.jpg", type: "image/jpeg", size: 99)])
    }

    @Test(
        "Files of all kinds",
        arguments: [
            (
                #""document":{"file_id":"a","file_name":"x.pdf","mime_type":"application/pdf","file_size":5}"#, "x.pdf",
                "application/pdf"
            ),
            (#""voice":{"file_id":"a","duration":2}"#, "voice.oga", "audio/ogg"),
            (#""video":{"file_id":"a","mime_type":"video/quicktime"}"#, "video.mp4", "video/quicktime"),
            (#""video_note":{"file_id":"a","length":240}"#, "video.mp4", "video/mp4"),
            (#""audio":{"file_id":"a","file_name":"s.mp3"}"#, "s.mp3", "audio/mpeg"),
            (#""animation":{"file_id":"a","file_name":"g.mp4"},"document":{"file_id":"a"}"#, "g.mp4", "video/mp4"),
        ])
    func files(members: String, name: String, type: String) throws {
        let media = try Samples.said(Samples.message(members)).media
        #expect(media.map(\.reference) == ["a"] && media[0].name == name && media[0].type == type)
    }

    @Test("A position with its accuracy; a venue with its address; one that is none on Earth")
    func location() throws {
        let said = try Samples.said(
            Samples.message(#""location":{"latitude":41.9,"longitude":12.5,"horizontal_accuracy":30.5}"#))
        #expect(said.location == Location(point: GeoPoint(latitude: 41.9, longitude: 12.5), accuracy: 30.5))
        let venue = try Samples.said(
            Samples.message(
                #""location":{"latitude":41.9,"longitude":12.5},"venue":{"title":"Bar","address":"via Appia 1"}"#))
        #expect(venue.location?.address == "Bar, via Appia 1")
        let nowhere = try Samples.events(Samples.message(#""location":{"latitude":141.9,"longitude":12.5}"#))
        #expect(nowhere == [.ignored(id: "update:99", kind: "message.location")])
    }

    @Test("Of a live position only the beginning counts")
    func live() throws {
        let place = #""location":{"latitude":41.9,"longitude":12.5,"live_period":900}"#
        #expect(try Samples.said(Samples.message(place)).location != nil)
        let step = Samples.message(place + #","edit_date":1700000010"#, member: "edited_message")
        #expect(try Samples.events(step) == [.ignored(id: "update:99", kind: "edited_message.location")])
    }

    @Test("The sender's own contact is the number, another's is text")
    func contact() throws {
        let own = try Samples.said(
            Samples.message(#""contact":{"phone_number":"393331234567","first_name":"Anna","user_id":4711}"#))
        #expect(own.phone == "+393331234567" && own.text.isEmpty)
        let other = try Samples.said(
            Samples.message(#""contact":{"phone_number":"+390606060","first_name":"Ufficio","user_id":4712}"#))
        #expect(other.phone == nil && other.text == "Ufficio +390606060")
        let unknown = try Samples.said(
            Samples.message(#""contact":{"phone_number":"+390606060","first_name":"Ufficio"}"#))
        #expect(unknown.phone == nil)
    }

    @Test("What stands behind words, and whose words are passed on")
    func fields() throws {
        let said = try Samples.said(
            Samples.message(
                """
                "text":"qui","entities":[{"type":"text_link","offset":0,"length":3,"url":"https://example.org/a"},
                {"type":"bold","offset":0,"length":3}],"forward_origin":{"type":"hidden_user","sender_user_name":"Carla"}
                """))
        #expect(said.fields == ["links": "https://example.org/a", "forwarded_from": "Carla"])
    }

    @Test("An edition has an id of its own and names what it changes")
    func edited() throws {
        let update = Samples.message(#""text":"buca grande","edit_date":1700000060"#, member: "edited_message")
        guard case .edited(let said)? = try Samples.events(update).first else {
            Issue.record("no edition")
            return
        }
        #expect(said.id == "edit:4711:7:1700000060")
        #expect(said.fields["edits"] == "4711:7")
        #expect(said.sentAt == Timestamp(seconds: 1_700_000_060))
    }

    @Test("Stickers and what is not known yet are counted by Telegram's word for them")
    func unusable() throws {
        let sticker = Samples.message(#""sticker":{"file_id":"a","emoji":"👍"}"#)
        #expect(try Samples.events(sticker) == [.ignored(id: "update:99", kind: "message.sticker")])
        #expect(
            try Samples.events(Samples.message(#""hologram":{}"#)) == [
                .ignored(id: "update:99", kind: "message.hologram")
            ])
        #expect(
            try Samples.events(Array(#"{"update_id":5,"Tel Pathy":{}}"#.utf8)) == [
                .ignored(id: "update:5", kind: "other")
            ])
        #expect(try Samples.events(Array(#"{"update_id":5}"#.utf8)) == [.ignored(id: "update:5", kind: "empty")])
        let bot = Samples.message(#""text":"ciao""#, from: #"{"id":1,"is_bot":true,"first_name":"B"}"#)
        #expect(try Samples.events(bot) == [.ignored(id: "update:99", kind: "message.bot")])
    }

    @Test("Text that PostgreSQL cannot hold")
    func zero() throws {
        #expect(try Samples.said(Samples.message(#""text":"a\u0000b""#)).text == "a\u{FFFD}b")
    }

    // MARK: Groups

    @Test("In a group only what is said to the bot counts, and the answer goes to the citizen alone")
    func groups() throws {
        let group = TelegramSamples.group
        #expect(
            try Samples.events(Samples.message(#""text":"ciao a tutti""#, chat: group)) == [
                .ignored(id: "update:99", kind: "message.supergroup")
            ])
        let answer = try Samples.said(
            Samples.message(
                #""text":"c'è una buca","reply_to_message":{"message_id":5,"chat":\#(group),"from":{"id":8070,"is_bot":true}}"#,
                chat: group))
        #expect(answer.id == "-1001:7" && answer.chat == "4711")
        #expect(answer.fields == ["reply_to": "-1001:5", "group": "Quartiere"])
        let named = try Samples.said(
            Samples.message(#""text":"/segnala@pasquino_bot buca in via Appia""#, chat: group))
        #expect(named.text == "buca in via Appia" && named.chat == "4711")
    }

    // MARK: Commands

    @Test(
        "Commands, in both languages, with and without the bot's name",
        arguments: [
            ("/start", ChatCommand.start), ("/start abc", .start), ("/help", .help), ("/aiuto", .help),
            ("/stop", .stop),
            ("/basta", .stop), ("/new", .new), ("/nuova", .new), ("/NUOVA@pasquino_bot", .new), ("/stato", .status),
            ("/status@pasquino_bot", .status), ("/qualcosa", .help),
        ])
    func commands(text: String, expected: ChatCommand) throws {
        let events = try Samples.events(Samples.message(#""text":"\#(text)""#))
        guard events.count == 1, case .command(let command, let said) = events[0] else {
            Issue.record("\(events)")
            return
        }
        #expect(command == expected)
        #expect(said.id == "4711:7" && said.chat == "4711" && said.callback == nil && said.text == text)
    }

    @Test("Words behind a command are a message; behind /nuova, of another matter")
    func wordsBehind() throws {
        #expect(try Samples.said(Samples.message(#""text":"/segnala  buca qui""#)).text == "buca qui")
        let events = try Samples.events(Samples.message(#""text":"/nuova lampione spento""#))
        guard events.count == 2, case .command(.new, let bare) = events[0], case .message(let said) = events[1] else {
            Issue.record("\(events)")
            return
        }
        #expect(bare.text == "/nuova" && bare.id != said.id && bare.chat == said.chat)
        #expect(said.text == "lampione spento" && said.id == "4711:7")
        let photo = try Samples.events(Samples.message(#""caption":"/nuova","photo":[{"file_id":"a"}]"#))
        #expect(photo.count == 2)
    }

    @Test(
        "No commands", arguments: ["/", "/via Appia?", "/ start", "ciao /start", "/@bot", "/a@", "//start", "/è"])
    func noCommand(_ text: String) throws {
        if text == "/via Appia?" {
            #expect(SlashCommand(text)?.word == "via")
        } else {
            #expect(SlashCommand(text) == nil)
            #expect(try Samples.said(Samples.message(#""text":"\#(text)""#)).text == text)
        }
    }

    @Test(
        "Buttons of ours come back as commands",
        arguments: [
            ("new", ChatCommand.new), ("status", .status), ("reopen:RM-7Q4K2MXD", .reopen("RM-7Q4K2MXD")),
        ])
    func buttons(data: String, expected: ChatCommand) throws {
        let update = Array(
            #"{"update_id":5,"callback_query":{"id":"q1","from":\#(TelegramSamples.anna),"data":"\#(data)","message":{"message_id":3,"chat":\#(TelegramSamples.home),"date":0}}}"#
                .utf8)
        guard case .command(let command, let said)? = try Samples.events(update).first else {
            Issue.record("no command")
            return
        }
        #expect(command == expected)
        #expect(said.id == "update:5" && said.callback == "q1" && said.chat == "4711")
        #expect(said.fields["reply_to"] == "4711:3")
    }

    @Test(
        "Another's button is none",
        arguments: ["", "thedata", "reopen:", "reopen:" + String(repeating: "x", count: 40)])
    func foreignButton(_ data: String) throws {
        let update = #"{"update_id":5,"callback_query":{"id":"q1","from":\#(TelegramSamples.anna),"data":"\#(data)"}}"#
        #expect(try Samples.events(Array(update.utf8)) == [.ignored(id: "update:5", kind: "callback_query")])
    }

    @Test(
        "The citizen blocks the bot, and lets it in again",
        arguments: [("kicked", ChatCommand.stop), ("member", .start)])
    func standing(status: String, expected: ChatCommand) throws {
        func update(_ chat: String) -> [UInt8] {
            Array(
                #"{"update_id":5,"my_chat_member":{"chat":\#(chat),"from":\#(TelegramSamples.anna),"date":1700000000,"new_chat_member":{"status":"\#(status)"}}}"#
                    .utf8)
        }
        guard case .command(let command, let said)? = try Samples.events(update(TelegramSamples.home)).first else {
            Issue.record("no command")
            return
        }
        #expect(command == expected && said.id == "update:5" && said.text.isEmpty)
        #expect(
            try Samples.events(update(TelegramSamples.group)) == [.ignored(id: "update:5", kind: "my_chat_member")])
    }

    // MARK: Damage

    @Test(
        "What cannot be understood says so, without the citizen's words",
        arguments: [
            "", "ciao", "[]", "null", "{}", #"{"update_id":"x","message":{}}"#, #"{"update_id":1,"message":{}}"#,
            #"{"update_id":1,"message":{"chat":{"id":1},"message_id":"x"}}"#,
        ])
    func unreadable(_ body: String) {
        #expect(throws: UnreadableDelivery.self) { try Samples.events(Array(body.utf8)) }
    }

    @Test("A member of a wrong type costs only itself")
    func wrongTypes() throws {
        let said = try Samples.said(
            Samples.message(
                #""text":"buca","photo":{"a":1},"location":[],"entities":7,"contact":{"phone_number":3},"venue":false,"media_group_id":4,"reply_to_message":"x""#
            ))
        #expect(said.text == "buca" && said.media.isEmpty && said.location == nil && said.group == nil)
    }

    @Test("Damaged at random, an update gives events or is unreadable, and nothing else happens")
    func damage() throws {
        var random = Dice(20_261_122)
        let whole =
            Array(Samples.recorded.values) + [
                Samples.message(
                    #""text":"buca","photo":[{"file_id":"a","width":1,"height":2}],"location":{"latitude":1,"longitude":2}"#
                )
            ]
        let pieces = [
            "null", "[]", "{}", "\"", "\\u0000", "1e999", "-1", "9223372036854775808", "true", "\u{0}", "\\ud800",
        ]
        for _ in 0..<4_000 {
            guard var update = whole.randomElement(using: &random), !update.isEmpty else { continue }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<update.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: update[at] = .random(in: 0...255, using: &random)
                case 1: update.removeSubrange(at..<min(at + 5, update.count))
                case 2: update.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: at)
                default: update = Array(update[..<max(1, at)])
                }
                if update.isEmpty { update = [0x7B] }
            }
            do {
                #expect(!(try Samples.events(update)).isEmpty)
            } catch let error as UnreadableDelivery {
                #expect(!error.reason.isEmpty)
            }
        }
    }
}
