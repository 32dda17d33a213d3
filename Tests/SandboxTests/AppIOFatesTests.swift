import Foundation
import Testing

@testable import Sandbox

@Suite("App IO after the 201")
struct AppIOFatesTests {
    private static let code = "RSSMRA68A01H501Y"

    private func send(
        _ world: World, to code: String = code, premium: Bool = false, payment: Bool = false,
        key: String = "sandbox-key-1"
    ) async throws -> String {
        let notice: JSONValue = ["amount": 12345, "notice_number": "301011100007347557"]
        var members = try #require(message(code, payment ? ["payment_data": notice] : [:]).object)
        if premium { members["feature_level_type"] = "ADVANCED" }
        let answer = try await world.io("POST", "/messages", .object(members), key: key)
        return try #require(answer?.json?["id"]?.string, "\(String(describing: answer?.status))")
    }

    private func look(_ world: World, _ id: String, of code: String = code, key: String = "sandbox-key-1")
        async throws -> JSONValue?
    {
        world.clock.advance(AppIODesk.settlesAfter)
        return try await world.io("GET", "/messages/\(code)/\(id)", key: key)?.json
    }

    @Test(
        "who is rejected, fails or waits follows from the code",
        arguments: [
            ("REJMRA68A01H501Y", "REJECTED"), ("FAIMRA68A01H501Y", "FAILED"), ("THRMRA68A01H501Y", "THROTTLED"),
        ])
    func ends(code: String, end: String) async throws {
        try await World.with { world in
            #expect(try await world.io("POST", "/profiles", ["fiscal_code": .string(code)])?.status == 200)
            let id = try await send(world, to: code)
            #expect(try await look(world, id, of: code)?["status"]?.string == end)
            #expect(try await world.json("/api/messages").array?.first?["delivered"] == false)
            #expect(try await world.json("/api/counts")["looks"] == 1)
        }
    }

    @Test("a premium message tells whether it was read and paid; a standard one does not")
    func premium() async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["premium": true]]) == 200)
            let id = try await send(world, premium: true, payment: true)
            var seen = try await look(world, id)
            #expect(seen?["message"]?["feature_level_type"] == "ADVANCED")
            #expect(seen?["read_status"] == "UNREAD")
            #expect(seen?["payment_status"] == "NOT_PAID")
            #expect(
                try await world.send("POST", "/control/messages/\(id)", ["read": true, "paid": true])?.status == 200)
            seen = try await look(world, id)
            #expect(seen?["read_status"] == "READ")
            #expect(seen?["payment_status"] == "PAID")
            #expect(try await world.send("POST", "/control/messages/\(id)", ["read": nil])?.status == 200)
            #expect(try await look(world, id)?["read_status"] == "UNAVAILABLE")

            let standard = try await look(world, try await send(world, payment: true))
            #expect(standard?["read_status"] == nil && standard?["payment_status"] == nil)
        }
    }

    @Test("a fate asked for through the control API; what is not understood changes nothing")
    func control() async throws {
        try await World.with { world in
            let id = try await send(world)
            #expect(try await look(world, id)?["status"] == "PROCESSED")
            for bad in [["status": "GONE"], ["read": 1], ["typo": true], ["status": "REJECTED", "paid": "x"]]
                as [JSONValue]
            {
                #expect(try await world.send("POST", "/control/messages/\(id)", bad)?.status == 400)
            }
            #expect(try await look(world, id)?["status"] == "PROCESSED")
            #expect(try await world.send("POST", "/control/messages/\(id)", ["status": "REJECTED"])?.status == 200)
            #expect(try await look(world, id)?["status"] == "REJECTED")
            #expect(try await world.send("POST", "/control/messages/none", ["read": true])?.status == 404)
        }
    }

    @Test("services have keys and permissions of their own, and see no other's messages")
    func services() async throws {
        try await World.with { world in
            let tari: JSONValue = ["name": "TARI", "keys": ["tari-1", "tari-2"], "premium": true]
            #expect(try await world.control(["io": ["services": [tari], "revoked": ["tari-2"]]]) == 200)
            let id = try await send(world, premium: true, key: "tari-1")
            #expect(try await look(world, id, key: "tari-1")?["message"]?["sender_service_id"] == "TARI")
            #expect(try await world.io("GET", "/messages/\(Self.code)/\(id)")?.status == 403)
            #expect(try await world.io("POST", "/messages", message(), key: "tari-2")?.status == 401)
            #expect(try await world.control(["io": ["revoked": ["tari-1", "sandbox-key-1"]]]) == 200)
            #expect(try await world.io("POST", "/messages", message(), key: "tari-1")?.status == 401)
            #expect(try await world.io("POST", "/messages", message())?.status == 401)
            #expect(try await world.io("POST", "/messages", message(), key: "tari-2")?.status == 201)
            #expect(try await world.json("/control")["io"]?["services"]?.array?.first?["name"] == "TARI")
        }
    }

    private static let plan: JSONValue = [
        "io": ["rate_plan": [["seconds": 10, "limit": 1], ["seconds": 10, "limit": .null]]]
    ]

    private func calls(_ world: World) async throws -> [Int?] {
        var statuses: [Int?] = []
        for _ in 0..<3 {
            statuses.append(try await world.io("POST", "/profiles", ["fiscal_code": .string(Self.code)])?.status)
        }
        return statuses
    }

    @Test("a rate limit that moves")
    func ratePlan() async throws {
        try await World.with { world in
            #expect(try await world.control(Self.plan) == 200)
            // The clock of the tests begins at a multiple of 20 seconds.
            for expected in [[200, 429, 429], [200, 200, 200], [200, 429, 429]] {
                let statuses = try await calls(world)
                #expect(statuses == expected)
                world.clock.advance(10)
            }
        }
    }

    @Test(
        "plans and services that are none change nothing",
        arguments: [
            ["rate_plan": [["limit": 1]]], ["rate_plan": [["seconds": 0, "limit": 1]]],
            ["rate_plan": [["seconds": 1, "limit": "x"]]], ["rate_plan": 7], ["services": [["keys": ["a"]]]],
            ["services": [["name": "x"]]], ["services": [["name": "x", "keys": [], "premium": 1]]], ["premium": "yes"],
        ] as [JSONValue])
    func refused(io: JSONValue) async throws {
        try await World.with { world in
            let before = try await world.json("/control")
            #expect(try await world.control(["io": io]) == 400)
            #expect(try await world.json("/control") == before)
        }
    }

    @Test("the page shows payment notices, and what can be done with them")
    func page() async throws {
        try await World.with { world in
            let page = String(decoding: try #require(try await world.send("GET", "/")).body, as: UTF8.self)
            #expect(page.contains("id=\"m-pay\"") && page.contains("control/messages/"))
            let id = try await send(world, payment: true)
            let listed = try await world.json("/api/messages").array?.first
            #expect(listed?["payment"]?["amount"] == 12345)
            #expect(listed?["paid"] == false && listed?["read"] == "UNREAD")
            #expect(try await world.send("POST", "/control/messages/\(id)", ["paid": true])?.status == 200)
            #expect(try await world.json("/api/messages").array?.first?["paid"] == true)
        }
    }
}
