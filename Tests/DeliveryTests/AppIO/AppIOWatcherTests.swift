import Civic
import Observability
import Store
import Synchronization
import Testing

@testable import Delivery
@testable import Settings

/// The table, as far as the watcher knows it.
private final class FakeWatchJournal: WatchJournal {
    struct Row {
        var watched: Outbox.Watched
        var again: Timestamp?
        var sightings: [Outbox.Sighting] = []
    }
    struct Away: Error {}
    private let state: Mutex<(rows: [Row], isAway: Bool)> = Mutex(([], false))

    var rows: [Row] { state.withLock { $0.rows } }
    func add(_ watched: Outbox.Watched, at moment: Timestamp) {
        state.withLock { $0.rows.append(Row(watched: watched, again: moment)) }
    }
    func goAway(_ isAway: Bool) { state.withLock { $0.isAway = isAway } }

    func claimWatched(
        _ medium: Medium, limit: Int, at now: Timestamp, lease: Duration
    ) async throws -> [Outbox.Watched] {
        try state.withLock { state in
            if state.isAway { throw Away() }
            let due = state.rows.indices.filter { state.rows[$0].again.map { $0 <= now } ?? false }.prefix(limit)
            for index in due { state.rows[index].again = now + lease }
            return due.map { state.rows[$0].watched }
        }
    }

    func settle(
        _ sightings: [Outbox.Sighting], at now: Timestamp, owner: Holder?
    ) async throws -> [OwedNotification] {
        state.withLock { state in
            for sighting in sightings {
                guard let index = state.rows.firstIndex(where: { $0.watched.id == sighting.id }) else { continue }
                state.rows[index].again = sighting.again
                if let fate = sighting.fate { state.rows[index].watched.receipt = fate }
                state.rows[index].sightings.append(sighting)
            }
        }
        return []
    }
}

@Suite("App IO's watcher against the sandbox") struct AppIOWatcherTests {
    private struct Scene {
        let world: AppIOWorld
        let services: AppIOServices
        let journal = FakeWatchJournal()
        let watcher: AppIOWatcher

        init(_ world: AppIOWorld, _ services: AppIOServices) async {
            self.world = world
            self.services = services
            let (clock, seen) = (world.clock, world.seen)
            watcher = AppIOWatcher(
                journal: journal, observe: { seen.add($0) }, now: { clock.now }, owner: { 1 }, deliver: { _ in })
            await watcher.adapt(services: services, unread: nil)
        }

        /// Sends one, and has it watched.
        func send(to code: String = AppIOWorld.citizen, category: String? = nil) async throws -> String {
            let verdict = try await world.carrier(services).attempt(
                world.owed(to: code, category: category), markSending: {})
            guard case .delivered(let id?) = verdict else { throw Missing(verdict: verdict) }
            watch(id, of: code, category: category)
            return id
        }
        struct Missing: Error { let verdict: Verdict }

        func watch(_ id: String, of code: String, category: String? = nil) {
            let now = world.clock.now
            journal.add(
                Outbox.Watched(
                    id: .timeOrdered(at: now), code: "FI-7Q4K2MXD", recipient: code, remoteID: id, category: category,
                    receipt: nil, takenAt: now, attempts: 1), at: now + WatchSchedule.first)
        }

        /// Until nothing is to be looked at any more.
        func watchOut() async {
            while let next = journal.rows.compactMap(\.again).min() {
                if next > world.clock.now { world.clock.advance(by: next - world.clock.now) }
                await watcher.pass()
            }
        }

        var fates: [Outbox.Fate?] { journal.rows.map(\.watched.receipt) }
    }

