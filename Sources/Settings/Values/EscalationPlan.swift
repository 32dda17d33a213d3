import Civic

/// Who is told that a ticket is due or overdue. Pure: `Tickets.escalate` asks it under the ticket's lock and does what it
/// says.
///
/// A ticket counts how far this has gone: 0 nobody was told, 1 its office was reminded, 2 the level above was told, and
/// so on up the offices' parents. After an outage only the highest stage that was reached is told, and says which were
/// not. A reminder does not come before half of the ticket's time is over: one that is to be done within hours is not
/// reminded of as soon as it comes in.
public struct EscalationPlan: Sendable {
    /// The tickets to look at: those that have come so far and were due within this time.
    public struct Stage: Hashable, Sendable {
        public let count: Int
        public let dueAfter: Timestamp
        /// And at this moment.
        public let dueBefore: Timestamp
        /// Only a reminder is due, which waits for the office's opening hours.
        public let isReminder: Bool
    }

    public struct Step: Hashable, Sendable {
        /// How far the ticket has come with it.
        public let count: Int
        /// `reminded` or `escalated`; nil: there is nobody left to tell, and that is on the ticket already.
        public let kind: TicketEvent.Kind?
        /// The office that is told; nil: nobody can be.
        public let office: String?
        public let note: String?
    }

    /// What is overdue for so much longer than the last level is left alone: whoever sets levels for the first time is not
    /// flooded with the past.
    public static let forgotten = Duration.seconds(14 * 86_400)

    private let escalation: Escalation
    private let directory: OfficeDirectory
    private let calendars: [String: WorkCalendar]
    private let work: [String: OfficeWork]

    public init(
        _ escalation: Escalation, directory: OfficeDirectory, calendars: [String: WorkCalendar],
        work: [String: OfficeWork]
    ) {
        self.escalation = escalation
        self.directory = directory
        self.calendars = calendars
        self.work = work
    }

    public var isEmpty: Bool { escalation.remind == nil && escalation.levels.isEmpty }

    /// Each is a range of the index of open tickets; together they hold exactly those of which something is due, but for
    /// offices that are closed.
    public func stages(at now: Timestamp) -> [Stage] {
        let oldest = now + (.zero - EscalationPlan.forgotten - (escalation.levels.last ?? .zero))
        var stages: [Stage] = []
        if let remind = escalation.remind {
            stages.append(
                Stage(
                    count: 0, dueAfter: escalation.levels.first.map { now + (.zero - $0) } ?? oldest,
                    dueBefore: now + remind, isReminder: true))
        }
        for (index, level) in escalation.levels.enumerated() {
            let before = now + (.zero - level)
            if index == 0 { stages.append(Stage(count: 0, dueAfter: oldest, dueBefore: before, isReminder: false)) }
            stages.append(Stage(count: index + 1, dueAfter: oldest, dueBefore: before, isReminder: false))
        }
        return stages
    }

    /// Offices that get no reminder now.
    public func closedOffices(at now: Timestamp) -> [String] {
        directory.offices.values.filter { !isOpen($0, at: now) }.map(\.code).sorted()
    }

    /// - Parameters:
    ///   - office: that answers for the ticket.
    ///   - beganAt: since when its time runs: when it was opened, or reopened.
    ///   - count: how far the ticket has come.
    /// - Returns: nil if nothing is due now.
    public func step(
        office: String, beganAt: Timestamp, dueAt: Timestamp, count: Int, at now: Timestamp
    ) -> Step? {
        let level = escalation.levels.lastIndex { dueAt + $0 <= now }
        guard let level else {
            guard count == 0, let remind = escalation.remind, dueAt <= now + remind,
                beganAt + (dueAt - beganAt) / 2 <= now,
                directory.offices[office].map({ isOpen($0, at: now) }) ?? true
            else { return nil }
            let told = ([office] + above(office)).first(where: isReachable)
            return Step(count: 1, kind: .reminded, office: told, note: told == nil ? Self.nobody(office) : nil)
        }
        let reached = level + 2
        guard reached > count else { return nil }
        let chain = above(office).filter(isReachable)
        guard let last = chain.indices.last else {
            return Step(
                count: reached, kind: count < 2 ? .escalated : nil, office: nil, note: Self.nobody(above: office))
        }
        let told = min(level, last)
        guard told + 2 > count else {
            let isNews = count == last + 2
            return Step(
                count: reached, kind: isNews ? .escalated : nil, office: nil,
                note: isNews ? Self.nobody(above: chain[last]) : nil)
        }
        return Step(count: reached, kind: .escalated, office: chain[told], note: missed(count, upTo: told, of: chain))
    }

    private static func nobody(_ office: String) -> String {
        "nobody can be reminded: neither \(office) nor an office above it has an e-mail address"
    }

    private static func nobody(above office: String) -> String {
        "nobody can be told: no office above \(office) has an e-mail address"
    }

    /// What an outage left out.
    private func missed(_ count: Int, upTo told: Int, of chain: [String]) -> String? {
        var missed: [String] = []
        if count == 0, escalation.remind != nil { missed.append("the reminder") }
        if told > 0 { missed += (max(count, 1) - 1..<told).map { chain[$0] } }
        return missed.isEmpty ? nil : "not told in time: \(missed.joined(separator: ", "))"
    }

    private func above(_ office: String) -> [String] {
        var chain: [String] = []
        var next = directory.offices[office]?.parent
        while let parent = next, parent != office, !chain.contains(parent) {
            chain.append(parent)
            next = directory.offices[parent]?.parent
        }
        return chain
    }

    private func isReachable(_ office: String) -> Bool {
        directory.offices[office]?.email != nil || work[office]?.webhook != nil
    }

    private func isOpen(_ office: Office, at now: Timestamp) -> Bool {
        guard let calendar = office.calendar.flatMap({ calendars[$0] }), calendar.hasHours else { return true }
        return calendar.isOpen(at: now)
    }
}
