import Civic
import Foundation
import Testing

@testable import Intake
@testable import Settings

@Suite("Foreign data becomes a message") struct MessageMapperTests {
    private func sources(_ texts: String...) throws -> [FieldSource] { try texts.map { try FieldSource($0) } }

    private func map(
        _ body: String, type: String? = nil, text: Int = 1000, token: String? = nil,
        _ change: (inout FieldMapping) throws -> Void = { _ in }
    ) throws -> MessageMapper.Mapped {
        var mapping = FieldMapping()
        mapping.text = try sources("text")
        try change(&mapping)
        var channel = Channel(name: "estero", token: token.map(Secret.init))
        channel.mapping = mapping
        let mapper = try #require(
            MessageMapper(channel, bounds: WebhookBody.Bounds(text: text, attachments: 10), zone: .utc))
        return try mapper.map(Array(body.utf8), type: type, now: Rome.monday)
    }

    private func message(
        _ body: String, type: String? = nil, text: Int = 1000, token: String? = nil,
        _ change: (inout FieldMapping) throws -> Void = { _ in }
    ) throws -> Message {
        let mapped = try map(body, type: type, text: text, token: token, change)
        guard case .message(let message, _) = mapped else { throw Accepted() }
        return message
    }

    @Test("Every part, and the rest as fields")
    func parts() throws {
        let message = try message(
            """
            {"n":42,"when":"21/11/2026 10:15","first":" Anna ","last":"Rossi","mail":"Anna@Example.org","tel":"333 1234567",
             "cf":"RSSNNA80A41H501L","title":"Buca","text":"  C'è una buca  ","lang":"it-IT","pos":["41,9","12.5"],
             "via":"Via Appia","zona":7,"other":{"x":"1","y":[1,2]}}
            """
        ) { mapping in
            mapping.id = try sources("n")
            mapping.sentAt = try sources("when")
            mapping.name = try sources("{first} {last}")
            mapping.email = try sources("mail")
            mapping.phone = try sources("tel")
            mapping.fiscalCode = try sources("cf")
            mapping.subject = try sources("title")
            mapping.language = try sources("lang")
            mapping.latitude = try sources("pos[0]")
            mapping.longitude = try sources("pos[1]")
            mapping.address = try sources("via")
            mapping.fields = ["municipio": try sources("zona")]
        }
        #expect(message.externalID == "42" && message.channel == "estero")
        #expect(message.sentAt?.rfc3339 == "2026-11-21T10:15:00Z")
        #expect(message.sender.name == "Anna Rossi")
        #expect(message.sender.email == "Anna@example.org" || message.sender.email == "anna@example.org")
        #expect(message.sender.phone == "+393331234567" && message.sender.fiscalCode == "RSSNNA80A41H501L")
        #expect(message.subject == "Buca" && message.text == "C'è una buca" && message.language == "it")
        #expect(message.location?.point == GeoPoint(latitude: 41.9, longitude: 12.5))
        #expect(message.location?.address == "Via Appia")
        #expect(message.fields == ["municipio": "7", "other.x": "1", "other.y": "1, 2"])
    }

    @Test("The first that gives something counts; a line whose paths are empty is left out; words are words")
    func sourcesInOrder() throws {
        func text(_ body: String, _ all: [FieldSource]) throws -> String {
            try message(body) { $0.text = all }.text
        }
        let fallback = try sources("a", "b.c", "d")
        #expect(try text(#"{"a":"","b":{"c":"x"},"d":"y"}"#, fallback) == "x")
        #expect(try text(#"{"a":" \n","d":"y"}"#, fallback) == "y")
        let lines = try sources("{a}\nTipo: {b}\n\nVia {c}, {d}")
        #expect(try text(#"{"a":"x","c":"Po","d":""}"#, lines) == "x\n\nVia Po,")
        #expect(try text(#"{"b":"y"}"#, lines) == "Tipo: y")
        let spoken = try sources("da {a}") + [.words("nessuno")]
        #expect(try text(#"{"a":"1"}"#, spoken) == "da 1")
        #expect(try text("{}", spoken) == "nessuno")
        #expect(try text(#"{"a":["x","y"]}"#, try sources("a")) == "x, y")
        #expect(try text(#"[{"a":"x"},{"a":"y"}]"#, try sources("*.a")) == "x, y")
    }

    @Test(
        "Without a text it is no message",
        arguments: ["{}", #"{"text":""}"#, #"{"text":{"a":1}}"#, "[]", "x=1"])
    func noText(_ body: String) throws {
        let refused = try problem { try map(body) }
        #expect(refused.status.code == 422 && refused.detail.contains("no text"))
    }

    @Test(
        "What cannot be read stays a field, and is told",
        arguments: [
            ("email", "anna at home"), ("email", "è@example.org"), ("phone", "a voce"), ("fiscal_code", "ABC"),
            ("sent_at", "ieri"), ("language", "italiano!"), ("lat", "nord"), ("id", String(repeating: "x", count: 501)),
        ])
    func unreadable(_ part: String, _ value: String) throws {
        let source = try sources("v")
        let mapped = try map(#"{"text":"a","v":"\#(value)"}"#) { mapping in
            switch part {
            case "email": mapping.email = source
            case "phone": mapping.phone = source
            case "fiscal_code": mapping.fiscalCode = source
            case "sent_at": mapping.sentAt = source
            case "language": mapping.language = source
            case "lat": (mapping.latitude, mapping.longitude) = (source, source)
            default: mapping.id = source
            }
        }
        guard case .message(let message, let notes) = mapped else { throw Accepted() }
        #expect(notes.count == 1 && notes[0].hasPrefix(part))
        #expect(!notes[0].contains(value))
        #expect(message.fields == ["v": value, "unmapped": notes[0]])
        #expect(message.sender.identities.isEmpty && message.location == nil && message.sentAt == nil)
    }

    @Test("Half a place is none")
    func halfAPlace() throws {
        let message = try message(#"{"text":"a","x":"41.9"}"#) {
            ($0.latitude, $0.longitude) = (try sources("x"), try sources("y"))
        }
        #expect(message.location == nil && message.fields["x"] == "41.9")
    }

    @Test("Without an id, equal deliveries are one message, and others are not")
    func digest() throws {
        let ids = try [#"{"text":"a"}"#, #"{"text":"a"}"#, #"{"text":"a" }"#].map { try message($0).externalID }
        #expect(ids[0] == ids[1] && ids[0] != ids[2])
        #expect(ids[0].wholeMatch(of: /sha256:[0-9a-f]{64}/) != nil)
        #expect(try message(#"{"text":"a","n":""}"#) { $0.id = try sources("n") }.externalID.hasPrefix("sha256:"))
    }

    @Test("What the channel does not take is kept under an id of its own, whatever its id is")
    func conditions() throws {
        func mapped(_ body: String) throws -> MessageMapper.Mapped {
            try map(body) { mapping in
                mapping.id = try sources("id")
                mapping.when = [
                    .init(path: try FieldPath("kind"), values: ["open", "2"]),
                    .init(path: try FieldPath("id"), values: []),
                ]
                mapping.unless = [.init(path: try FieldPath("tags"), values: ["test"])]
            }
        }
        for body in [
            #"{"id":"1","text":"a","kind":"open"}"#, #"{"id":1,"text":"a","kind":2}"#,
            #"{"id":"1","text":"a","kind":" open ","tags":["x"]}"#,
        ] {
            guard case .message = try mapped(body) else { throw Accepted() }
        }
        for (body, reason) in [
            (#"{"id":"1","kind":"draft"}"#, "only kind: open, 2"), (#"{"id":"1","text":"a"}"#, "only kind: open, 2"),
            (#"{"id":"","text":"a","kind":"open"}"#, "only id: true"),
            (#"{"id":"1","text":"a","kind":"open","tags":"test"}"#, "does not take tags: test"),
        ] {
            guard case .ignored(let message, let said) = try mapped(body) else { throw Accepted() }
            #expect(said.contains(reason))
            #expect(message.externalID.hasPrefix("sha256:") && message.text == "" && message.fields.isEmpty)
        }
    }

    @Test("Files within the data, of a form, and addresses, which are not fetched")
    func files() throws {
        let mapped = try map(
            """
            {"text":"a","files":[{"n":"a.txt","c":"YQ==","t":"text/plain"},{"c":"data:image/png;base64,Yg=="},
             {"n":"c","c":"https://example.org/c.jpg"},{"n":"d","c":"%%"},{"n":"e"},{"c":"YWJj\\nZGVm"}],"one":"Yw=="}
            """
        ) {
            $0.files = FieldMapping.Files(
                list: try FieldPath("files"), content: try FieldPath("c"), name: try FieldPath("n"),
                type: try FieldPath("t"))
        }
        guard case .message(let message, let notes) = mapped else { throw Accepted() }
        #expect(message.attachments.map(\.name) == ["a.txt", "", ""])
        #expect(message.attachments.map(\.type) == ["text/plain", "image/png", "application/octet-stream"])
        #expect(message.attachments.map { String(decoding: $0.content, as: UTF8.self) } == ["a", "b", "abcdef"])
        #expect(notes == ["attachments: an address, which is not fetched", "attachments: not base64"])
        #expect(message.fields["files.2.c"] == "https://example.org/c.jpg")
        #expect(message.fields["files.0.c"] == nil)
        let single = try self.message(#"{"text":"a","one":"Yw=="}"#) {
            $0.files = FieldMapping.Files(list: try FieldPath("one"))
        }
        #expect(single.attachments.map(\.content) == [[0x63]] && single.fields.isEmpty)
        let form = try self.message(
            "--b\r\nContent-Disposition: form-data; name=text\r\n\r\nCiao\r\n"
                + "--b\r\nContent-Disposition: form-data; name=f; filename=a.png\r\nContent-Type: image/png\r\n\r\nx\r\n--b--"
        )
        #expect(form.text == "Ciao" && form.attachments.map(\.name) == ["a.png"])
    }

    @Test("The rest may be dropped, is bounded, and never shows the token")
    func rest() throws {
        #expect(try message(#"{"text":"a","b":"c"}"#) { $0.keepsRest = false }.fields.isEmpty)
        #expect(try message(#"{"text":"a","u":"https://x/?token=s3cret"}"#, token: "s3cret").fields.isEmpty)
        let long = String(repeating: "è", count: 5000)
        let many = try message(
            #"{"text":"a","long":"\#(long)","\#(String(repeating: "n", count: 300))":"1","#
                + (0..<2000).map { #""m\#($0)":"1""# }.joined(separator: ",") + "}")
        #expect(many.fields.count == FieldTable.most)
        #expect(many.fields["long"]?.unicodeScalars.count == MessageMapper.fieldLength + 1)
        #expect(many.fields.keys.allSatisfy { $0.unicodeScalars.count <= FieldTable.nameLength })
        #expect(try message(#"{"text":"a","a.b":"1","a":{"b":"2"}}"#).fields["a.b"] != nil)
        let zero = try message(#"{"text":"a\u0000b","x\u0000":"\u0000"}"#)
        #expect(zero.text == "a\u{FFFD}b" && zero.fields == ["x\u{FFFD}": "\u{FFFD}"])
    }

    @Test("A text longer than the limit is cut, not lost")
    func long() throws {
        let mapped = try map(#"{"text":"\#(String(repeating: "è", count: 1500))"}"#)
        guard case .message(let message, let notes) = mapped else { throw Accepted() }
        #expect(message.text.unicodeScalars.count == 1000 && notes == ["text: cut after 1000 characters"])
    }

    @Test("A switchboard's event as a form (AMI), with the hour of its seconds")
    func switchboard() throws {
        let message = try message(
            "Event=QueueCallerAbandon&Queue=060606&CallerIDNum=0612345678&Uniqueid=1795252530.7&HoldTime=95",
            type: "application/x-www-form-urlencoded"
        ) {
            $0.when = [.init(path: try FieldPath("Event"), values: ["QueueCallerAbandon"])]
            $0.text = try sources("Chiamata persa da {CallerIDNum}")
            $0.phone = try sources("CallerIDNum")
            $0.id = try sources("Uniqueid")
            $0.sentAt = try sources("Uniqueid")
        }
        #expect(message.text == "Chiamata persa da 0612345678" && message.sender.phone == "+390612345678")
        #expect(message.sentAt == Timestamp(microseconds: 1_795_252_530_700_000))
    }

    @Test("Damage anywhere is read or refused, and never ends the program")
    func damage() throws {
        let good = Array(
            #"{"text":"Una buca è qui","a":{"b":[1,2.5e3,null,true,"x\u00e9"]},"f":[{"c":"YQ=="}],"t":"1795252530"}"#
                .utf8)
        var seed: UInt64 = 7
        func dice(_ below: Int) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 33) % below
        }
        for _ in 0..<1000 {
            var body = good
            for _ in 0...dice(4) {
                let at = dice(body.count)
                if dice(2) == 0 {
                    body[at] = UInt8(dice(256))
                } else {
                    body.insert(Array(#"{}[]",:\0"#.utf8)[dice(9)], at: at)
                }
            }
            do {
                _ = try map(String(decoding: body, as: UTF8.self)) {
                    $0.sentAt = try sources("t")
                    $0.name = try sources("{a.b[*]}")
                    $0.files = FieldMapping.Files(list: try FieldPath("f"), content: try FieldPath("c"))
                }
            } catch let problem as Problem { #expect([400, 422].contains(problem.status.code)) }
        }
    }
}

@Suite("A signature of the body alone") struct BodySignatureTests {
    private func signatures(_ secrets: String...) throws -> BodySignatures {
        try #require(BodySignatures(BodySignature(header: "X-Hub-Signature-256", secrets: secrets.map(Secret.init))))
    }
    private let body = Array("Hello, World!".utf8)
    /// GitHub's own example: the secret `It's a Secret to Everybody`.
    private let hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    @Test("Hexadecimal or base64, with or without sha256=; one of several secrets")
    func good() throws {
        let keys = try signatures("other", "It's a Secret to Everybody")
        let base64 = "dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc="
        for text in ["sha256=" + hex, hex, hex.uppercased(), base64, "sha256=" + base64] {
            #expect(keys.accepts(text, body: body), "\(text)")
        }
        let own = try signatures("a key")
        #expect(own.accepts(try #require(own.sign(body).first).value, body: body))
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "sha256=", "sha1=0", "757107ea", "zz", String(repeating: "0", count: 64),
            String(repeating: "g", count: 64),
        ])
    func bad(_ text: String) throws {
        #expect(try !signatures("It's a Secret to Everybody").accepts(text, body: body))
        #expect(try !signatures("another").accepts(hex, body: body))
        #expect(try !signatures("It's a Secret to Everybody").accepts(hex, body: body + [0x0A]))
    }
}
