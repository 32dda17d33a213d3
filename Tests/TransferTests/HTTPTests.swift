import Testing
import TransferTesting

@testable import Transfer

@Suite("HTTP", .timeLimit(.minutes(30)))
struct HTTPTests {
    static let keepAlive = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Seen: yes\r\n\r\nok"

    @Test(arguments: [("200 OK", 200), ("404 Not Found", 404), ("429 Too Many Requests", 429)])
    func answersOfAnyStatusAreAnswers(line: String, status: Int) async throws {
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 100 Continue\r\nRetry-After: wrong\r\n\r\n")
            peer.send("HTTP/1.1 \(line)\r\nretry-AFTER:  7 \r\nContent-Length: 4\r\n\r\nbody")
        }
        let response = try await withClient {
            try await $0.send(HTTPRequest(method: "GET", url: "http://127.0.0.1:\(server.port)/"))
        }
        #expect(response.status == status)
        #expect(response.header("Retry-After") == "7")
        #expect(response.header("absent") == nil)
        #expect(response.body == Array("body".utf8))
    }

    @Test(arguments: [
        ("POST", "payload"), ("POST", ""), ("PUT", "payload"), ("DELETE", ""), ("PATCH", "p"), ("GET", ""),
    ])
    func sendsMethodHeadersAndBody(method: String, body: String) async throws {
        let seen = Notes<(head: [String], body: [UInt8])>()
        let server = try LoopbackServer { peer, _ in
            peer.request().map(seen.add)
            peer.send(Self.keepAlive)
        }
        let request = HTTPRequest(
            method: method, url: "http://127.0.0.1:\(server.port)/a?b=c",
            headers: [("X-Key", "secret"), ("X-Empty", "")],
            body: Array(body.utf8))
        let response = try await withClient { try await $0.send(request) }
        #expect(response.status == 200)
        let got = try #require(seen.all.first)
        #expect(got.head.first == "\(method) /a?b=c HTTP/1.1")
        #expect(got.head.contains("X-Key: secret"))
        #expect(got.head.contains("X-Empty:"))
        #expect(!got.head.contains { $0.hasPrefix("Content-Type") || $0.hasPrefix("Expect") })
        #expect(got.body == Array(body.utf8))
    }

    @Test func aHeadRequestHasNoBody() async throws {
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
            _ = peer.untilClosed()
        }
        let response = try await withClient {
            try await $0.send(HTTPRequest(method: "HEAD", url: "http://127.0.0.1:\(server.port)/"))
        }
        #expect(response.header("content-length") == "500")
        #expect(response.body.isEmpty)
    }

    @Test func oneConnectionCarriesManyRequests() async throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.send(Self.keepAlive) }
        }
        try await withClient { client in
            for number in 0..<50 {
                let request = HTTPRequest(
                    method: "POST", url: "http://127.0.0.1:\(server.port)/", body: Array("\(number)".utf8))
                let answer = try await client.send(request)
                #expect(answer.status == 200)
            }
        }
        #expect(server.connections == 1)
    }

    @Test func noMoreConnectionsThanAllowed() async throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.send(Self.keepAlive) }
        }
        try await withClient(connectionsPerHost: 3) { client in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await client.send(HTTPRequest(method: "GET", url: "http://127.0.0.1:\(server.port)/"))
                            .status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect((1...3).contains(server.connections))
    }

    @Test func redirectsAreNotFollowed() async throws {
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")
        }
        let response = try await withClient {
            try await $0.send(HTTPRequest(method: "GET", url: "http://127.0.0.1:\(server.port)/"))
        }
        #expect(response.status == 302)
        #expect(server.connections == 1)
    }

    @Test func aKeptConnectionThatWasClosedIsReplacedAndNotWatched() async throws {
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            peer.send(Self.keepAlive)
            peer.close()
        }
        try await withClient { client in
            for _ in 0..<3 {
                let request = HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: [1])
                let answer = try await client.send(request)
                #expect(answer.status == 200)
                // The loop hears of the close when the kernel tells it; left watched, it would be told for ever.
                while await client.descriptors.watched != 0 { await Task.yield() }
            }
        }
        #expect(server.connections == 3)
    }

    @Test func closingTheClientClosesItsConnections() async throws {
        let ended = Event()
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.send(Self.keepAlive) }
            ended.signal()
        }
        let client = try TransferClient(label: "test")
        let request = HTTPRequest(method: "GET", url: "http://127.0.0.1:\(server.port)/")
        _ = try await client.send(request)
        #expect(await client.descriptors.open == 1)
        await client.close()
        await ended.happened()
        #expect(await client.descriptors == (0, 0))
        let error = try await failure { () throws(TransferError) in try await client.send(request) }
        #expect(error.kind == .cancelled)
    }
}
