import Foundation
import Synchronization
import Testing

/// The service manager holds the listener: a restart refuses nobody.
@Suite(.timeLimit(.minutes(30))) struct ActivationTests {
    /// Eight senders, each on a thread of its own, since they wait in place for their answers.
    private final class Load: Sendable {
        /// Tickets by the message's number.
        let accepted = Mutex<[Int: String]>([:])
        let refused = Mutex<[String]>([])
        private let isOver = Mutex(false)
        private let senders = DispatchGroup()

        init(port: Int) {
            for sender in 0..<8 {
                senders.enter()
                Thread.detachNewThread { [self] in
                    var number = sender
                    while !isOver.withLock({ $0 }) {
                        post(number, port: port)
                        number += 8
                    }
                    senders.leave()
                }
            }
        }

        /// On a connection of its own, as a browser's first request has.
        private func post(_ number: Int, port: Int) {
            do {
                let connection = try RawConnection(port: port)
                let body = #"{"id":"a-\#(number)","text":"C'è una buca in via Tuscolana 512"}"#
                connection.send(
                    "POST /v1/channels/portale/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Authorization: Bearer \(City.token)\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
                let answer = connection.receive() ?? "silence"
                if answer.hasPrefix("HTTP/1.1 201"), let at = answer.range(of: #""ticket":""#) {
                    let code = String(answer[at.upperBound...].prefix { $0 != "\"" })
                    accepted.withLock { $0[number] = code }
                } else {
                    refused.withLock { $0.append(answer) }
                }
            } catch {
                refused.withLock { $0.append("\(error)") }
            }
        }

        /// Returns once so many more were accepted, or one was refused.
        func more(_ count: Int) async throws {
            let goal = accepted.withLock { $0.count } + count
            while accepted.withLock({ $0.count }) < goal, refused.withLock({ $0.isEmpty }) {
                await Task.yield()
            }
        }

        func end() async {
            isOver.withLock { $0 = true }
            await withCheckedContinuation { done in senders.notify(queue: .global()) { done.resume() } }
        }
    }

    @Test("restarted twice under load, every request is answered and every message is one ticket")
    func restarts() async throws {
        let city = try await City()
        let manager = try Program(
            [City.root + "/Tests/AcceptanceTests/Fixtures/manager.py", Program.path, "serve"],
            environment: city.environment, executable: "/usr/bin/python3")
        let holding = try #require(await manager.line(containing: "holding "))
        let port = try #require(Int(holding.dropFirst("holding ".count)))
        _ = try #require(await manager.line(containing: "ready on"))

        let load = Load(port: port)
        for round in 1...2 {
            try await load.more(50)
            manager.signal(SIGUSR1)
            while manager.output.components(separatedBy: "ready on").count - 1 <= round {
                await Task.yield()
            }
        }
        try await load.more(50)
        await load.end()
        #expect(load.refused.withLock { $0 } == [])
        let codes = load.accepted.withLock { $0 }
        #expect(Set(codes.values).count == codes.count)
        #expect(manager.output.components(separatedBy: "stopped with 0").count == 3)
        let listed = try await city.run(["ticket", "list", "--json", "--limit", "100000"])
        #expect(listed.output.split(separator: "\n").count == codes.count)
        manager.signal(SIGTERM)
        #expect(await manager.wait() == 0)
        await city.end(nil)
    }
}
