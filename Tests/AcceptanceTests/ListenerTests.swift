import Foundation
import Testing

@testable import Daemon

/// What strangers and careless senders do to the listener.
@Suite(.serialized) struct ListenerAcceptance {
    private static let path = "/v1/channels/portale/messages"

    private static func post(_ headers: String, token: String? = City.token, version: String = "1.1") -> String {
        "POST \(path) HTTP/\(version)\r\nHost: x\r\n" + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
            + headers + "\r\n\r\n"
    }

    @Test("Refused before its end, a request is answered and the connection ends")
    func earlyAnswers() async throws {
        let city = try await City()
        let running = try await city.start()
        let now = Int(Date().timeIntervalSince1970)
        let mac = Data(repeating: 7, count: 32).base64EncodedString()
        func signed(_ time: Int, _ signature: String) -> String {
            Self.post(
                "Content-Length: 1000000\r\nwebhook-id: 1\r\nwebhook-timestamp: \(time)\r\nwebhook-signature: \(signature)",
                token: nil)
        }
        for (request, status) in [
            (Self.post("Content-Length: 1000000", token: "wrong"), 401), (signed(now - 3600, "v1,\(mac)"), 401),
            (signed(now, "v1,AAAA"), 401), (Self.post("Content-Length: 100000000"), 413),
            (Self.post("Transfer-Encoding: chunked") + "zz\r\n", 400),
            (
                Self.post("Transfer-Encoding: chunked")
                    + "2\r\n{}\r\n0\r\nX: \(String(repeating: "x", count: 100_000))",
                400
            ),
        ] {
            let connection = try RawConnection(port: running.port)
            connection.send(request)
            let answer = try #require(connection.receive(), "\(status): \(request.prefix(300))")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.lowercased().contains("\r\nconnection: close\r\n"))
            #expect(answer.contains("application/problem+json"))
        }
        let left = try RawConnection(port: running.port)
        left.send(Self.post("Content-Length: 100") + "{")
        left.finish()
        #expect(left.receive() != nil)
        let metrics = try await HTTP.get(running.base + "/metrics").text
        #expect(metrics.contains("\npasquino_internal_errors_total 0\n"))
        #expect(!metrics.contains(#"status="503""#))
        await city.end(running)
        #expect(!running.program.output.contains("unexpected error"))
    }

    @Test("Expect: 100-continue is answered to those who may send")
    func continues() async throws {
        let city = try await City()
        let running = try await city.start()
        let body = #"{"id":"c1","text":"buca"}"#
        let headers = "Expect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\nConnection: close"
        let welcome = try RawConnection(port: running.port)
        welcome.send(Self.post(headers))
        #expect(welcome.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        welcome.send(body)
        #expect(try #require(welcome.receive()).hasPrefix("HTTP/1.1 201 "))
        let stranger = try RawConnection(port: running.port)
        stranger.send(Self.post(headers, token: "wrong"))
        #expect(try #require(stranger.receive()).hasPrefix("HTTP/1.1 401 "))
        await city.end(running)
    }

    @Test("HEAD, wrong methods, HTTP/1.0 and percent-encoded paths")
    func manners() async throws {
        let city = try await City()
        let running = try await city.start()
        func ask(_ method: String, _ path: String, _ version: String = "1.0") throws -> String {
            let connection = try RawConnection(port: running.port)
            connection.send("\(method) \(path) HTTP/\(version)\r\nHost: x\r\n\r\n")
            return try #require(connection.receive(), "\(method) \(path)")
        }
        let posted = try await running.post(#"{"id":"m1","text":"buca"}"#)
        let url = try #require(posted.member("status_url"))
        let page = String(url.dropFirst("http://127.0.0.1:8060".count))
        for path in ["/health/live", "/health/ready", "/metrics", "/openapi.yaml", page] {
            let head = try ask("HEAD", path)
            #expect(head.hasPrefix("HTTP/1.1 200 "), "\(path): \(head)")
            #expect(head.hasSuffix("\r\n\r\n"))
            #expect(!head.lowercased().contains("content-length: 0"))
        }
        for (method, path, allow) in [
            ("DELETE", "/metrics", "GET, HEAD"), ("GET", Self.path, "POST"),
            ("DELETE", "/t/RM-AAAAAAAA", "GET, HEAD, POST"),
        ] {
            let answer = try ask(method, path)
            #expect(answer.hasPrefix("HTTP/1.1 405 "), "\(answer)")
            #expect(answer.lowercased().contains("\r\nallow: \(allow.lowercased())\r\n"))
        }
        #expect(try ask("GET", "/nowhere").hasPrefix("HTTP/1.1 404 "))
        let encoded = try ask("GET", page.replacing("-", with: "%2D", maxReplacements: 1))
        #expect(encoded.hasPrefix("HTTP/1.1 200 "), "\(encoded.prefix(200))")
        #expect(encoded.lowercased().contains("\r\nreferrer-policy: no-referrer\r\n"))
        #expect(try ask("GET", "/t/%FF").hasPrefix("HTTP/1.1 404 "))
        await city.end(running)
    }

    @Test("With all connections taken the daemon says so, rests, and serves again when they are gone")
    func crowd() async throws {
        #expect(OpenFiles.connections(descriptors: 160) == 32)
        #expect(OpenFiles.connections(descriptors: 1_048_576) == 10_000)
        #expect(OpenFiles.connections(descriptors: 64) == 16)
        let city = try await City()
        let running = try await city.start(descriptors: 160)
        var crowd: [RawConnection] = []
        for _ in 0..<200 { crowd.append(try RawConnection(port: running.port)) }
        #expect(await running.program.line(containing: "all 32 connections are in use") != nil)
        crowd = []
        #expect(try await HTTP.get(running.base + "/health/ready").status == 200)
        await city.end(running)
        #expect(!running.program.output.contains("could not be taken"))
    }
}
