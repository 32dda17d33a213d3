import Boundaries
import EventLoop
import Foundation
import Postgres
import Synchronization
import Testing
import Transfer
import TransferTesting

/// Killed at each boundary of the hand-over that the program names, and started again: none lost, none doubled beyond the
/// promise. One that is new in the program is tested with the rest; one that is not reached fails.
@Suite("boundaries", .serialized, .timeLimit(.minutes(30))) struct BoundaryAcceptance {
    /// A daemon comes by these once in its life; by the others the first, the second and the third time count.
    private static let once: Set<Boundary> = [
        .outboxAbandoned, .outboxClaimed, .outboxSettled, .registered, .drained, .left,
    ]
    private static let mail: Set<Boundary> = [.mailFetched, .mailAccepted, .mailMarked]
    /// Tested with the messengers, and with tickets that are due.
    private static let elsewhere: Set<Boundary> = [.chatTaken, .pollTaken, .pollRemembered, .escalationCommitted]

    private static func passes(_ boundary: Boundary) -> ClosedRange<Int> { once.contains(boundary) ? 1...1 : 1...3 }

    @Test("kill -9 at each boundary: every message one ticket, every notification once, or once more") func all()
        async throws
    {
        let hamlet = try Hamlet()
        let city = try await City(configuration: hamlet.path, extra: Hamlet.environment)
        let lives = Lives(city)
        for boundary in Boundary.allCases where !Self.mail.union(Self.elsewhere).contains(boundary) {
            for pass in Self.passes(boundary) { try await lives.die(at: boundary, pass) }
        }
        let running = try await city.start()
        try await lives.finish(on: running)
        try await city.quiet()

        let history = try await city.history(of: lives.crowd, crashes: lives.crashes)
        func report(_ faults: [String]) {
            for fault in faults {
                let tickets = Set(history.told.map(\.ticket)).filter { fault.contains($0) }
                Issue.record("\(fault)\n\(tickets.map(history.story).joined())\ncrashes: \(history.crashes)")
            }
        }
        report(history.faults)
        #expect(lives.crowd.contradictions == [])
        // Sometimes: a run that met nothing proves nothing.
        let statuses = Set(history.told.map(\.status))
        #expect(statuses.isSuperset(of: ["delivered", "refused", "uncertain"]))
        let unheard = Set(history.requests.filter { $0.ticket == nil }.map(\.id))
        #expect(history.kept.contains { unheard.contains($0.id) }, "none was kept of which nobody heard")
        #expect(!unheard.isSubset(of: history.kept.map(\.id)), "all were kept of which nobody heard")
        let mails = history.arrivals.filter { if case .mail = $0.key { true } else { false } }
        #expect(Set(mails.map(\.key)).count < mails.count, "no mail came twice, whatever was killed")
        await city.end(running)
        hamlet.remove()
    }

    @Test(
        "kill -9 between mailbox and ticket: each mail one ticket",
        .enabled(if: Dovecot.isInstalled, Comment(rawValue: Dovecot.absence)))
    func mail() async throws {
        let server = try Dovecot()
        try await MailCity.with(
            MailboxAcceptance.keys(server, user: "urp"),
            stopped: { city in
                try await server.session(of: "urp") { session in
                    var sent = 0
                    for boundary in Boundary.allCases where Self.mail.contains(boundary) {
                        for pass in Self.passes(boundary) {
                            for _ in 0..<4 {
                                let mail = TestMail(
                                    from: "Persona \(sent) <p\(sent)@example.net>", id: "<mail-\(sent)@example.net>",
                                    body: "Al civico \(sent) il lampione e' spento.")
                                try await session.append(Array(mail.text.utf8), to: "INBOX")
                                sent += 1
                            }
                            let life = try Life(city, until: boundary, pass)
                            _ = await life.ready()
                            await life.end()
                        }
                    }
                    let running = try await city.start()
                    while try await MailboxAcceptance.count("INBOX", in: session) > 0 { await Task.yield() }
                    let (_, list) = try await city.run(["ticket", "list", "--limit", "1000", "--json"])
                    #expect(list.split(separator: "\n").count == sent)
                    try await city.quiet()
                    // The answer, and the work of the office.
                    #expect(try await city.counts().distinctMessageIDs == 2 * sent)
                    running.program.signal(SIGTERM)
                    #expect(await running.program.wait() == 0)
                }
            })
    }

    @Test("a boundary that nobody knows is an error, not a run without a crash") func unknown() async throws {
        let hamlet = try Hamlet()
        let city = try await City(configuration: hamlet.path, extra: Hamlet.environment)
        for wrong in ["intake.decided", "intake.decided:0", "nowhere:1"] {
            let (status, output) = try await Program.run(
                ["serve"], environment: city.environment.merging(["PASQUINO_CRASH_AT": wrong]) { $1 })
            #expect(status == 64)
            #expect(output.contains("PASQUINO_CRASH_AT=\(wrong)"), "\(output)")
        }
        try await PostgresServer(directory: city.state).stop()
        await city.end(nil)
        hamlet.remove()
    }
}

