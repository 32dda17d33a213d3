import Civic
import Settings
import Store
import Synchronization
import Transfer

/// Brings back what became of tickets that were handed on to other bodies' GeoReport v2 servers: closed there they are
/// resolved here, with their words; reopened there, reopened. Citizens are told as of every step.
///
/// Any number of daemons: each look is leased to one in the table, and each step has an id, so that it is taken once.
/// A request whose answer was lost is looked for by our ticket's code.
public final class Open311Follower: Sendable {
    /// Takes a step of a ticket and delivers what is owed for it.
    public typealias Take = @Sendable (Tickets.Step) async throws -> Tickets.StepResult

    private let outbox: Outbox
    private let client: TransferClient
    private let now: @Sendable () -> Timestamp
    private let work: @Sendable () -> [String: OfficeWork]
    private let take: Take
    private let told: @Sendable (_ office: String, _ trouble: String?) -> Void
    /// The offices whose servers cannot be asked now, told once each.
    private let troubled = Mutex(Set<String>())

    /// How long a look may take before another daemon may look.
    private static let lease = Duration.seconds(300)

    /// - Parameters:
    ///   - work: as configured now.
    ///   - told: what stands in the way of asking an office's server; nil: nothing any more.
    init(
        outbox: Outbox, client: TransferClient, now: @escaping @Sendable () -> Timestamp,
        work: @escaping @Sendable () -> [String: OfficeWork], take: @escaping Take,
        told: @escaping @Sendable (_ office: String, _ trouble: String?) -> Void
    ) {
        self.outbox = outbox
        self.client = client
        self.now = now
        self.work = work
        self.take = take
        self.told = told
    }

    /// Looks at all that is due.
    /// - Returns: how many.
    /// - Throws: if the database is away: what was leased comes again.
    @discardableResult
    public func round() async throws -> Int {
        let servers = work().compactMapValues(\.open311)
        guard !servers.isEmpty else { return 0 }
        let now = now()
        let due = try await outbox.lease(
            servers.mapValues(\.poll), at: now, until: now + Self.lease, limit: 1000)
        // An office whose server hangs holds up no other.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (office, followed) in Dictionary(grouping: due, by: \.office) {
                guard let settings = servers[office] else { continue }
                group.addTask { try await self.look(at: followed, settings) }
            }
            try await group.waitForAll()
        }
        return due.count
    }

    private func look(at followed: [Outbox.Followed], _ settings: OfficeOpen311) async throws {
        let server = Open311Client(settings: settings, client: client, now: now)
        var looks: [(id: Identifier, next: Timestamp?)] = []
        func looked(_ one: Outbox.Followed, isOver: Bool = false) {
            let next = Open311Progress.next(
                after: now(), created: one.createdAt, closed: one.closedAt, poll: settings.poll)
            looks.append((one.id, isOver ? nil : next))
        }
        var known: [Outbox.Followed] = []
        // A server that hangs is asked once a round.
        var isAway = false
        for one in followed {
            if one.isSuperseded {
                looked(one, isOver: true)
            } else if let id = one.remoteID, !id.hasPrefix(Open311Carrier.token) {
                known.append(one)
            } else {
                if !isAway { isAway = try await !identify(one, settings, server) }
                looked(one)
            }
        }
        while !known.isEmpty {
            let batch = known.prefix(Open311Client.batch)
            known.removeFirst(batch.count)
            let reports = isAway ? [:] : await self.reports(of: Array(batch), server, isAway: &isAway)
            for one in batch {
                if let id = one.remoteID, let record = reports[id], let theirs = Open311Progress.Theirs(record) {
                    try await follow(one, id, theirs)
                }
                looked(one)
            }
        }
        try await outbox.looked(looks.map(\.id), next: looks.map(\.next))
    }

    /// - Returns: their records by id; none if the server cannot be asked.
    private func reports(
        of batch: [Outbox.Followed], _ server: Open311Client, isAway: inout Bool
    ) async -> [String: [String: String]] {
        let ids = batch.compactMap(\.remoteID)
        guard let office = batch.first?.office else { return [:] }
        var found: [String: [String: String]] = [:]
        do throws(TransferError) {
            let answer = try await server.requests(ids)
            found = records(answer, office)
            guard answer.status == 200 || answer.status == 404 else { return found }
            // Some servers know only one at a time; the rest comes with the next looks.
            for id in ids.filter({ found[$0] == nil }).prefix(10) {
                found.merge(records(try await server.request(id), office)) { $1 }
            }
        } catch {
            note(error, of: office)
            isAway = true
        }
        return found
    }

    private func records(
        _ answer: OfficeAnswer, _ office: String
    ) -> [String: [String: String]] {
        guard answer.status == 200, let records = Open311Records.read(answer.body) else {
            // One that they have forgotten, or never heard of, is no trouble of the server's.
            if answer.status != 404 { note("the office's server answered \(answer.status)", of: office) }
            return [:]
        }
        note(nil, of: office)
        return Dictionary(
            records.compactMap { record in record["service_request_id"].map { ($0, record) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// - Returns: false if the server cannot be asked.
    private func identify(
        _ one: Outbox.Followed, _ settings: OfficeOpen311, _ server: Open311Client
    ) async throws -> Bool {
        var found: String?
        do throws(TransferError) {
            if let token = one.remoteID?.dropFirst(Open311Carrier.token.count) {
                let answer = try await server.token(String(token))
                let record = answer.status == 200 ? Open311Records.read(answer.body)?.first : nil
                found = Open311Verdict.usable(record?["service_request_id"])
            } else {
                switch try await server.search(
                    for: one.code, service: settings.service(for: one.category), since: one.createdAt)
                {
                case .found(let id): found = id
                case .absent: break
                case .notNow(let reason):
                    note(reason, of: one.office)
                    return false
                }
            }
        } catch {
            note(error, of: one.office)
            return false
        }
        if let found { try await outbox.identify(one.id, as: found, at: now()) }
        return true
    }

    private func follow(_ one: Outbox.Followed, _ id: String, _ theirs: Open311Progress.Theirs) async throws {
        let ours = Open311Progress.Ours(status: one.status, last: one.last, isClosedByThem: one.isClosedByThem)
        guard let kind = Open311Progress.step(theirs, ours) else { return }
        let step = Tickets.Step(
            code: one.code, at: now(), kind: kind, by: one.office,
            externalID: Outbox.externalID(ofStep: one.steps + 1, of: id), note: theirs.notes)
        // A ticket that cannot take the step any more has been moved on here.
        _ = try await take(step)
    }

    private func note(_ error: TransferError, of office: String) {
        // The daemon stops.
        if error.kind != .cancelled { note(error.message, of: office) }
    }

    private func note(_ trouble: String?, of office: String) {
        let isNews = troubled.withLock { troubled in
            trouble == nil ? troubled.remove(office) != nil : troubled.insert(office).inserted
        }
        if isNews { told(office, trouble) }
    }
}
