import Civic
import Foundation
import Synchronization
import Testing
import Transfer
import TransferTesting

@testable import Intake
@testable import Settings

/// An account's notifications, behind a real socket: pages as Mastodon makes them, and what goes wrong as a test tells it.
private final class Account: Sendable {
    struct State {
        var notifications: [(id: Int, body: [UInt8])] = []
        /// Answers that come before any page.
        var faults: [String] = []
        var asked: [String] = []
        var headers: [String] = []
    }
    let state = Mutex(State())
    private let server = Mutex<LoopbackServer?>(nil)

    init() throws {
        let server = try LoopbackServer { [weak self] peer, _ in
            while let request = peer.request(), let self {
                peer.send(self.answer(request.head))
            }
        }
        self.server.withLock { $0 = server }
    }

    var port: UInt16 { server.withLock { $0?.port ?? 0 } }
    var asked: [String] { state.withLock { $0.asked } }

    func tell(_ id: Int, _ body: [UInt8]? = nil, at: String = "2026-11-23T08:59:00.000Z") {
        let body = body ?? MastodonSamples.notification("\(id)", html: "<p>buca \(id)</p>", status: "\(id)", at: at)
        state.withLock { $0.notifications.append((id, body)) }
    }

    private func answer(_ head: [String]) -> [UInt8] {
        state.withLock { state in
            let target = head[0].split(separator: " ")[1]
            state.asked.append(String(target))
            guard head.contains("Authorization: Bearer gettone") else {
                return Array("HTTP/1.1 401 X\r\nContent-Length: 2\r\n\r\n{}".utf8)
            }
            if !state.faults.isEmpty { return Array(state.faults.removeFirst().utf8) }
            var query: [Substring: Int] = [:]
            for pair in target.split(separator: "?")[1].split(separator: "&") {
                let parts = pair.split(separator: "=")
                if let number = Int(parts[1]) { query[parts[0]] = number }
            }
            let limit = query["limit"] ?? 40
            let found = state.notifications.filter {
                $0.id > query["min_id"] ?? -1 && $0.id < query["max_id"] ?? .max
            }
            let page = (query["min_id"] == nil ? Array(found.suffix(limit)) : Array(found.prefix(limit))).reversed()
            let body = Array("[".utf8) + page.map(\.body).joined(separator: [0x2C]) + Array("]".utf8)
            let link = page.first.map { "Link: <http://h/x?min_id=\($0.id)>; rel=\"prev\"\r\n" } ?? ""
            return Array("HTTP/1.1 200 OK\r\n\(link)Content-Length: \(body.count)\r\n\r\n".utf8) + body
        }
    }
}

private final class Ledger: PollLedger {
    let ids = Mutex<[String]>([])
    init(_ id: String? = nil) { ids.withLock { $0 = [id].compactMap(\.self) } }
    func lastID() async throws -> String? { ids.withLock(\.last) }
    func remember(_ id: String) async throws { ids.withLock { $0.append(id) } }
    var last: String? { ids.withLock(\.last) }
}

@Suite("The Mastodon poller") struct MastodonPollerTests {
    private struct Refusal: Error {}

    /// Runs a poller until it has slept `rests` times between two looks.
    private func poll(
        _ account: Account, _ ledger: Ledger, rests: Int = 1, token: String = "gettone",
        endless: Duration = .seconds(20),
        events: Notes<PollEvent> = Notes(),
        accept: @escaping @Sendable ([ChatEvent]?, [UInt8]) throws -> Void
    ) async throws -> [Duration] {
        let rested = Event()
        let clock = SkippingClock(endless: endless) { if $0 >= endless { rested.signal() } }
        let client = try TransferClient(label: "test")
        let poller = MastodonPoller(
            MastodonAccount(
                server: "http://127.0.0.1:\(account.port)", token: Secret(token), pause: .seconds(20)),
            client: client, ledger: ledger, clock: clock, random: { 1 }, now: { Rome.monday },
            observe: { events.add($0) },
            accept: { result, raw in try accept(try? result.get(), raw) })
        let running = Task { await poller.run() }
        for _ in 0..<rests { await rested.happened() }
        await poller.stop()
        await running.value
        await client.close()
        return clock.slept
    }

    private func texts(_ notes: Notes<String>) -> (@Sendable ([ChatEvent]?, [UInt8]) throws -> Void) {
        { events, _ in
            for case .message(let said) in events ?? [] { notes.add(said.text) }
        }
    }

    @Test("After an outage of any length nothing is skipped, oldest first")
    func outage() async throws {
        let account = try Account()
        for id in 1...103 { account.tell(id) }
        let (ledger, heard) = (Ledger("3"), Notes<String>())
        _ = try await poll(account, ledger, accept: texts(heard))
        #expect(heard.all == (4...103).map { "buca \($0)" })
        #expect(ledger.last == "103")
        #expect(account.asked.allSatisfy { $0.contains("include_filtered=true") && $0.contains("types%5B%5D=mention") })
    }

    @Test("The first time, what is older than a day is left alone")
    func first() async throws {
        let account = try Account()
        account.tell(1, at: "2025-01-01T00:00:00.000Z")
        account.tell(2, at: "2026-11-22T08:00:00.000Z")
        account.tell(3, at: "2026-11-22T10:00:00.000Z")
        account.tell(4)
        let (ledger, heard) = (Ledger(), Notes<String>())
        _ = try await poll(account, ledger, accept: texts(heard))
        #expect(heard.all == ["buca 3", "buca 4"])
        #expect(ledger.last == "4")
    }

