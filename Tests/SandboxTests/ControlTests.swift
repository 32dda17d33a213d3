import Foundation
import Testing

@testable import Sandbox

@Suite("Control of the sandbox")
struct ControlTests {
    @Test(
        "modes of App IO",
        arguments: [
            ("broken", 500, 0), ("throttle", 429, 0), ("slow", 201, 1), ("silent", nil, 1), ("normal", 201, 1),
            ("reset", nil, 0),
            ("half_answer", 201, 1),
        ]
            as [(String, Int?, Int)])
    func modes(mode: String, status: Int?, stored: Int) async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["mode": .string(mode), "delay_ms": 1]]) == 200)
            let answer = try await world.io("POST", "/messages", message())
            #expect(answer?.status == status)
            // Its head says more than what comes.
            if mode == "half_answer" { #expect(answer?.json == nil) }
            #expect(try await world.json("/api/counts")["messages"]?.integer == stored)
            if mode == "throttle" { #expect(answer?.headers["x-rate-limit-retry-after"] == "1") }
        }
    }

    @Test("a mode that meets only messages lets every other call pass")
    func onlyMessages() async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["mode": "silent", "only_messages": true]]) == 200)
            let asked: JSONValue = ["fiscal_code": "RSSMRA68A01H501Y"]
            #expect(try await world.io("POST", "/profiles", asked)?.status == 200)
            let answer = try await world.io("POST", "/messages", message())
            #expect(answer?.status == nil)
            #expect(try await world.json("/api/counts")["messages"]?.integer == 1)
        }
    }

    @Test("the next calls fail, then all is well")
    func failNext() async throws {
        try await World.with { world in
            #expect(try await world.control(["io": ["fail_next": 2, "status": 503]]) == 200)
            for expected in [503, 503, 201] {
                let answer = try await world.io("POST", "/messages", message())
                #expect(answer?.status == expected)
            }
        }
    }

    @Test("people lose the app when listed, and a reset forgets everything")
    func reset() async throws {
        try await World.with { world in
            let code: JSONValue = "RSSMRA68A01H501Y"
            #expect(try await world.control(["io": ["without_app": [code]], "smtp": ["mode": "reject"]]) == 200)
            #expect(try await world.io("POST", "/profiles", ["fiscal_code": code])?.status == 404)
            #expect(try await world.send("POST", "/control/reset")?.status == 200)
            let counts = try await world.json("/api/counts")
            #expect(counts["profiles"] == 0)
            #expect(counts["refused"]?.object?.isEmpty == true)
            #expect(try await world.json("/control")["smtp"]?["mode"] == "normal")
            #expect(try await world.io("POST", "/profiles", ["fiscal_code": code])?.status == 200)
        }
    }

    @Test(
        "a request that is not understood changes nothing",
        arguments: [
            ["io": ["mode": "bad"]], ["io": ["mode": "slow", "typo": 1]], ["other": [:]], [],
            ["smtp": ["fail_next": -1]], ["io": ["rate_limit": "x"]], ["smtp": ["addresses": [1]]],
        ] as [JSONValue])
    func refused(request: JSONValue) async throws {
        try await World.with { world in
            let before = try await world.json("/control")
            let answer = try await world.send("POST", "/control", request)
            #expect(answer?.status == 400)
            #expect(answer?.json?["detail"]?.string?.isEmpty == false)
            #expect(try await world.json("/control") == before)
        }
    }

    @Test("a port that is taken is an error with its address")
    func portTaken() async throws {
        try await World.with { world in
            var options = SandboxOptions()
            options.httpPort = 0
            options.smtpPort = world.ports.smtp
            let second = Sandbox(options: options)
            await #expect(throws: SandboxError.self) { try await second.run { _ in } }
        }
    }

    @Test("a sandbox that stops hangs up on those who are connected", .timeLimit(.minutes(30)))
    func hangUp() async throws {
        let (talks, talk) = AsyncStream<Task<[UInt8], any Error>>.makeStream()
        try await World.with { world in
            talk.yield(Task { try await Wire.exchange(world.ports.smtp, Array("WHAT\r\n".utf8)) })
            var refusals: JSONValue?
            while refusals == nil { refusals = try await world.json("/api/counts")["refused"]?["smtp_500"] }
        }
        talk.finish()
        for await task in talks {
            let text = String(decoding: try await task.value, as: UTF8.self)
            #expect(text.contains("\r\n500 "))
        }
    }
}
