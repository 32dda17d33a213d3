import Civic
import Delivery
import Store
import Synchronization

/// The table of notifications as far as the queue knows it: a final outcome is final, and what takes a notification's
/// place is owed once.
final class FakeJournal: DeliveryJournal {
    struct Away: Error {}

    enum Behaviour {
        case writes
        /// Nothing is written.
        case away
        /// What is written is written, but nobody learns of it.
        case losesAnswers
    }

    private struct State {
        var behaviour = Behaviour.writes
        var owner: [Identifier: Int64] = [:]
        var meanwhile: (@Sendable () async -> Void)?
        var outcomes: [Identifier: Outbox.Outcome] = [:]
        var followUps: [OwedNotification] = []
        var released: [Identifier] = []
        var owners: Set<Int64?> = []
        var tries: [Outbox.Try] = []
        var others: Set<Identifier> = []
        var calls = 0
    }

    private let state = Mutex(State())

    /// Runs once after the next write of outcomes, or before the next mark, before anybody learns of it.
    func meanwhile(_ body: @escaping @Sendable () async -> Void) { state.withLock { $0.meanwhile = body } }

    func behave(_ behaviour: Behaviour) { state.withLock { $0.behaviour = behaviour } }

    var followUps: [OwedNotification] { state.withLock { $0.followUps } }
    var released: [Identifier] { state.withLock { $0.released } }
    /// Under which owners follow-ups and releases were written.
    var owners: Set<Int64?> { state.withLock { $0.owners } }
    var tries: [Outbox.Try] { state.withLock { $0.tries } }
    /// Follow-ups that are left in the table.
    func leaveToOthers(_ id: Identifier) { state.withLock { _ = $0.others.insert(id) } }
    var calls: Int { state.withLock { $0.calls } }

    subscript(owed: OwedNotification) -> Outbox.Outcome? { state.withLock { $0.outcomes[owed.id] } }

    func isFinal(_ owed: OwedNotification) -> Bool { self[owed].map(FakeJournal.isFinal) ?? false }

    private static func isFinal(_ outcome: Outbox.Outcome) -> Bool {
        outcome.status != .waiting && outcome.status != .sending
    }

    func record(
        _ outcomes: [Outbox.Outcome], tries: [Outbox.Try], followUps: [OwedNotification], owner: Holder?
    ) async throws -> [OwedNotification] {
        try write { state in
            for one in tries where !state.tries.contains(one) { state.tries.append(one) }
            for outcome in outcomes where state.outcomes[outcome.id].map(FakeJournal.isFinal) != true {
                state.outcomes[outcome.id] = outcome
            }
            for owed in followUps where !state.followUps.contains(where: { $0.id == owed.id }) {
                state.followUps.append(owed)
                state.owners.insert(owner?.id)
            }
        }
        await state.withLock { $0.meanwhile.take() }?()
        let others = state.withLock { $0.others }
        return followUps.map { owed in
            var owed = owed
            owed.heldBy = others.contains(owed.id) ? nil : owner?.id
            return owed
        }
    }

    func mark(_ marks: [Outbox.Outcome]) async throws -> Set<Identifier> {
        await state.withLock { $0.meanwhile.take() }?()
        let owners = state.withLock { $0.owner }
        let own = marks.filter { $0.owner == owners[$0.id] ?? World.owner }
        try write { state in for mark in own { state.outcomes[mark.id] = mark } }
        return Set(own.map(\.id))
    }

    /// The daemon of that name has it.
    func take(_ id: Identifier, for owner: Int64) { state.withLock { $0.owner[id] = owner } }

    func release(_ ids: [Identifier], owner: Int64) async throws {
        try write { state in
            state.released += ids
            state.owners.insert(owner)
        }
    }

    private func write(_ change: (inout sending State) -> Void) throws {
        try state.withLock { state in
            state.calls += 1
            if state.behaviour == .away { throw Away() }
            change(&state)
            if state.behaviour == .losesAnswers { throw Away() }
        }
    }
}
