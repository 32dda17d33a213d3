import Foundation
import Testing

@testable import Bench

@Suite struct BenchMessagesTests {
    private struct Posted: Decodable {
        struct Sender: Decodable {
            var email: String
            var phone: String?
        }
        var id: String
        var from: Sender
        var text: String
        var fields: [String: String]?
    }

    private func rome(people: Int = 1000) throws -> BenchMessages {
        let kinds = [("buca", 9), ("rifiuti", 1)].map { text, weight in
            BenchMessages.Kind(weight: weight, bodies: [Data(#"{"text":"\#(text)"}"#.utf8)])
        }
        return try BenchMessages.rome(kinds, areas: ["i", "ii"], people: people, token: "T", run: "r")
    }

    /// The head's lines and the body.
    private func parts(_ request: [UInt8]) throws -> (head: [Substring], body: [UInt8]) {
        let text = String(decoding: request, as: UTF8.self)
        let end = try #require(text.range(of: "\r\n\r\n"))
        return (text[..<end.lowerBound].split(separator: "\r\n"), Array(text[end.upperBound...].utf8))
    }

    @Test("each request is whole: its length is its body's, which the webhook understands")
    func whole() throws {
        let messages = try rome()
        for index in 0..<500 {
            let (head, body) = try parts(messages.request(index))
            #expect(head[0].hasPrefix("POST /v1/channels/") && head[0].hasSuffix("/messages HTTP/1.1"))
            #expect(head.contains("Authorization: Bearer T"))
            #expect(head.contains("Content-Length: \(body.count)"))
            let posted = try JSONDecoder().decode(Posted.self, from: Data(body))
            #expect(["buca", "rifiuti"].contains(posted.text))
            #expect((posted.from.phone != nil) == head[0].contains("/callcenter/"))
        }
    }

    @Test("the same index is the same request, in every run; a repetition is one of those before, and one in fifty is")
    func repetitions() throws {
        let (messages, again) = (try rome(), try rome())
        var seen: Set<[UInt8]> = []
        var repetitions = 0
        for index in 0..<5000 {
            let request = messages.request(index)
            #expect(request == again.request(index))
            let isNew = seen.insert(request).inserted
            #expect(isNew != messages.isRepetition(index))
            if !isNew { repetitions += 1 }
        }
        #expect((60...140).contains(repetitions))
    }

    @Test("what is frequent in Rome is frequent here")
    func weights() throws {
        let messages = try rome()
        var texts: [String: Int] = [:]
        var ways: [String: Int] = [:]
        var senders: Set<String> = []
        for index in 0..<5000 {
            let (head, body) = try parts(messages.request(index))
            let posted = try JSONDecoder().decode(Posted.self, from: Data(body))
            texts[posted.text, default: 0] += 1
            ways[String(head[0].split(separator: "/")[3]), default: 0] += 1
            senders.insert(posted.from.email)
        }
        #expect((4300...4700).contains(texts["buca", default: 0]))
        #expect((3000...3400).contains(ways["portale", default: 0]))
        #expect(Set(ways.keys) == Set(RomeMix.channelNames))
        #expect((950...1000).contains(senders.count))
    }

    @Test("messages of a file come in turn, each from somebody else, and say what they say")
    func file() throws {
        let bodies = [#"{"id":"x","text":"a","from":{"email":"a@example.org"}}"#, #"{"text":"b"}"#]
        let messages = try BenchMessages.each(of: bodies.map { Data($0.utf8) }, channel: "c", token: "T", run: "r")
        let posted = try (0..<4).map {
            try JSONDecoder().decode(Posted.self, from: Data(parts(messages.request($0)).body))
        }
        #expect(posted.map(\.text) == ["a", "b", "a", "b"])
        #expect(posted.map(\.from.email) == ["a@example.org", "p1@example.org", "a@example.org", "p3@example.org"])
        #expect(posted.map(\.id) == ["r-0", "r-1", "r-2", "r-3"])
        #expect(!(0..<1000).contains(where: messages.isRepetition))
    }

    @Test("telephone numbers are as long as Italy's, and everybody has one of their own")
    func phones() {
        #expect(BenchMessages.phone(of: 0) == "+393900000000")
        #expect(BenchMessages.phone(of: 2_999_999) == "+393902999999")
    }
}
