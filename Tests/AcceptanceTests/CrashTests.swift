import EventLoop
import Foundation
import Postgres
import Synchronization
import TestSupport
import Testing

/// Struck at random under load: afterwards all that was sent, kept and delivered is held side by side (`History`).
@Suite(.serialized, .timeLimit(.minutes(30))) struct CrashAcceptance {
    /// What is done to the city, again and again.
    enum Strike: CaseIterable {
        /// kill -9 of the daemon.
        case daemonKilled
        /// kill -9 of PostgreSQL.
        case serverKilled
        /// PostgreSQL's immediate shutdown, as a machine's that is switched off in haste.
        case serverStopped
        /// The same, and it is away for longer than a beat may be late: the daemon forgets what it holds.
        case serverAway
        /// One of the daemon's sessions is ended, often.
        case sessionEnded
        /// All of them, and others take the places.
        case placesTaken

        var times: Int { self == .sessionEnded ? 30 : 3 }
    }

    /// Few enough that the sandbox can list what arrived.
    fileprivate static let matters = 120

    @Test("struck at random under load: none lost, none doubled beyond the promise", arguments: Strike.allCases)
    func struck(by strike: Strike) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let hamlet = try Hamlet()
        let city = try await City(configuration: hamlet.path, extra: Hamlet.environment)
        var running = try await city.start()
        let crowd = Crowd(base: running.base, steps: ["acknowledged", "resolved"])
        var crashes: [Double] = []
        var dice = Dice(seed)
        let moments = (0..<strike.times).map { _ in Int.random(in: 1..<Self.matters * 9 / 10, using: &dice) }.sorted()
        async let flooding: Void = crowd.pursue(0..<Self.matters)
        for moment in moments {
            while crowd.acknowledged < moment { try await Task.sleep(for: .milliseconds(5)) }
            switch strike {
            case .daemonKilled:
                running.program.signal(SIGKILL)
                _ = await running.program.wait()
                crashes.append(City.moment)
                running = try await city.start()
                crowd.move(to: running.base)
            case .serverKilled: try await city.strike(SIGKILL)
            case .serverStopped: try await city.strike(SIGQUIT)
            case .serverAway: try await city.strike(SIGQUIT, away: .seconds(8))
            case .sessionEnded: try await city.session { try await $0.endSessions(limit: 1) }
            case .placesTaken: try await city.takePlaces(until: crowd)
            }
        }
        try await flooding
        try await city.quiet()
        let history = try await city.history(of: crowd, crashes: crashes)
        record(history, of: "seed \(seed)")
        #expect(crowd.contradictions == [])
        #expect(history.kept.count == Self.matters)
        // The end of a single session the daemon may make good before anybody waits for it.
        let isNoticed = crowd.retries > 0 || strike == .sessionEnded && running.program.output.contains("is lost")
        #expect(isNoticed, "nobody noticed anything (seed \(seed))")
        await city.end(running)
        hamlet.remove()
    }

    private func record(_ history: History, of run: String) {
        for fault in history.faults {
            let stories = Set(history.told.map(\.ticket)).filter(fault.contains).map(history.story)
            Issue.record("\(fault) (\(run))\n\(stories.joined())")
        }
    }

    @Test("a connection that dies after COMMIT was sent and before the answer: committed once, and never twice")
    func lostAnswers() async throws {
        let hamlet = try Hamlet()
        let state = City.newState()
        let server = PostgresServer(directory: state)
        _ = try await server.start()
        let cutter = try CommitCutter(to: "\(state)/run/.s.PGSQL.5432")
        let city = try await City(
            configuration: hamlet.path, state: state,
            extra: Hamlet.environment.merging([
                "PASQUINO_DATABASE": "host=127.0.0.1 port=\(cutter.port) user=postgres dbname=postgres"
            ]) { $1 })
        let running = try await city.start()
        let crowd = Crowd(base: running.base, steps: ["acknowledged", "resolved"])
        async let flooding: Void = crowd.pursue(0..<Self.matters)
        // Each as soon as the one before has struck, and some went by undisturbed.
        for round in 1...6 {
            for what in CommitCutter.Commit.allCases {
                while crowd.acknowledged < round * Self.matters / 10 { try await Task.sleep(for: .milliseconds(5)) }
                cutter.arm(what)
                // A crowd that is at its end commits nothing more.
                while cutter.cuts[what, default: 0] < round, crowd.acknowledged < Self.matters {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
        try await flooding
        try await city.quiet()
        let history = try await city.history(of: crowd)
        record(history, of: "lost answers")
        #expect(crowd.contradictions == [])
        #expect(history.kept.count == Self.matters)
        #expect(cutter.cuts.count == CommitCutter.Commit.allCases.count, "not each kind of commit was cut")
        #expect(crowd.retries > 0, "no sender noticed anything")
        await city.end(running)
        try await server.stop()
        hamlet.remove()
    }
}

extension City {
    /// Sends a signal to the postmaster, and waits until the daemon has a new one.
    /// - Parameter away: so long the new one takes no connection.
    fileprivate func strike(_ signal: Int32, away: Duration = .zero) async throws {
        let server = PostgresServer(directory: state)
        guard let old = server.processID else { throw Failure("no PostgreSQL runs in \(state)") }
        kill(old, signal)
        while server.processID == nil || server.processID == old { try await Task.sleep(for: .milliseconds(50)) }
        guard away > .zero, let new = server.processID else { return }
        kill(new, SIGSTOP)
        defer { kill(new, SIGCONT) }
        try await Task.sleep(for: away)  // what is tested is its length
    }

    private static let hasPlace = """
        select count(*) < current_setting('max_connections')::int from pg_stat_activity
        where backend_type = 'client backend'
        """

    private static let isAlone = """
        select not exists (select from pg_stat_activity where application_name like 'pasquino%')
        """

    /// Others take every place that the server has, the daemon's too, until its senders have noticed.
    fileprivate func takePlaces(until crowd: Crowd) async throws {
        let loop = try EventLoop(label: "places")
        let configuration = PostgresConfiguration(
            connectionString: PostgresServer(directory: state).connectionString, applicationName: "others")
        let first = PostgresConnection(configuration: configuration, loop: loop, observe: { _ in })
        var others: [PostgresConnection] = []
        let noticed = crowd.retries
        // On a busy machine all would be said before the last place is taken.
        crowd.hold(true)
        defer { crowd.hold(false) }
        // A crowd that is at its end notices nothing more.
        while crowd.retries < noticed + 10, crowd.acknowledged < CrashAcceptance.matters {
            try await first.endSessions(limit: 100)
            // The daemon may be quicker than we are: then its sessions are ended once more.
            while try await first.query(City.hasPlace).first?.bool(0) == true {
                let one = PostgresConnection(configuration: configuration, loop: loop, observe: { _ in })
                others.append(one)
                // Whoever comes late to the last place asks again by itself.
                Task { _ = try? await one.query("select 1") }
                try await Task.sleep(for: .milliseconds(2))
            }
            if try await first.query(City.isAlone).first?.bool(0) == true { crowd.hold(false) }
        }
        for one in others + [first] { await one.close() }
    }
}

extension PostgresConnection {
    /// Ends some of the daemon's sessions, whatever they are doing.
    fileprivate func endSessions(limit: Int) async throws {
        _ = try await query(
            """
            select pg_terminate_backend(pid) from (
                select pid from pg_stat_activity where application_name like 'pasquino%'
                order by state = 'active' and random() < 0.5 desc nulls last, random() limit \(limit)) as ended
            """)
    }
}
