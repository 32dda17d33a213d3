import Civic
import Foundation
import Testing

@testable import Intake

@Suite("Open311: what a form says") struct Open311FormTests {
    @Test("The order of the names and the key's text do not matter; the order of values does, and whose key it is")
    func fingerprint() throws {
        func kept(_ text: String, _ key: String = "fms") throws -> [UInt8] {
            try Open311World.form(text).kept(from: key)
        }
        let first = try kept("lat=1&long=2&api_key=secret&attribute[a][]=x&attribute[a][]=y&empty=")
        #expect(try kept("api_key=other&attribute[a][]=x&attribute[a][]=y&long=2&lat=1") == first)
        #expect(try kept("api_key=other&attribute[a][]=y&attribute[a][]=x&long=2&lat=1") != first)
        #expect(try kept("lat=1&long=2&attribute[a][]=x&attribute[a][]=y", "another") != first)
        #expect(!String(decoding: first, as: UTF8.self).contains("secret"))
        let morning = Open311Fingerprint(first, at: try moment("2026-11-21T23:59:59Z"))
        let after = Open311Fingerprint(first, at: try moment("2026-11-22T00:00:01Z"))
        #expect(after.before == morning.now)
        #expect(after.now != morning.now)
        #expect(after.since == (try moment("2026-11-21T00:00:01Z")))
    }

    @Test("What is kept says the same as what came, files and all")
    func roundTrip() throws {
        let plain = try Open311World.form(
            "description=a%26b%3D%2B%25+c%0D%0Ad%C3%A8&attribute%5Bx%5D=%22&media_url=u&media_url=v")
        let again = try Open311Form.reading(plain.kept(from: "fms"))
        #expect(again["description"] == "a&b=+% c\r\ndè")
        #expect(again.attributes.map(\.code) == ["x"])
        #expect(again.all("media_url") == ["u", "v"])
        #expect(again["api_key"] == "fms")

        let bytes: [UInt8] = Array(0...255) + Array("\r\n--pasquino\r\n".utf8)
        let form = Open311Form(
            FormBody(
                fields: [("description", "righe\nè \"fine\""), ("api_key", "secret")],
                files: [
                    FormBody.File(field: "photo1", name: "a \"b\".jpg", type: "image/jpeg", content: bytes),
                    FormBody.File(field: "media", name: "x", type: "a\r\nb: c", content: []),
                ]))
        let kept = form.kept(from: "fms")
        let read = try Open311Form.reading(kept)
        #expect(read["description"] == "righe\nè \"fine\"")
        #expect(read.files.map(\.field) == ["photo1", "media"])
        #expect(read.files.first?.content == bytes)
        #expect(read.files.first?.name == "a \"b\".jpg")
        #expect(read.kept(from: "fms") == kept)
    }

    @Test("What an address's query says counts where the form is silent")
    func query() throws {
        let form = Open311Form(
            try FormBody(urlencoded: "lat=1&jurisdiction_id="),
            query: try FormBody(urlencoded: "lat=2&jurisdiction_id=roma"))
        #expect(form.all("lat") == ["1"])
        #expect(form["jurisdiction_id"] == "roma")
    }

    @Test("A file may stand in its address")
    func dataAddresses() throws {
        let form = try Open311World.form(
            "media_url=data:image/png%3Bbase64,AAEC&media_url=https://x/1.jpg&media_url=data:,text&media_url=data:image/png%3Bbase64,%21"
        )
        #expect(form.media.files == [Attachment(name: "", type: "image/png", content: [0, 1, 2])])
        #expect(form.media.addresses == ["https://x/1.jpg", "data:,text", "data:image/png;base64,!"])
    }

    @Test(
        arguments: [
            ("attribute[a]", "a"), ("attribute[a][]", "a"), ("attribute[a-b_1]", "a-b_1"), ("attribute[]", nil),
            ("attribute[a", nil), ("attribute[a]x", nil), ("attributes[a]", nil), ("attribute[a][1]", nil),
        ] as [(String, String?)])
    func attributeNames(_ name: String, _ code: String?) { #expect(Open311Form.attributeCode(name) == code) }
}
