import Civic
import Postgres
import Synchronization

/// What is to be known of each citizen before a message of theirs is answered, in memory, so that it costs intake no
/// question to PostgreSQL. Filled at the first `refresh`, kept up by the next ones: a change takes effect within a beat.
///
/// Limits: `most` citizens, at about 60 bytes each. Most citizens have nothing to be known and take no room. A city with
/// more than that, and a daemon that has not read them yet, asks PostgreSQL: many questions at a time, those that come
/// while one batch is asked go with the next.
public final class Preferences: Sendable {
    fileprivate struct State {
        var known: [Identifier: Packed] = [:]
        var isComplete = false
        /// PostgreSQL's clock at the latest change that was read.
        var readUntil: Timestamp?
        /// How long at least one citizen is unreached, by medium; it may be over before.
        var unreached: [Medium: Timestamp] = [:]
        /// When everything is read again: there was too much of it, or it is time to tidy.
        var nextFill: Timestamp?
        var waiting: [Question] = []
        var isAsking = false
    }

    fileprivate struct Question {
        let citizen: Identifier
        let continuation: CheckedContinuation<Result<CitizenStanding, any Error>, Never>
    }

    private let table: PreferenceTable
    private let most: Int
    private let state = Mutex(State())

    /// A transaction may show later than it began.
    private static let overlap = Duration.seconds(10)
    private static let fillEvery = Duration.seconds(3600)
    private static let questionsAtOnce = 1000

    public init(_ table: PreferenceTable, most: Int = 250_000) {
        self.table = table
        self.most = most
    }

    /// Reads what changed since the last time.
    public func refresh(at now: Timestamp) async throws {
        let (since, isDue) = state.withLock { ($0.readUntil, $0.nextFill.map { $0 <= now } ?? true) }
        if isDue { return try await fill(at: now) }
        guard state.withLock({ $0.isComplete }) else { return }
        let from = (since ?? Timestamp(microseconds: 0)) + (.zero - Preferences.overlap)
        let changes = try await table.changes(since: from, limit: most + 1)
        state.withLock { state in
            for change in changes { state.adopt(change, at: now) }
            // Of too many changes some were not read.
            if changes.count > most || state.known.count > most { state.giveUp() }
        }
    }

    private func fill(at now: Timestamp) async throws {
        try await table.tidy()
        let changes = try await table.changes(since: nil, limit: most + 1)
        state.withLock { state in
            state.known = [:]
            state.unreached = [:]
            state.nextFill = now + Preferences.fillEvery
            state.isComplete = changes.count <= most
            // Nothing has been written yet that is not among these: from the beginning of time, but for the overlap.
            state.readUntil = state.readUntil ?? Timestamp(microseconds: 0)
            for change in changes { state.adopt(change, at: now) }
            if !state.isComplete { state.giveUp() }
        }
    }

    /// - Throws: `PostgresError` if it must be asked, and does not answer.
    public func standing(of citizen: Identifier?) async throws -> CitizenStanding {
        guard let citizen else { return CitizenStanding() }
        let known: CitizenStanding? = state.withLock { state in
            state.isComplete ? state.known[citizen]?.standing ?? CitizenStanding() : nil
        }
        if let known { return known }
        let answer = await withCheckedContinuation { continuation in
            let mustAsk = state.withLock { state in
                state.waiting.append(Question(citizen: citizen, continuation: continuation))
                defer { state.isAsking = true }
                return !state.isAsking
            }
            if mustAsk { Task { await ask() } }
        }
        return try answer.get()
    }

    private func ask() async {
        while true {
            let batch = state.withLock { state in
                let batch = Array(state.waiting.prefix(Preferences.questionsAtOnce))
                state.waiting.removeFirst(batch.count)
                if batch.isEmpty { state.isAsking = false }
                return batch
            }
            if batch.isEmpty { return }
            do {
                let found = try await table.standings(of: batch.map(\.citizen))
                for question in batch {
                    question.continuation.resume(returning: .success(found[question.citizen] ?? CitizenStanding()))
                }
            } catch {
                for question in batch { question.continuation.resume(returning: .failure(error)) }
            }
        }
    }

    /// Whether there may be a citizen whom the medium did not reach lately: else a message of theirs changes nothing.
    public func mayBeUnreached(on medium: Medium, at now: Timestamp) -> Bool {
        state.withLock { state in !state.isComplete || (state.unreached[medium].map { $0 > now } ?? false) }
    }

    /// Citizens in memory, and whether these are all.
    var size: (count: Int, isComplete: Bool) { state.withLock { ($0.known.count, $0.isComplete) } }
}

extension Preferences.State {
    fileprivate mutating func adopt(_ change: PreferenceTable.Change, at now: Timestamp) {
        var standing = change.standing
        standing.unreached = standing.unreached.filter { $0.value > now }
        known[change.citizen] = Packed(standing)
        for (medium, until) in standing.unreached { unreached[medium] = max(unreached[medium] ?? until, until) }
        readUntil = max(readUntil ?? change.at, change.at)
    }

    fileprivate mutating func giveUp() {
        known = [:]
        isComplete = false
    }
}

/// A citizen's standing in twenty bytes.
private struct Packed {
    /// Of `Medium.allCases`, from one; zero is none.
    private let prefers: UInt8
    private let isMuted: Bool
    /// The three that last longest: what is left out is merely tried again.
    private let media: (UInt8, UInt8, UInt8)
    /// Minutes since 1970, rounded up.
    private let until: (UInt32, UInt32, UInt32)

    /// Nil if there is nothing to know.
    init?(_ standing: CitizenStanding) {
        guard standing.prefers != nil || standing.isMuted || !standing.unreached.isEmpty else { return nil }
        prefers = standing.prefers.map(Packed.number) ?? 0
        isMuted = standing.isMuted
        let all = standing.unreached.sorted { $0.value > $1.value }.map { medium, until in
            (Packed.number(medium), UInt32(clamping: (until.seconds + 59) / 60))
        }
        func at(_ index: Int) -> (UInt8, UInt32) { index < all.count ? all[index] : (0, 0) }
        media = (at(0).0, at(1).0, at(2).0)
        until = (at(0).1, at(1).1, at(2).1)
    }

    var standing: CitizenStanding {
        var unreached: [Medium: Timestamp] = [:]
        for (number, minutes) in [(media.0, until.0), (media.1, until.1), (media.2, until.2)] {
            if let medium = Packed.medium(number) { unreached[medium] = Timestamp(seconds: Int64(minutes) * 60) }
        }
        return CitizenStanding(prefers: Packed.medium(prefers), isMuted: isMuted, unreached: unreached)
    }

    private static func number(_ medium: Medium) -> UInt8 {
        UInt8((Medium.allCases.firstIndex(of: medium) ?? 0) + 1)
    }

    private static func medium(_ number: UInt8) -> Medium? {
        number == 0 ? nil : Medium.allCases[Int(number) - 1]
    }
}
