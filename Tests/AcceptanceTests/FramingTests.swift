import Foundation
import Testing

/// Requests made so that two readers of one connection, a proxy and the daemon, might disagree about where they end
/// (RFC 9112, 11.2): each is refused, or is one message; what is hidden in its body never becomes another.
@Suite(.serialized) struct FramingAcceptance {
    /// What is sent on one connection. `BODY` stands for a message of its own, `SIZE` for its length, `HEX` for the same in
    /// hexadecimal, `HIDDEN` for a whole second request.
    struct Attack: CustomTestStringConvertible {
        let name: String
        let headers: String
        let body: String
        /// Of the answers, in order. After what is not refused comes a request for the daemon's health.
        let answers: [Int]
        var version = "1.1"
        var testDescription: String { name }

        static let auth = "Host: x\r\nAuthorization: Bearer \(City.token)\r\nContent-Type: application/json\r\n"
        static let path = "/v1/channels/portale/messages"
        static let health = "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

        func bytes(_ id: String) -> String {
            let own = #"{"id":"\#(id)","text":"buca"}"#
            let hidden = #"{"id":"hidden-\#(id)","text":"buca"}"#
            let second =
                "POST \(Attack.path) HTTP/1.1\r\n\(Attack.auth)Content-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)"
            return ("POST \(Attack.path) HTTP/\(version)\r\n\(Attack.auth)\(headers)\r\n" + body)
                .replacing("SIZE", with: "\(own.utf8.count)").replacing("HEX", with: String(own.utf8.count, radix: 16))
                .replacing("BODY", with: own).replacing("HIDDEN", with: second) + Attack.health
        }
    }

    private static func refused(_ name: String, _ headers: String, _ body: String = "BODYHIDDEN", _ status: Int = 400)
        -> Attack
    { Attack(name: name, headers: headers + "\r\n", body: body, answers: [status]) }

    private static func taken(_ name: String, _ headers: String, _ body: String) -> Attack {
        Attack(name: name, headers: headers + "\r\n", body: body, answers: [201, 200])
    }

    private static let chunked = "Transfer-Encoding: chunked"
    private static let whole = "HEX\r\nBODY\r\n0\r\n\r\n"

