import Civic
import Testing

@testable import Intake

@Suite("The body of the generic webhook") struct WebhookBodyTests {
    private func message(
        _ json: String, attests: Set<IdentityKind> = [], text: Int = 100, attachments: Int = 2
    ) throws -> Message {
        try JSONBody.decode(Array(json.utf8), as: WebhookBody.self).message(
            channel: "portale", attests: attests, bounds: .init(text: text, attachments: attachments), now: Rome.monday)
    }

    /// A message whose other members are in order.
    private func with(_ members: String) -> String { #"{"id":"1","text":"buca",\#(members)}"# }

    @Test("Every member arrives")
    func complete() throws {
        let message = try message(
            """
            {"id":"a-1","sent_at":"2026-11-23T09:30:00+01:00","from":{"name":"Anna Rossi","email":" Anna@Example.ORG ",
            "phone":"06 0606 0606","fiscal_code":"mrt ntn 23m02 d969p"},"subject":"Buca","text":"C'è una buca",
            "language":"it-IT","location":{"lat":41.9,"lon":12.5,"address":"via Appia 1"},
            "attachments":[{"name":"f.jpg","type":"image/jpeg","content":"AAEC"},{"content":""}],
            "fields":{"municipio":7}}
            """, attests: [.fiscalCode])
        #expect(message.externalID == "a-1")
        #expect(message.channel == "portale")
        #expect(message.receivedAt == Rome.monday)
        #expect(message.sentAt == (try moment("2026-11-23T08:30:00Z")))
        #expect(message.sender.name == "Anna Rossi")
        #expect(message.sender.email == "Anna@example.org")
        #expect(message.sender.phone == "+390606060606")
        #expect(message.sender.fiscalCode == "MRTNTN23M02D969P")
        #expect(message.sender.attested == [.fiscalCode])
        #expect(message.subject == "Buca")
        #expect(message.text == "C'è una buca")
        #expect(message.language == "it")
        #expect(message.location == Location(point: GeoPoint(latitude: 41.9, longitude: 12.5), address: "via Appia 1"))
        #expect(
            message.attachments == [
                Attachment(name: "f.jpg", type: "image/jpeg", content: [0, 1, 2]),
                Attachment(name: "", type: "application/octet-stream", content: []),
            ])
        #expect(message.fields == ["municipio": "7"])
    }