    @Test("The first time, with nothing there and with nothing old")
    func firstOfAll() async throws {
        let account = try Account()
        let (ledger, heard) = (Ledger(), Notes<String>())
        _ = try await poll(account, ledger, accept: texts(heard))
        #expect(ledger.last == nil)
        for id in 1...90 { account.tell(id) }
        _ = try await poll(account, ledger, accept: texts(heard))
        #expect(heard.all.count == 90 && heard.all.first == "buca 1")
        #expect(ledger.last == "90")
    }

    @Test("Remembered is only what was accepted; the rest comes again")
    func acceptance() async throws {
        let account = try Account()
        for id in 1...5 { account.tell(id) }
        let (ledger, heard, events) = (Ledger("0"), Notes<String>(), Notes<PollEvent>())
        let refusals = Mutex(1)
        let take = texts(heard)
        _ = try await poll(account, ledger, events: events) { said, raw in
            let isRefused =
                String(decoding: raw, as: UTF8.self).contains("\"id\":\"4\"")
                && refusals.withLock { count in
                    defer { count -= 1 }
                    return count > 0
                }
            if isRefused { throw Refusal() }
            try take(said, raw)
        }
        #expect(heard.all == (1...5).map { "buca \($0)" })
        #expect(ledger.ids.withLock { $0 } == ["0", "3", "5"])
        #expect(events.all == [.interrupted(reason: "mentions cannot be recorded now"), .recovered])
    }

    @Test("One that cannot be read is handed over as it is, and costs no other")
    func unreadable() async throws {
        let account = try Account()
        account.tell(1)
        account.tell(2, Array(#"{"type":"mention"}"#.utf8))
        account.tell(3)
        account.tell(4, Array(#"{"status":[[[]]]}"#.utf8))
        let (ledger, heard, kept) = (Ledger("0"), Notes<String>(), Notes<String>())
        let take = texts(heard)
        _ = try await poll(account, ledger) { said, raw in
            if said == nil { kept.add(String(decoding: raw, as: UTF8.self)) }
            try take(said, raw)
        }
        #expect(heard.all == ["buca 1", "buca 3"])
        #expect(kept.all == [#"{"type":"mention"}"#, #"{"status":[[[]]]}"#])
        #expect(ledger.last == "4")
    }

    @Test("A refused token is told once, and tried every quarter of an hour")
    func token() async throws {
        let account = try Account()
        let events = Notes<PollEvent>()
        let tries = Notes<Duration>()
        let enough = Event()
        let clock = SkippingClock {
            tries.add($0)
            if tries.all.count == 3 { enough.signal() }
        }
        let client = try TransferClient(label: "test")
        let poller = MastodonPoller(
            MastodonAccount(server: "http://127.0.0.1:\(account.port)", token: Secret("falso"), pause: .seconds(20)),
            client: client, ledger: Ledger("0"), clock: clock, random: { 1 }, now: { Rome.monday },
            observe: { events.add($0) }, accept: { _, _ in })
        let running = Task { await poller.run() }
        await enough.happened()
        await poller.stop()
        await running.value
        await client.close()
        #expect(tries.all.prefix(3) == [.seconds(900), .seconds(900), .seconds(900)])
        guard events.all.count == 1, case .troubled(let reason, _) = events.all[0] else {
            Issue.record("\(events.all)")
            return
        }
        #expect(!reason.contains("falso"))
    }

    @Test("Asked too often, it waits as long as the server says; then goes on")
    func limits() async throws {
        let account = try Account()
        account.tell(1)
        let reset = (Rome.monday + .seconds(13)).rfc3339
        account.state.withLock {
            $0.faults = [
                "HTTP/1.1 429 X\r\nX-RateLimit-Reset: \(reset)\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 X\r\nContent-Length: 4\r\n\r\n<p/>",
            ]
        }
        let (ledger, heard, events) = (Ledger("0"), Notes<String>(), Notes<PollEvent>())
        let slept = try await poll(account, ledger, events: events, accept: texts(heard))
        #expect(slept == [.seconds(13), .seconds(2), .seconds(4), .seconds(20)])
        #expect(heard.all == ["buca 1"])
        #expect(events.all == [.interrupted(reason: "the server answered 503"), .recovered])
    }

    @Test(
        "What the server's answer means",
        arguments: [
            (401, [:] as [String: String], "troubled"), (403, [:], "troubled"), (404, [:], "troubled"),
            (301, [:], "troubled"), (429, [:], "wait 60"), (429, ["Retry-After": "7"], "wait 7"),
            (429, ["Retry-After": "99999"], "wait 900"), (500, [:], "interrupted"), (408, [:], "interrupted"),
        ])
    func answers(status: Int, headers: [String: String], expected: String) {
        let page = MastodonPage(
            HTTPResponse(status: status, headers: headers.map { ($0.key, $0.value) }), now: Rome.monday)
        switch page {
        case .notifications: #expect(expected == "notifications")
        case .wait(let pause): #expect("wait \(pause.components.seconds)" == expected)
        case .interrupted: #expect(expected == "interrupted")
        case .troubled: #expect(expected == "troubled")
        }
    }

    @Test("Where the next look begins")
    func link() {
        #expect(
            MastodonPage.newest(
                "<https://m/api?limit=2&max_id=5>; rel=\"next\", <https://m/api?limit=2&min_id=9>; rel=\"prev\"") == "9"
        )
        #expect(MastodonPage.newest(nil) == nil)
        #expect(MastodonPage.newest("<>; rel=\"prev\"") == nil)
    }
}