    static let attacks = [
        refused("both lengths, the longer one first", "Content-Length: SIZE\r\n\(chunked)", whole + "HIDDEN"),
        refused("both lengths, the body empty by chunks", "\(chunked)\r\nContent-Length: 500", "0\r\n\r\nHIDDEN"),
        refused("two lengths", "Content-Length: SIZE\r\nContent-Length: 500"),
        refused("two lengths that agree", "Content-Length: SIZE\r\nContent-Length: SIZE", "BODY"),
        refused("a list of lengths", "Content-Length: SIZE, SIZE", "BODY"),
        refused("a signed length", "Content-Length: +SIZE", "BODY"), refused("a negative length", "Content-Length: -1"),
        refused("a length in hexadecimal", "Content-Length: 0x10"),
        refused("a length of no number", "Content-Length: 99999999999999999999999"),
        refused("a space before the colon", "Content-Length : SIZE"),
        refused("a space before the other colon", "Transfer-Encoding : chunked\r\nContent-Length: SIZE"),
        refused("a line that is no field", "Content-Length\r\nContent-Length: SIZE"),
        refused("a folded length", "X: a\r\n Content-Length: 0\r\nContent-Length: SIZE"),
        refused("a folded coding", "Transfer-Encoding:\r\n chunked", whole),
        refused("a bare line feed", "X: a\nContent-Length: SIZE"),
        refused("a bare return", "X: a\rContent-Length: SIZE"),
        refused("U+0000 in a value", "X: a\u{0}b\r\nContent-Length: SIZE"),
        refused("U+0000 in a name", "X\u{0}: a\r\nContent-Length: SIZE"),
        refused("a vertical tab before the coding", "Transfer-Encoding: \u{B}chunked", whole),
        refused("another coding", "Transfer-Encoding: xchunked", whole, 501),
        refused("a coding after the last", "Transfer-Encoding: chunked, identity", whole),
        refused("two codings", "\(chunked)\r\nTransfer-Encoding: identity", whole),
        refused("a coding that we do not know", "Transfer-Encoding: gzip, chunked", whole + "HIDDEN", 501),
        refused("chunked twice", "Transfer-Encoding: chunked, chunked", whole + "HIDDEN"),
        refused("two hosts", "Host: y\r\nContent-Length: SIZE"),
        refused("a negative chunk", chunked, "-1\r\nBODY\r\n0\r\n\r\nHIDDEN"),
        refused("a chunk of 0x", chunked, "0xHEX\r\nBODY\r\n0\r\n\r\nHIDDEN"),
        refused("a chunk larger than any", chunked, "ffffffffffffffffff\r\nBODY\r\n0\r\n\r\nHIDDEN"),
        refused("a chunk without its line end", chunked, "HEX\r\nBODY0\r\n\r\nHIDDEN"),
        refused("chunks that end with line feeds", chunked, "HEX\nBODY\n0\n\nHIDDEN"),
        refused("a line feed in an extension", chunked, "HEX;a\nX\r\nBODY\r\n0\r\n\r\nHIDDEN"),
        refused("a length behind the chunks", chunked, "HEX\r\nBODY\r\n0\r\nContent-Length: 5\r\n\r\nHIDDEN"),
        refused("five thousand fields", String(repeating: "X: a\r\n", count: 5000) + "Content-Length: SIZE"),
        refused("a field of a megabyte", "X: \(String(repeating: "a", count: 1 << 20))\r\nContent-Length: SIZE"),
        taken("chunks in another case", "Transfer-Encoding: ChUnKeD", whole),
        taken("an extension in quotes", chunked, "HEX;a=\"b;c\"\r\nBODY\r\n0;x\r\n\r\n"),
        taken(
            "an extension of megabytes", chunked, "HEX;a=\(String(repeating: "x", count: 3 << 20))\r\nBODY\r\n0\r\n\r\n"
        ),
        taken("twenty thousand zeros", chunked, "\(String(repeating: "0", count: 20_000))HEX\r\nBODY\r\n0\r\n\r\n"),
        taken("Expect twice", "Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: SIZE", "BODY"),
        // Whoever wants another protocol afterwards gets its answer, and then no other on this connection.
        Attack(
            name: "HTTP/2 instead", headers: "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: SIZE\r\n",
            body: "BODYHIDDEN", answers: [201]),
        Attack(
            name: "chunks in HTTP/1.0", headers: chunked + "\r\n", body: whole + "HIDDEN", answers: [201],
            version: "1.0"),
        Attack(
            name: "chunks in HTTP/1.0, to be kept", headers: chunked + "\r\nConnection: keep-alive\r\n",
            body: whole + "HIDDEN", answers: [201], version: "1.0"),
    ]

