import Foundation
import Testing

@testable import Sandbox

/// A message with everything right; tests spoil one thing each.
func message(_ code: String? = "RSSMRA68A01H501Y", _ extra: [String: JSONValue] = [:]) -> JSONValue {
    var content: [String: JSONValue] = [
        "subject": "La tua segnalazione è arrivata", "markdown": .string(String(repeating: "testo ", count: 20)),
    ]
    content.merge(extra) { $1 }
    return .object(["fiscal_code": JSONValue(code), "content": .object(content)])
}

@Suite("App IO service")
struct AppIOTests {
    @Test("a profile, a message, and its way to the inbox")
    func happyPath() async throws {
        try await World.with { world in
            let profile = try await world.io("POST", "/profiles", ["fiscal_code": "RSSMRA68A01H501Y"])
            #expect(profile?.status == 200)
            #expect(profile?.json?["sender_allowed"]?.bool == true)
            #expect(profile?.headers["x-rate-limit-remaining"] == "149")
            let sent = try await world.io("POST", "/messages", message())
            #expect(sent?.status == 201)
            let id = try #require(sent?.json?["id"]?.string)
            #expect(id.count == 26)
            #expect(sent?.headers["location"] == "/api/v1/messages/RSSMRA68A01H501Y/\(id)")
            let first = try await world.io("GET", "/messages/RSSMRA68A01H501Y/\(id)")
            #expect(first?.json?["status"] == "ACCEPTED")
            let second = try await world.io("GET", "/messages/RSSMRA68A01H501Y/\(id)")
            #expect(second?.json?["status"] == "PROCESSED")
            #expect(second?.json?["message"]?["fiscal_code"] == "RSSMRA68A01H501Y")
            #expect(second?.json?["message"]?["sender_service_id"]?.string?.isEmpty == false)
            #expect(try await world.io("GET", "/messages/ENGLND80A41H501X/\(id)")?.status == 404)
        }
    }

    @Test(
        "who has the app follows from the code",
        arguments: [
            ("NOAMRA68A01H501Y", 404, nil, "REJECTED"), ("NOSMRA68A01H501Y", 200, false, "REJECTED"),
            ("REJMRA68A01H501Y", 200, true, "REJECTED"), ("AAAAAA00A00A000A", 200, true, "PROCESSED"),
        ] as [(String, Int, Bool?, String)])
    func people(code: String, status: Int, allowed: Bool?, end: String) async throws {
        try await World.with { world in
            let profile = try await world.io("POST", "/profiles", ["fiscal_code": .string(code)])
            #expect(profile?.status == status)
            #expect(profile?.json?["sender_allowed"]?.bool == allowed)
            let sent = try await world.io("POST", "/messages", message(code))
            #expect(sent?.status == 201)
            let id = try #require(sent?.json?["id"]?.string)
            world.clock.advance(AppIODesk.settlesAfter)
            #expect(try await world.io("GET", "/messages/\(code)/\(id)")?.json?["status"]?.string == end)
        }
    }

    @Test("every key but the two valid ones is refused in the gateway's words", arguments: [nil, "", "sandbox-key-3"])
    func keys(key: String?) async throws {
        try await World.with { world in
            let answer = try await world.io("POST", "/profiles", ["fiscal_code": "RSSMRA68A01H501Y"], key: key)
            #expect(answer?.status == 401)
            #expect(answer?.json?["statusCode"] == 401)
            #expect(answer?.json?["message"]?.string?.contains("subscription key") == true)
        }
    }

    @Test("after a rotation only the secondary key works")
    func rotation() async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["rotate": true]]) == 200)
            let code: JSONValue = ["fiscal_code": "RSSMRA68A01H501Y"]
            #expect(try await world.io("POST", "/profiles", code)?.status == 401)
            #expect(try await world.io("POST", "/profiles", code, key: "sandbox-key-2")?.status == 200)
            let fresh = try await world.json("/control")["io"]?["keys"]?["primary"]?.string
            #expect(try await world.io("POST", "/profiles", code, key: fresh)?.status == 200)
        }
    }

    @Test("the fiscal code goes in the path or in the body, never in both or neither")
    func places() async throws {
        try await World.with { world in
            #expect(try await world.io("POST", "/messages", message(nil))?.status == 400)
            #expect(try await world.io("POST", "/messages/RSSMRA68A01H501Y", message())?.status == 400)
            #expect(try await world.io("POST", "/messages/RSSMRA68A01H501Y", message(nil))?.status == 201)
            #expect(try await world.io("GET", "/profiles/RSSMRA68A01H501Y")?.status == 200)
            let counts = try await world.json("/api/counts")
            #expect(counts["discouraged"] == 3)
            #expect(counts["refused"]?["io_400"] == 2)
        }
    }

    @Test("the rate is that of a sliding window, told in the gateway's own headers")
    func rate() async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["rate_limit": 2]]) == 200)
            let code: JSONValue = ["fiscal_code": "RSSMRA68A01H501Y"]
            for remaining in ["1", "0"] {
                let answer = try await world.io("POST", "/profiles", code)
                #expect(answer?.headers["x-rate-limit-remaining"] == remaining)
                world.clock.advance(1)
            }
            let refused = try await world.io("POST", "/profiles", code)
            #expect(refused?.status == 429)
            #expect(refused?.headers["x-rate-limit-retry-after"] == "3")
            #expect(refused?.headers["retry-after"] == nil)
            world.clock.advance(3)
            #expect(try await world.io("POST", "/profiles", code)?.status == 200)
            #expect(try await world.control(["io": ["rate_limit": nil]]) == 200)
            #expect(try await world.io("POST", "/profiles", code)?.headers["x-rate-limit-remaining"] == nil)
        }
    }

    @Test("permissions the service does not have")
    func permissions() async throws {
        try await World.with { world in
            let notice: JSONValue = "301011100007347557"
            let payee: JSONValue = [
                "amount": 1, "notice_number": notice, "payee": ["fiscal_code": "02438750586"],
            ]
            #expect(
                try await world.io("POST", "/messages", message("RSSMRA68A01H501Y", ["payment_data": payee]))?.status
                    == 403)
            var advanced = try #require(message().object)
            advanced["feature_level_type"] = "ADVANCED"
            #expect(try await world.io("POST", "/messages", .object(advanced))?.status == 403)
            #expect(try await world.control(["io": ["max_payment_amount": 0]]) == 200)
            let payment: JSONValue = ["amount": 1, "notice_number": notice]
            let refused = try await world.io(
                "POST", "/messages", message("RSSMRA68A01H501Y", ["payment_data": payment]))
            #expect(refused?.status == 400)
            #expect(refused?.json?["title"] == "Error while sending payment metadata")
        }
    }

    @Test("unknown members are tolerated; what is not JSON, or not an object, is not")
    func shapes() async throws {
        try await World.with { world in
            #expect(try await world.io("POST", "/messages", message("RSSMRA68A01H501Y", ["new": [1]]))?.status == 201)
            for text in ["", "{", "[]", "null", "\"x\"", String(repeating: "[", count: 100_000), "{\"content\":\u{1}}"]
            {
                let answer = try await world.send(
                    "POST", "/io/api/v1/messages", bytes: Array(text.utf8), key: "sandbox-key-1")
                #expect(answer?.status == 400)
                #expect(answer?.headers["content-type"] == "application/problem+json")
            }
        }
    }
}