/// A daemon that is to kill itself.
private final class Life: Sendable {
    let program: Program
    private let name: String
    private let wasLate = Mutex(false)

    /// - Throws: if it cannot be started.
    init(_ city: City, until boundary: Boundary, _ pass: Int) throws {
        name = "\(boundary.rawValue):\(pass)"
        program = try Program(
            ["serve"], environment: city.environment.merging(["PASQUINO_CRASH_AT": name]) { $1 })
    }

    var isOver: Bool { !program.isRunning }

    /// Where it listens; nil if it died before.
    func ready() async -> String? {
        guard let line = await program.line(containing: "ready on"), let place = line.range(of: "127.0.0.1:") else {
            return nil
        }
        return "http://127.0.0.1:" + line[place.upperBound...].prefix { $0.isNumber }
    }

    /// Waits for its death, and says so if it was another one.
    func end() async {
        let limit = Task {
            try await Task.sleep(for: .seconds(600))
            self.wasLate.withLock { $0 = true }
            self.program.signal(SIGKILL)
        }
        let status = await program.wait()
        limit.cancel()
        if wasLate.withLock({ $0 }) {
            Issue.record("\(name) was not reached:\n\(program.output.suffix(2000))")
        } else if status != -SIGKILL {
            Issue.record("\(name): the daemon ended with \(status):\n\(program.output.suffix(2000))")
        }
    }
}

/// One city's daemons, one after the other, and the crowd that goes on.
private final class Lives {
    let city: City
    let crowd = Crowd(base: "")
    private(set) var crashes: [Double] = []
    private var next = 0
    /// Matters that a death interrupted.
    private var open: [Int] = []

    /// New ones in one life: each way of telling, and each of its steps, often enough for a third time.
    private static let most = 18

    init(_ city: City) { self.city = city }

    func die(at boundary: Boundary, _ pass: Int) async throws {
        switch boundary {
        case .migrationSent, .migrationApplied:
            try await empty()
            try await live(until: boundary, pass)
            let (status, output) = try await city.run(["migrate"])
            #expect(status == 0, "after \(boundary.rawValue):\(pass): \(output)")
        case .outboxAbandoned, .outboxClaimed, .outboxSettled:
            // There must be something to take over.
            try await live(until: .deliveryMarked, 1)
            try await live(until: boundary, pass)
        case .drained, .left:
            try await live(until: boundary, pass) { life in
                try await self.pursue(1, while: { !life.isOver })
                life.program.signal(SIGTERM)
            }
        case .fenced:
            try await live(until: boundary, pass) { life in
                try await self.city.session { session in
                    try await session.transaction { transaction in
                        _ = try await transaction.query("lock table daemon in access exclusive mode")
                        await life.end()
                    }
                }
            }
        case .beaten:
            try await live(until: boundary, pass) { life in try await self.pursue(1, while: { !life.isOver }) }
        default: try await live(until: boundary, pass)
        }
    }

    /// What was interrupted and heard of is brought to its end.
    func finish(on running: City.Running) async throws {
        crowd.move(to: running.base)
        try await resume(while: { true })
    }

    private func live(until boundary: Boundary, _ pass: Int) async throws {
        try await live(until: boundary, pass) { life in
            try await self.pursue(Lives.most, while: { !life.isOver })
        }
    }

    private func live(until boundary: Boundary, _ pass: Int, _ body: (Life) async throws -> Void) async throws {
        let life = try Life(city, until: boundary, pass)
        if let base = await life.ready() {
            crowd.move(to: base)
            try await body(life)
        }
        await life.end()
        crashes.append(City.moment)
    }

    private func pursue(_ count: Int, while isGoing: @escaping @Sendable () -> Bool) async throws {
        try await resume(while: isGoing)
        for _ in 0..<count where isGoing() {
            let number = next
            next += 1
            if try await !crowd.pursue(number, by: way(number), while: isGoing) { open.append(number) }
        }
    }

    /// Every other sender without an answer gives up: what became of the message only the database knows.
    private func resume(while isGoing: @escaping @Sendable () -> Bool) async throws {
        var left: [Int] = []
        for number in open where crowd.isAnswered(number) || number % 2 == 1 {
            if try await !crowd.pursue(number, by: way(number), while: isGoing) { left.append(number) }
        }
        open = left
    }

    private func way(_ number: Int) -> Crowd.Way { Crowd.Way.allCases[number % Crowd.Way.allCases.count] }

    /// A database as before the first start.
    private func empty() async throws {
        if PostgresServer(directory: city.state).processID == nil {
            let running = try await city.start()
            running.program.signal(SIGKILL)
            _ = await running.program.wait()
        }
        try await city.session { session in
            try await session.script("drop schema public cascade; create schema public")
        }
    }
}