    private static let premium = AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys, premium: true)

    @Test(
        "Each ends as App IO says",
        arguments: [
            (AppIOWorld.citizen, .processed), ("REJMRA68A01H501Y", .failed), ("FAIMRA68A01H501Y", .failed),
            ("THRMRA68A01H501Y", .throttled),
        ] as [(String, Outbox.Fate)])
    func fates(code: String, fate: Outbox.Fate) async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            _ = try await scene.send(to: code)
            await scene.watchOut()
            // What is delayed to the end was never seen to arrive.
            #expect(scene.fates == [fate == .throttled ? .unknown : fate])
            let asked = try #require(scene.journal.rows.first?.sightings.count)
            #expect(asked == (fate == .throttled ? 6 : 2), "ACCEPTED at the first look, but for who settles otherwise")
            #expect(world.seen.values.map(\.name).contains("notification_finished") == (fate == .failed))
        }
    }

    @Test("Nothing is asked before its time, and nothing twice under a lease")
    func lease() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            _ = try await scene.send()
            await scene.watcher.pass()
            #expect(try await world.counts().looks == 0)
            world.clock.advance(by: WatchSchedule.first)
            // Another daemon took it, and died.
            #expect(
                try await scene.journal.claimWatched(.appIO, limit: 9, at: world.clock.now, lease: .seconds(300)).count
                    == 1)
            await scene.watcher.pass()
            #expect(try await world.counts().looks == 0)
            world.clock.advance(by: .seconds(300))
            await scene.watcher.pass()
            #expect(try await world.counts().looks == 1)
        }
    }

    @Test("Premium: unread, read, paid")
    func premium() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"premium":true}}"#)
            let scene = await Scene(world, world.services(Self.premium))
            let id = try await scene.send()
            func look() async throws -> Outbox.Fate? {
                let next = try #require(scene.journal.rows[0].again)
                if next > world.clock.now { world.clock.advance(by: next - world.clock.now) }
                await scene.watcher.pass()
                return scene.fates[0]
            }
            #expect(try await look() == nil)
            #expect(try await look() == .unread)
            #expect(try await look() == .unread)
            try await world.control(#"{"read":true}"#, "/control/messages/\(id)")
            #expect(try await look() == .read)
            #expect(scene.journal.rows[0].again == nil)
        }
    }

    @Test("A rejected message has its profile asked for anew")
    func rejectedProfile() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            let id = try await scene.send()
            #expect(try await world.counts().profiles == 1)
            // The citizen has gone since.
            try await world.control(#"{"io":{"without_app":["\#(AppIOWorld.citizen)"]}}"#)
            try await world.control(#"{"status":"REJECTED"}"#, "/control/messages/\(id)")
            await scene.watchOut()
            #expect(scene.fates == [.failed])
            let verdict = try await world.carrier(scene.services).attempt(world.owed(), markSending: {})
            #expect(verdict == .absent(reason: "the citizen is not on App IO", for: .seconds(6 * 3600)))
        }
    }

    @Test("A message that another service sent before a change of the configuration is found there")
    func anotherService() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"services":[{"name":"TARI","keys":["tari-1"]}]}}"#)
            let tari = AppIOWorld.service("TARI", keys: ["tari-1"], categories: ["tributi.tari"])
            let scene = await Scene(
                world, world.services(AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys), [tari]))
            let id = try await scene.send(category: "tributi.tari")
            scene.watch(id, of: AppIOWorld.citizen, category: "tributi.imu")
            await scene.watchOut()
            #expect(scene.fates == [.processed, .processed])
        }
    }

    @Test("A fiscal code in small letters is asked for in capitals")
    func smallLetters() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            _ = try await scene.send(to: AppIOWorld.citizen.lowercased())
            await scene.watchOut()
            #expect(scene.fates == [.processed])
        }
    }

    @Test("A wrong id, and one that is none, are never found; they end, and nothing takes their place")
    func missing() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            scene.watch("01HXABCDEF", of: AppIOWorld.citizen)
            scene.watch("../../profiles", of: AppIOWorld.citizen)
            scene.watch("", of: AppIOWorld.citizen)
            await scene.watchOut()
            #expect(scene.fates == [.unknown, .unknown, .unknown])
        }
    }

    @Test("App IO away: the pass ends soon, and goes on when it is back")
    func away() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            for _ in 0..<8 { _ = try await scene.send() }
            world.clock.advance(by: WatchSchedule.first)
            try await world.control(#"{"io":{"mode":"broken"}}"#)
            await scene.watcher.pass()
            #expect(scene.journal.rows.map(\.sightings.count).reduce(0, +) == AppIOWatcher.silences)
            try await world.control(#"{"io":{"mode":"normal"}}"#)
            await scene.watchOut()
            #expect(scene.fates == Array(repeating: .processed, count: 8))
        }
    }

    @Test("One service's refused key does not keep the others' messages from being asked for")
    func refusedKey() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"services":[{"name":"TARI","keys":["tari-1"]}]}}"#)
            let tari = AppIOWorld.service("TARI", keys: ["tari-1"], categories: ["tributi.tari"])
            let scene = await Scene(
                world, world.services(AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys), [tari]))
            for _ in 0..<5 { _ = try await scene.send(category: "tributi.tari") }
            _ = try await scene.send()
            try await world.control(#"{"io":{"revoked":["tari-1"]}}"#)
            world.clock.advance(by: .seconds(300))
            await scene.watcher.pass()
            #expect(scene.journal.rows.allSatisfy { $0.sightings.count == 1 })
            world.clock.advance(by: .seconds(1800))
            await scene.watcher.pass()
            #expect(scene.fates == [nil, nil, nil, nil, nil, .processed])
        }
    }

    @Test("No fiscal code in what is said of it, whatever happens")
    func silence() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            _ = try await scene.send(to: "REJMRA68A01H501Y")
            scene.journal.goAway(true)
            world.clock.advance(by: .seconds(3600))
            for _ in 0..<3 { await scene.watcher.pass() }
            #expect(world.seen.values.map(\.name) == ["internal_error"], "told once")
            scene.journal.goAway(false)
            await scene.watchOut()
            let said = world.seen.values.map(\.sentence).joined()
            #expect(said.contains("FI-7Q4K2MXD") && !said.contains("REJMRA68A01H501Y"))
        }
    }

    @Test("Without App IO in the configuration nothing is asked")
    func notConfigured() async throws {
        try await AppIOWorld.with { world in
            let scene = await Scene(world, world.services())
            _ = try await scene.send()
            await scene.watcher.adapt(services: nil, unread: nil)
            world.clock.advance(by: .seconds(3600))
            await scene.watcher.pass()
            #expect(scene.journal.rows[0].sightings.isEmpty)
        }
    }
}
