import Foundation
import Synchronization
import Testing
import Transfer
import TransferTesting

@testable import Delivery
@testable import Settings

@Suite("What is said on Mastodon") struct MastodonTests {
    private let link = ChatWords.Button(title: "Stato", act: .open(url: "https://urp.example.org/t/RM-1?k=geheim"))

    private func body(_ post: MastodonPost) throws -> [String: String] {
        try #require(try JSONSerialization.jsonObject(with: Data(post.body)) as? [String: String])
    }

    @Test("What was said in public is answered unlisted, without the address of the citizen's page")
    func inPublic() throws {
        let words = ChatWords(text: "Presa in carico: RM-1", buttons: [link], inReplyTo: "109:public")
        #expect(MastodonPost.isPublic("109:unlisted:2026-11-23T09:10:00Z"))
        #expect(
            try body(MastodonPost(words, to: "anna@example.social")) == [
                "status": "@anna@example.social Presa in carico: RM-1", "visibility": "unlisted",
                "in_reply_to_id": "109",
            ])
    }

    @Test(
        "Anything else is answered to the citizen alone, with the address",
        arguments: ["109:direct", "109:private", "109:odd", "109", nil])
    func alone(_ id: String?) throws {
        let words = ChatWords(text: "Presa in carico", buttons: [link], inReplyTo: id)
        let body = try body(MastodonPost(words, to: "anna@example.social"))
        #expect(body["visibility"] == "direct")
        #expect(body["status"] == "@anna@example.social Presa in carico\nhttps://urp.example.org/t/RM-1?k=geheim")
        #expect(body["in_reply_to_id"] == (id == nil ? nil : "109"))
    }

    @Test("When the citizen's post is gone, the answer to it is the citizen's alone")
    func gone() throws {
        let post = MastodonPost(ChatWords(text: "a", inReplyTo: "109:public"), to: "anna@example.social").alone
        #expect(try body(post) == ["status": "@anna@example.social a", "visibility": "direct"])
    }

    @Test("Nobody else is mentioned")
    func mentions() {
        #expect(
            MastodonPost.withoutMentions("scrivi a @sindaco o urp@comune.it, @x")
                == "scrivi a @\u{200B}sindaco o urp@comune.it, @\u{200B}x")
    }

    @Test("Never longer than a server takes, and the address stays whole")
    func length() {
        let words = ChatWords(text: String(repeating: "parola ", count: 200), buttons: [link])
        let text = MastodonPost(words, to: "anna@example.social").text
        #expect(text.utf16.count <= 500 && text.hasSuffix("k=geheim"))
    }

    private enum Kind: Equatable { case delivered, again, pause, givenUp, stopped, gone }

    @Test(
        "Answers",
        arguments: [
            (200, #"{"id":"77"}"#, .delivered), (200, "{}", .again), (401, "{}", .stopped),
            (403, #"{"error":"This action is outside the authorized scopes"}"#, .stopped), (404, "", .gone),
            (422, #"{"error":"Validation failed: Text character limit of 500 exceeded"}"#, .givenUp), (429, "", .pause),
            (500, "", .again), (503, "", .again), (409, "", .again), (302, "", .stopped),
        ] as [(Int, String, Kind)])
    private func answers(status: Int, body: String, expected: Kind) {
        let kind: Kind =
            switch MastodonOutcome(status: status, header: { _ in nil }, body: Array(body.utf8)) {
            case .isGone: .gone
            case .verdict(.delivered): .delivered
            case .verdict(.tryAgain(_, _, let pause)): pause ? .pause : .again
            case .verdict(.stopped): .stopped
            default: .givenUp
            }
        #expect(kind == expected)
    }

    @Test("The pause that the server asks for, by its own clock")
    func pause() {
        let headers = ["date": "Mon, 23 Nov 2026 09:00:00 GMT", "x-ratelimit-reset": "2026-11-23T09:04:00.000000Z"]
        let outcome = MastodonOutcome(status: 429, header: { headers[$0] }, body: [])
        #expect(outcome == .verdict(.tryAgain(reason: "Mastodon answered 429", after: .seconds(240), pause: true)))
    }

    @Test("The same thing has the same key in each attempt, and another thing another one")
    func keys() async throws {
        let asked = Notes<(key: String, body: String)>()
        let server = try LoopbackServer { peer, number in
            while let request = peer.request() {
                let key = request.head.first { $0.lowercased().hasPrefix("idempotency-key:") } ?? ""
                let body = String(decoding: request.body, as: UTF8.self)
                asked.add((key, body))
                let answer = body.contains("in_reply_to_id") ? "" : #"{"id":"5"}"#
                peer.send(
                    "HTTP/1.1 \(answer.isEmpty ? 404 : 200) X\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            }
        }
        let client = try TransferClient(label: "test")
        let account = MastodonChatAccount(
            MastodonAccount(server: "http://127.0.0.1:\(server.port)", token: Secret("g"), pause: .seconds(20)),
            client: client)
        for text in ["a", "a", "b"] {
            #expect(await account.send(ChatWords(text: text), to: "anna@x.org") == .delivered(remoteID: "5"))
        }
        #expect(asked.all[0].key == asked.all[1].key && asked.all[1].key != asked.all[2].key)
        // The post that is answered is gone: once more, to the citizen alone.
        let words = ChatWords(text: "c", inReplyTo: "9:public", key: "n1")
        #expect(await account.send(words, to: "anna@x.org") == .delivered(remoteID: "5"))
        #expect(
            asked.all.suffix(2).map(\.key) == ["Idempotency-Key: pasquino-n1", "Idempotency-Key: pasquino-n1-alone"])
        #expect(asked.all[4].body.contains("direct"))
        await client.close()
    }
}
