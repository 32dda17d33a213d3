import Foundation
import TestSupport
import Testing

@testable import Sandbox

/// The published schema's examples, read from beside the repository.
enum Examples {
    static var all: JSONValue? {
        guard let data = try? SharedData.read("app-io/newmessage.examples.json") else { return nil }
        return try? JSONDecoder().decode(JSONValue.self, from: data)
    }
}

@Suite("App IO examples", .enabled(if: Examples.all != nil, "../shared/data/app-io is not there"))
struct ExamplesTests {
    @Test("valid messages are accepted, save for the permission a payee needs")
    func valid() async throws {
        let examples = try #require(Examples.all?["valid"]?.object)
        #expect(!examples.isEmpty)
        try await World.with { world in
            for (name, example) in examples {
                let path = example["fiscal_code"] == nil ? "/messages/RSSMRA68A01H501Y" : "/messages"
                let expected = name == "payment_payee" ? 403 : 201
                let answer = try await world.io("POST", path, example)
                #expect(answer?.status == expected, "\(name)")
            }
        }
    }

    @Test("invalid messages are refused")
    func invalid() async throws {
        let examples = try #require(Examples.all?["invalid"]?.object)
        #expect(!examples.isEmpty)
        try await World.with { world in
            for (name, example) in examples {
                let answer = try await world.io("POST", "/messages", example)
                #expect(answer?.status == 400, "\(name)")
                #expect(answer?.json?["status"] == 400, "\(name)")
            }
            #expect(try await world.json("/api/counts")["messages"] == 0)
        }
    }

    @Test("lengths are in UTF-16 units")
    func lengths() async throws {
        let examples = try #require(Examples.all?["subject_length_is_utf16"]?.array)
        #expect(!examples.isEmpty)
        try await World.with { world in
            for example in examples {
                let subject = try #require(example["subject"])
                let answer = try await world.io("POST", "/messages", message("RSSMRA68A01H501Y", ["subject": subject]))
                let expected = example["accepted"] == true ? 201 : 400
                #expect(answer?.status == expected, "\(subject.string ?? "")")
            }
        }
    }
}
