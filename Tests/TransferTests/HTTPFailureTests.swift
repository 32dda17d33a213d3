import Testing
import TransferTesting

@testable import Transfer

@Suite("HTTP failures", .timeLimit(.minutes(30)))
struct HTTPFailureTests {
    /// What goes wrong at the other side, what the caller is told.
    struct Mishap: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: TransferError.Kind
        let sent: Bool
        var scheme = "http"
        var body = "body"
        let serve: @Sendable (Peer, Int) -> Void
    }

    static let mishaps = [
        Mishap(testDescription: "close before reading", kind: .connect, sent: true) { peer, _ in _ = peer.request() },
        Mishap(testDescription: "close before answer, no body", kind: .connect, sent: true, body: "") { peer, _ in
            _ = peer.request()
        },
        Mishap(testDescription: "close in the middle of the answer", kind: .connect, sent: true) { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        },
        Mishap(testDescription: "never answers", kind: .timeout, sent: true) { peer, _ in _ = peer.untilClosed() },
        Mishap(testDescription: "never shakes hands", kind: .timeout, sent: false, scheme: "https") { peer, _ in
            _ = peer.untilClosed()
        },
        Mishap(testDescription: "body too large", kind: .tooLarge, sent: true) { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001))
            _ = peer.untilClosed()
        },
        Mishap(testDescription: "endless body", kind: .tooLarge, sent: true) { peer, _ in
            _ = peer.request()
            peer.send("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 5000))
            _ = peer.untilClosed()
        },
        Mishap(testDescription: "head too large", kind: .tooLarge, sent: true) { peer, _ in
            _ = peer.request()
            let line = "X: " + String(repeating: "x", count: 1000) + "\r\n"
            peer.send("HTTP/1.1 200 OK\r\n" + String(repeating: line, count: 90) + "\r\n")
            _ = peer.untilClosed()
        },
        Mishap(testDescription: "not TLS", kind: .tls, sent: false, scheme: "https") { peer, _ in
            peer.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = peer.untilClosed()
        },
    ]

    @Test(arguments: mishaps)
    func tellsWhatHappened(mishap: Mishap) async throws {
        let server = try LoopbackServer(mishap.serve)
        let request = HTTPRequest(
            method: "POST", url: "\(mishap.scheme)://127.0.0.1:\(server.port)/RSSMRA80A01H501U?cf=RSSMRA80A01H501U",
            headers: [("X-Key", "secret")], body: Array(mishap.body.utf8),
            timeout: mishap.kind == .timeout ? .milliseconds(300) : .seconds(600),
            maximumResponse: 1000)
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in try await client.send(request) }
        }
        #expect(error.kind == mishap.kind)
        #expect(error.requestSent == mishap.sent)
        #expect(error.message.hasPrefix("127.0.0.1:\(server.port): "))
        #expect(!"\(error)".contains("RSSMRA") && !"\(error)".contains("secret"))
        #expect(error.isRetriable == (mishap.kind != .tooLarge))
    }

    @Test func nobodyListens() async throws {
        let port = try LoopbackServer.closedPort()
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in
                try await client.send(HTTPRequest(method: "POST", url: "http://127.0.0.1:\(port)/", body: [1]))
            }
        }
        #expect(error.kind == .connect)
        #expect(!error.requestSent && error.isRetriable)
    }

    @Test func noSuchHost() async throws {
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in
                try await client.send(HTTPRequest(method: "POST", url: "http://nobody.invalid/", body: [1]))
            }
        }
        #expect(error.kind == .resolve)
        #expect(!error.requestSent && error.isRetriable)
    }

    /// libcurl by itself would send it twice.
    @Test func aPostOnAKeptConnectionIsNotRepeated() async throws {
        let bodies = Notes<[UInt8]>()
        let server = try LoopbackServer { peer, _ in
            for _ in 0..<2 {
                guard let request = peer.request() else { return }
                bodies.add(request.body)
                if request.body == [1] { peer.send(HTTPTests.keepAlive) }
            }
        }
        let error = try await withClient { client in
            let url = "http://127.0.0.1:\(server.port)/"
            _ = try await client.send(HTTPRequest(method: "POST", url: url, body: [1]))
            return try await failure { () throws(TransferError) in
                try await client.send(HTTPRequest(method: "POST", url: url, body: [2]))
            }
        }
        #expect(error.kind == .connect)
        #expect(error.requestSent)
        #expect(bodies.all == [[1], [2]])
    }

    @Test func cancellingTheTaskEndsTheTransfer() async throws {
        let (received, ended) = (Event(), Event())
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            received.signal()
            _ = peer.untilClosed()
            ended.signal()
        }
        let error = try await withClient { client in
            let task = Task {
                try await failure { () throws(TransferError) in
                    try await client.send(
                        HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: [1]))
                }
            }
            await received.happened()
            task.cancel()
            await ended.happened()
            return try await task.value
        }
        #expect(error.kind == .cancelled)
        #expect(error.requestSent)
    }

    @Test func closingTheClientEndsTheTransfer() async throws {
        let received = Event()
        let server = try LoopbackServer { peer, _ in
            _ = peer.request()
            received.signal()
            _ = peer.untilClosed()
        }
        let client = try TransferClient(label: "test")
        async let error = failure { () throws(TransferError) in
            try await client.send(HTTPRequest(method: "POST", url: "http://127.0.0.1:\(server.port)/", body: [1]))
        }
        await received.happened()
        await client.close()
        let kind = try await error.kind
        #expect(kind == .cancelled)
    }

    @Test(arguments: [
        HTTPRequest(method: "GET", url: "http://127.0.0.1:1/\r\nX: y"),
        HTTPRequest(method: "GET", url: "http://127.0.0.1:1/a b"),
        HTTPRequest(method: "GET", url: "http://user:word@127.0.0.1:1/"),
        HTTPRequest(method: "GET", url: "file:///etc/passwd"),
        HTTPRequest(method: "GET", url: "smtp://127.0.0.1:1/"),
        HTTPRequest(method: "GET", url: ""),
        HTTPRequest(method: "GET /x", url: "http://127.0.0.1:1/"),
        HTTPRequest(method: "", url: "http://127.0.0.1:1/"),
        HTTPRequest(method: "GET", url: "http://127.0.0.1:1/", headers: [("X", "a\r\nY: b")]),
        HTTPRequest(method: "GET", url: "http://127.0.0.1:1/", headers: [("X", "a\0b")]),
        HTTPRequest(method: "GET", url: "http://127.0.0.1:1/", headers: [("X: y", "a")]),
        HTTPRequest(method: "POST", url: "http://127.0.0.1:1/", headers: [("content-Length", "3")]),
    ])
    func whatCannotBeSentIsRefusedHere(request: HTTPRequest) async throws {
        let error = try await withClient { client in
            try await failure { () throws(TransferError) in try await client.send(request) }
        }
        #expect(error.kind == .other)
        #expect(!error.requestSent && !error.isRetriable)
    }
}
