import Crypto
import Foundation
import Testing

@testable import Sandbox

@Suite("Offices' systems of the sandbox")
struct OfficeTests {
    private let key = Data("sandbox-office-secret-01".utf8)

    private func post(
        _ world: World, to office: String, id: String = "1", key: Data? = nil, age: Int = 0
    ) async throws -> HTTPAnswer? {
        let body = #"{"type":"ticket.opened","data":{"code":"RM-1","text":"buca"}}"#
        let time = Int(world.clock.now.timeIntervalSince1970) - age
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(time).\(body)".utf8), using: SymmetricKey(data: key ?? self.key))
        let head =
            "POST /offices/\(office) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nwebhook-id: \(id)\r\n"
            + "webhook-timestamp: \(time)\r\nwebhook-signature: v1,AAAA v1,\(Data(code).base64EncodedString())\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        return HTTPAnswer(try await Wire.exchange(world.ports.http, Array((head + body).utf8)))
    }

    @Test("a signed post is taken and listed; another is refused")
    func signed() async throws {
        try await World.with { world in
            #expect(try await post(world, to: "ama")?.status == 204)
            #expect(try await post(world, to: "ama")?.status == 204)
            #expect(try await post(world, to: "urp", id: "2", key: Data("another".utf8))?.status == 401)
            #expect(try await post(world, to: "urp", id: "2", age: 301)?.status == 401)
            let list = try await world.json("/api/offices?office=ama")
            #expect(list.array?.count == 2)
            #expect(list.array?.first?["ticket"] == "RM-1")
            #expect(list.array?.first?["type"] == "ticket.opened")
            #expect(list.array?.first?["verified"] == true)
            let counts = try await world.json("/api/counts")
            #expect(counts["office_posts"] == 2 && counts["distinct_office_posts"] == 1)
            #expect(counts["refused"]?["office_401"] == 2)
        }
    }

    @Test("an office misbehaves as it is told, the others do not")
    func faults() async throws {
        try await World.with { world in
            let told: JSONValue = ["office": ["mode": "fail", "status": 410, "names": ["ama"], "retry_after": 9]]
            #expect(try await world.send("POST", "/control", told)?.status == 200)
            #expect(try await post(world, to: "ama")?.status == 410)
            #expect(try await post(world, to: "urp")?.status == 204)
            _ = try await world.send("POST", "/control", ["office": ["mode": "silent", "names": []]])
            #expect(try await post(world, to: "urp") == nil)
            _ = try await world.send("POST", "/control", ["office": ["mode": "normal", "fail_next": 1, "status": 500]])
            #expect(try await post(world, to: "urp")?.status == 500)
            #expect(try await post(world, to: "urp")?.status == 204)
            #expect(try await world.send("POST", "/control", ["office": ["mood": "bad"]])?.status == 400)
        }
    }

    @Test("the utility's server takes requests, promises ids, and tells what became of them, in JSON and XML")
    func utility() async throws {
        let base = "/utility/open311/v2"
        try await World.with { world in
            func send(_ form: String, _ format: String = "json") async throws -> HTTPAnswer? {
                try await world.send("POST", "\(base)/requests.\(format)", bytes: Array(form.utf8), key: nil)
            }
            #expect(
                try await send("service_code=acqua&lat=44.8&long=10")?.json?.array?.first?["service_request_id"]
                    == "U-1")
            #expect(try await send("service_code=gas&lat=44.8&long=10")?.status == 404)
            #expect(try await send("service_code=acqua")?.status == 400)
            _ = try await world.send("POST", "/control", ["utility": ["tokens": true]])
            let promised = try #require(
                try await send("service_code=acqua&address_string=via+Roma%201&description=a%26b", "xml"))
            let text = String(decoding: promised.body, as: UTF8.self)
            let token = try #require(text.firstMatch(of: /<token>(.*)<\/token>/)?.output.1)
            #expect(try await world.send("GET", "\(base)/tokens/\(token).json")?.status == 404)
            #expect(try await world.json("\(base)/requests.json").array?.count == 1)
            _ = try await world.send(
                "POST", "/api/utility/U-2", ["status": "closed", "status_notes": "fatto", "give": true])
            #expect(try await world.json("\(base)/tokens/\(token).json").array?.first?["service_request_id"] == "U-2")
            let found = try await world.json("\(base)/requests.json?service_request_id=U-2,U-9").array
            #expect(
                found?.count == 1 && found?.first?["status"] == "closed" && found?.first?["status_notes"] == "fatto")
            #expect(found?.first?["description"] == "a&b" && found?.first?["address"] == "via Roma 1")
            let xml = try #require(try await world.send("GET", "\(base)/requests/U-2.xml"))
            #expect(String(decoding: xml.body, as: UTF8.self).contains("<description>a&amp;b</description>"))
        }
    }
}