    /// The statuses that were answered until the connection ended, but for 100; nil if it did not end.
    static func exchange(_ request: String, port: Int, finishing: Bool = false) throws -> [Int]? {
        let connection = try RawConnection(port: port, patience: 60)
        connection.send(request)
        if finishing { connection.finish() }
        guard let all = connection.receive() else { return nil }
        return all.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }.filter { $0 != 100 }
    }

    /// An answer that came before the request's end may be lost with the connection (RFC 9112, 9.6).
    private static func agree(_ given: [Int]?, _ expected: [Int]) -> Bool {
        given == expected || (expected == [400] && given == [])
    }

    @Test("Each is refused or one message, to the daemon itself")
    func direct() async throws {
        try await City.with { city, running in
            for (number, attack) in Self.attacks.enumerated() {
                let answers = try Self.exchange(attack.bytes("d\(number)"), port: running.port)
                #expect(Self.agree(answers, attack.answers), "\(attack.name): \(answers ?? [])")
            }
            try await Self.check(
                city, Self.attacks.indices.filter { Self.attacks[$0].answers[0] == 201 }.map { "d\($0)" })
            let metrics = try await HTTP.get(running.base + "/metrics").text
            #expect(metrics.contains("\npasquino_internal_errors_total 0\n"))
        }
    }

    @Test("Other words on a connection end in an answer or in its end")
    func words() async throws {
        try await City.with { city, running in
            let health = Attack.health
            func get(_ headers: String, _ method: String = "GET", _ target: String = "/health/live") -> String {
                "\(method) \(target) HTTP/1.1\r\n\(headers)\r\n"
            }
            let host = "Host: x\r\n"
            for (name, request, answers) in [
                ("no host", get("") + health, [400]), ("two hosts", get(host + host) + health, [400]),
                ("a host with a space", get("Host: a b\r\n") + health, [400]),
                ("a host of an address with a user", get("Host: a@b\r\n") + health, [400]),
                ("a host with a path", get("Host: a/health\r\n") + health, [400]),
                ("a port of no number", get("Host: a:b\r\n") + health, [400]),
                ("a host that is empty", get("Host:\r\n") + health, [200, 200]),
                ("a host of version 6", get("Host: [::1]:8080\r\n") + health, [200, 200]),
                ("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
                ("HTTP/2 in a line", "GET /health/live HTTP/2.0\r\nHost: x\r\n\r\n", [400]),
                ("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", [400]),
                ("nothing but U+0000", String(repeating: "\u{0}", count: 100_000), [400]),
                ("garbage behind a request", get(host) + "\u{0}\u{1}garbage\r\n\r\n", [200, 400]),
                ("an address of a megabyte", get(host, "GET", "/" + String(repeating: "a", count: 1 << 20)), [400]),
                ("a space in an address", get(host, "GET", "/health/live x"), [400]),
                ("CONNECT", get(host, "CONNECT", "x:443") + health, [404]),
                ("TRACE", get(host, "TRACE") + health, [404, 200]),
                ("OPTIONS *", get(host, "OPTIONS", "*") + health, [404, 200]),
                ("a method that nobody knows", get(host, "FOO") + health, [400]),
                ("a web socket", get(host + "Connection: Upgrade\r\nUpgrade: websocket\r\n") + health, [200]),
                ("a body for GET", get(host + "Content-Length: 5\r\n") + "abcde" + health, [200, 200]),
                ("a body for HEAD", get(host + "Content-Length: 5\r\n", "HEAD") + "abcde" + health, [200, 200]),
                ("line ends before a request", String(repeating: "\r\n", count: 1000) + health, [200]),
                (
                    "a hundred requests at once", String(repeating: get(host), count: 100) + health,
                    Array(repeating: 200, count: 101)
                ),
            ] {
                let given = try Self.exchange(request, port: running.port)
                #expect(Self.agree(given, answers), "\(name): \(given ?? [])")
            }
            for (name, request) in [
                ("an unfinished head", "GET /health/live HTTP/1.1\r\nHo"), ("HTTP/0.9", "GET /health/live\r\n"),
                ("an unfinished chunk", "POST \(Attack.path) HTTP/1.1\r\n\(Attack.auth)\(Self.chunked)\r\n\r\nff\r\n{"),
            ] {
                #expect(try Self.exchange(request, port: running.port, finishing: true) != nil, "\(name)")
            }
            try await Self.check(city, [])
        }
    }

    /// - Parameter ids: of the messages that there are, and no others.
    private static func check(_ city: City, _ ids: [String]) async throws {
        let found = try await city.query("select external_id from message order by 1").compactMap(\.self)
        #expect(found == ids.sorted())
        #expect(try await city.query("select count(*)::text from ticket") == ["\(ids.count)"])
    }
}
