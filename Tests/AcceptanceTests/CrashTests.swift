import Foundation
import Synchronization
import Testing

/// kill -9, of the daemon and of PostgreSQL, under load: every acknowledged message has exactly one ticket afterwards,
/// and every notification owed has arrived.
@Suite(.serialized) struct CrashAcceptance {
    /// Posts until told to stop; a message without an answer, or with 503, is sent again, as the contract asks.
    private final class Sender: Sendable {
        struct State {
            var acknowledged: [String: String] = [:]
            var contradictions: [String] = []
            var retries = 0
        }
        let state = Mutex(State())

        func send(_ ids: [String], to url: @escaping @Sendable () -> String) async {
            for id in ids {
                let body = Data(
                    #"{"id":"\#(id)","from":{"email":"\#(id)@example.org"},"text":"buca in strada","fields":{"municipio":"7"}}"#
                        .utf8)
                while true {
                    guard let answer = try? await HTTP.post(url(), body: body, token: City.token),
                        answer.status == 201 || answer.status == 200, let code = answer.member("ticket")
                    else {
                        state.withLock { $0.retries += 1 }
                        continue
                    }
                    state.withLock { state in
                        if let earlier = state.acknowledged[id], earlier != code { state.contradictions.append(id) }
                        state.acknowledged[id] = code
                    }
                    break
                }
            }
        }
    }

    private func flood(_ sender: Sender, count: Int, to url: @escaping @Sendable () -> String) async {
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    await sender.send((0..<count / 8).map { "m\(lane)-\($0)" }, to: url)
                }
            }
        }
    }

    /// What the whole promise comes down to.
    private func verify(_ city: City, _ sender: Sender, count: Int) async throws {
        let (acknowledged, contradictions) = sender.state.withLock { ($0.acknowledged, $0.contradictions) }
        #expect(acknowledged.count == count)
        #expect(contradictions.isEmpty)
        #expect(Set(acknowledged.values).count == count, "two messages share a ticket")
        let (_, output) = try await city.run(["ticket", "list", "--json", "--limit", "1000000"])
        #expect(output.split(separator: "\n").count == count, "tickets and acknowledged messages differ")
        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.distinctMessageIDs == count)
        #expect(counts.mails <= count + 20, "more duplicates than could be under way at one crash")
    }

    @Test("kill -9 of the daemon under load") func daemon() async throws {
        let city = try await City()
        let first = try await city.start()
        let url = Mutex(first.messages)
        let sender = Sender()
        async let flooding: Void = flood(sender, count: 2000) { url.withLock { $0 } }
        while sender.state.withLock({ $0.acknowledged.count }) < 500 { await Task.yield() }
        first.program.signal(SIGKILL)
        _ = await first.program.wait()
        let second = try await city.start()
        url.withLock { $0 = second.messages }
        await flooding
        try await verify(city, sender, count: 2000)
        #expect(sender.state.withLock { $0.retries } > 0, "the crash hit nothing")
        await city.end(second)
    }

    @Test("kill -9 of PostgreSQL under load") func database() async throws {
        let city = try await City()
        let running = try await city.start()
        let sender = Sender()
        let url = running.messages
        async let flooding: Void = flood(sender, count: 2000) { url }
        while sender.state.withLock({ $0.acknowledged.count }) < 500 { await Task.yield() }
        let postmaster = try #require(Self.postmaster(below: city.state))
        kill(postmaster, SIGKILL)
        await flooding
        try await verify(city, sender, count: 2000)
        #expect(sender.state.withLock { $0.retries } > 0, "the crash hit nothing")
        await city.end(running)
    }

    /// The first line of postmaster.pid is the process id.
    private static func postmaster(below directory: String) -> Int32? {
        let files = FileManager.default.enumerator(atPath: directory)
        while let file = files?.nextObject() as? String {
            guard file.hasSuffix("postmaster.pid"),
                let text = try? String(contentsOfFile: "\(directory)/\(file)", encoding: .utf8)
            else { continue }
            return text.split(separator: "\n").first.flatMap { Int32($0) }
        }
        return nil
    }
}