    @Test("How the citizen wants to be told", arguments: ["app_io", "email", "none", "any"])
    func contact(_ wish: String) throws {
        let message = try message(with(#""from":{"email":"a@example.org","contact":"\#(wish)"}"#))
        #expect(message.sender.wish == ContactWish(wish))
        #expect(try self.message(with(#""from":{"contact":null}"#)).sender.wish == nil)
    }

    @Test("And what nobody may choose", arguments: ["", "pec", "telegram", "E-mail"])
    func badContact(_ wish: String) {
        #expect { _ = try message(with(#""from":{"contact":"\#(wish)"}"#)) } throws: {
            ($0 as? Problem)?.pointer == "/from/contact"
        }
    }

    @Test("What is empty or null is not there")
    func empty() throws {
        let message = try message(
            """
            {"id":"1","text":"buca","sent_at":null,"subject":"","language":"","location":{"address":""},
            "from":{"name":"","email":"","phone":"","fiscal_code":""},"attachments":null,"fields":null}
            """, attests: [.email])
        #expect(message.sentAt == nil)
        #expect(message.subject == nil)
        #expect(message.language == nil)
        #expect(message.location == Location())
        #expect(message.sender == Sender(attested: [.email]))
        #expect(message.sender.identities.isEmpty)
        #expect(message.attachments.isEmpty)
        #expect(message.fields.isEmpty)
    }

    @Test(
        "A member at fault is told by its pointer",
        arguments: [
            (#"{"text":"a"}"#, "/id"), (#"{"id":"","text":"a"}"#, "/id"), (#"{"id":"a\u0000","text":"a"}"#, "/id"),
            (#"{"id":"1","text":""}"#, "/text"),
            (#"{"id":"1","text":"a","sent_at":"yesterday"}"#, "/sent_at"),
            (#"{"id":"1","text":"a","sent_at":"2026-02-30T10:00:00Z"}"#, "/sent_at"),
            (#"{"id":"1","text":"a","sent_at":""}"#, "/sent_at"),
            (#"{"id":"1","text":"a","from":{"email":"anna"}}"#, "/from/email"),
            (#"{"id":"1","text":"a","from":{"email":"a@b@example.org"}}"#, "/from/email"),
            (#"{"id":"1","text":"a","from":{"phone":"112"}}"#, "/from/phone"),
            (#"{"id":"1","text":"a","from":{"phone":"call me"}}"#, "/from/phone"),
            (#"{"id":"1","text":"a","from":{"fiscal_code":"MRTNTN23M02D969X"}}"#, "/from/fiscal_code"),
            (#"{"id":"1","text":"a","language":"italiano"}"#, "/language"),
            (#"{"id":"1","text":"a","language":"i"}"#, "/language"),
            (#"{"id":"1","text":"a","language":"-it"}"#, "/language"),
            (#"{"id":"1","text":"a","language":"12"}"#, "/language"),
            (#"{"id":"1","text":"a","language":"è"}"#, "/language"),
            (#"{"id":"1","text":"a","location":{"lat":41.9}}"#, "/location/lon"),
            (#"{"id":"1","text":"a","location":{"lon":12.5}}"#, "/location/lat"),
            (#"{"id":"1","text":"a","location":{"lat":90.1,"lon":12.5}}"#, "/location/lat"),
            (#"{"id":"1","text":"a","location":{"lat":-90.1,"lon":12.5}}"#, "/location/lat"),
            (#"{"id":"1","text":"a","location":{"lat":41.9,"lon":180.1}}"#, "/location/lon"),
            (#"{"id":"1","text":"a","location":{"lat":41.9,"lon":-180.1}}"#, "/location/lon"),
            (#"{"id":"1","text":"a","attachments":[{"content":"AA=="},{"content":"?"}]}"#, "/attachments/1/content"),
            (#"{"id":"1","text":"a","attachments":[{"content":"A"}]}"#, "/attachments/0/content"),
            (
                #"{"id":"1","text":"a","attachments":[{"content":""},{"content":""},{"content":""}]}"#, "/attachments"
            ),
        ])
    func fault(_ json: String, _ pointer: String) throws {
        let problem = try problem { try message(json) }
        #expect(problem.status.code == 422)
        #expect(problem.pointer == pointer)
    }

    @Test("Lengths: 500 bytes of id, characters of text as configured, 200 of a name, 1000 fields")
    func lengths() throws {
        func id(_ length: Int) -> String { #"{"id":"\#(String(repeating: "x", count: length))","text":"a"}"# }
        #expect(try message(id(500)).externalID.utf8.count == 500)
        #expect(try problem { try message(id(501)) }.pointer == "/id")
        // Counted as people count: one accented letter is one, whatever its bytes.
        func text(_ length: Int) -> String { #"{"id":"1","text":"\#(String(repeating: "è", count: length))"}"# }
        #expect(try message(text(100)).text.count == 100)
        #expect(try problem { try message(text(101)) }.pointer == "/text")
        let name = String(repeating: "n", count: 300)
        #expect(try message(with(#""from":{"name":"\#(name)"}"#)).sender.name?.count == 200)
        func fields(_ count: Int) -> String {
            with("\"fields\":{" + (0..<count).map { #""f\#($0)":1"# }.joined(separator: ",") + "}")
        }
        #expect(try message(fields(1000)).fields.count == 1000)
        #expect(try problem { try message(fields(1001)) }.pointer == "/fields")
        #expect(
            try problem { try message(with(#""attachments":[{"content":""}]"#), attachments: 0) }.status.code == 422)
    }

    @Test(
        "Of a language tag the first part counts, in lower case",
        arguments: [("it", "it"), ("IT", "it"), ("it-IT", "it"), ("en_GB", "en"), ("zh-Hant-TW", "zh"), ("fur", "fur")])
    func language(_ tag: String, _ expected: String) throws {
        #expect(try message(with(#""language":"\#(tag)""#)).language == expected)
    }

    @Test("Coordinates may be at the edge of the Earth, and an address may stand alone")
    func places() throws {
        #expect(
            try message(with(#""location":{"lat":-90,"lon":180}"#)).location?.point
                == GeoPoint(latitude: -90, longitude: 180))
        let place = try message(with(#""location":{"lat":null,"lon":null,"address":"via Appia"}"#)).location
        #expect(place == Location(point: nil, address: "via Appia"))
    }

    @Test(
        "Fields become texts: nested with dots, lists with commas",
        arguments: [
            (#"{"a":"x"}"#, ["a": "x"]), (#"{"a":""}"#, ["a": ""]), (#"{"a":null}"#, ["a": ""]),
            (#"{"a":true,"b":false}"#, ["a": "true", "b": "false"]),
            (
                #"{"a":7,"b":-7,"c":7.0,"d":7.5,"e":0,"f":1}"#,
                ["a": "7", "b": "-7", "c": "7", "d": "7.5", "e": "0", "f": "1"]
            ),
            (#"{"a":9223372036854775807}"#, ["a": "9223372036854775807"]),
            (#"{"a":1e3}"#, ["a": "1000"]), (#"{"a":1e300}"#, ["a": "1e+300"]),
            (#"{"a":{"b":{"c":"x"},"d":1}}"#, ["a.b.c": "x", "a.d": "1"]),
            (#"{"a":["x",1,true]}"#, ["a": "x, 1, true"]), (#"{"a":[]}"#, [:]), (#"{"a":{}}"#, [:]),
            (#"{"a":["x",{"b":"y"}]}"#, ["a": "x", "a.1.b": "y"]),
            (#"{"a":[["x","y"],["z"]]}"#, ["a.0": "x, y", "a.1": "z"]),
            (#"{"":{"b":"x"}}"#, ["b": "x"]),
            (
                #"{"a":1e15,"b":-1000000000000000,"c":2.5e-310}"#,
                ["a": "1000000000000000", "b": "-1000000000000000", "c": "2.5e-310"]
            ),
            (#"{"a":"x\u0000y"}"#, ["a": "x\u{FFFD}y"]),
        ])
    func fields(_ json: String, _ expected: [String: String]) throws {
        #expect(try message(with(#""fields":\#(json)"#)).fields == expected)
    }

    @Test("A field's name has at most 200 characters, those of nested ones together; no longer one is built")
    func fieldNames() throws {
        func name(_ outer: Int, _ inner: Int) -> String {
            let (outer, inner) = (String(repeating: "è", count: outer), String(repeating: "n", count: inner))
            return with(#""fields":{"\#(outer)":{"\#(inner)":[{"a":1}]}}"#)
        }
        // `outer.inner.0.a`
        #expect(try message(name(95, 100)).fields.keys.first?.count == 200)
        for (outer, inner) in [(96, 100), (95, 101), (201, 1), (1, 999)] {
            let problem = try problem { try message(name(outer, inner)) }
            #expect(problem.pointer == "/fields")
            #expect(problem.detail.contains("200 characters"))
        }
    }

    @Test(
        "Two fields that come to the same name are refused",
        arguments: [
            #"{"a.b":1,"a":{"b":2}}"#, #"{"a":{"b.c":1,"b":{"c":2}}}"#, #"{"":{"b":1},"b":2}"#,
            #"{"a":["x",{"b":1}],"a.1.b":2}"#, #"{"a":{"":1},"a.":2}"#, #"{"a\u0000":1,"a\ufffd":2}"#,
        ])
    func sameNames(_ json: String) throws {
        let problem = try problem { try message(with(#""fields":\#(json)"#)) }
        #expect(problem.status.code == 422)
        #expect(problem.pointer == "/fields")
        #expect(problem.detail.contains("same name"))
    }

    @Test("Of several faults in the fields the same one is told each time")
    func sameFault() throws {
        let long = String(repeating: "n", count: 201)
        let json = with(#""fields":{"\#(long)":1,"a.b":1,"a":{"b":2},"z":{"\#(long)":1}}"#)
        #expect(Set(try (0..<20).map { _ in try problem { try message(json) }.detail }).count == 1)
    }

    @Test(
        "An address that our mail cannot reach is refused with the reason",
        arguments: ["josé@example.org", "anna@città.it", "анна@пример.рф"])
    func unreachable(_ address: String) throws {
        let problem = try problem { try message(with(#""from":{"email":"\#(address)"}"#)) }
        #expect(problem.status.code == 422)
        #expect(problem.pointer == "/from/email")
        #expect(problem.detail.contains("xn--"))
        #expect(!problem.detail.contains(address))
    }

    @Test("The ASCII form of a domain is an address like others")
    func punycode() throws {
        #expect(try message(with(#""from":{"email":"a@xn--citt-2na.it"}"#)).sender.email == "a@xn--citt-2na.it")
    }

    @Test("U+0000, which PostgreSQL cannot hold, becomes the sign for what cannot be shown")
    func storable() throws {
        let message = try message(
            #"{"id":"1","subject":"a\u0000","text":"b\u0000c","from":{"name":"d\u0000"},"location":{"address":"\u0000"}}"#
        )
        #expect(message.subject == "a\u{FFFD}")
        #expect(message.text == "b\u{FFFD}c")
        #expect(message.sender.name == "d\u{FFFD}")
        #expect(message.location?.address == "\u{FFFD}")
    }

    @Test("explain: the id may be missing, and a message may be nothing but text")
    func reader() throws {
        #expect(try Rome.message(#"{"text":"buca"}"#).externalID == "explain")
        #expect(try problem { try Rome.message(#"{"id":"","text":"buca"}"#) }.pointer == "/id")
        let configuration = try Rome.configuration()
        let channel = try #require(configuration.channels["portale"])
        var limits = configuration.limits
        limits.text = 4
        let plain = MessageReader(channel: channel, limits: limits, zone: .utc).plain("buche\0", now: Rome.monday)
        #expect(plain.text == "buch")
        #expect(plain.channel == "portale")
    }
}
