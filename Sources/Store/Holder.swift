import Civic

/// The daemon that keeps what is owed in memory, and the lines for which it has no room: their notifications are left in
/// the table for whoever has.
public struct Holder: Hashable, Sendable {
    /// The daemon's id.
    public var id: Int64
    public var full: Set<String>

    public init(_ id: Int64, full: Set<String> = []) {
        self.id = id
        self.full = full
    }

    /// What is due later than so long after it was owed waits in the table until then.
    static let patience = Duration.seconds(60)
}

/// A daemon with room everywhere.
extension Holder: ExpressibleByIntegerLiteral {
    public init(integerLiteral id: Int64) { self.init(id) }
}

extension OwedNotification {
    /// What waits here waits for the same other side. As the table's generated column `line` has it.
    public var line: String {
        switch medium {
        case .webhook, .open311: "\(medium.rawValue):\(recipient)"
        default: medium.rawValue
        }
    }

    /// As the table has it.
    var urgency: Int32 { Int32(Priority.allCases.firstIndex(of: priority) ?? 1) }

    /// To the citizen, not to an office.
    public var isToCitizen: Bool { !template.hasPrefix("office_") }

    /// The owner it is written with. An urgent one is not left behind what its line has no room for.
    func holder(_ holder: Holder?) -> Int64? {
        guard let holder, priority == .urgent || !holder.full.contains(line),
            nextAttemptAt <= createdAt + Holder.patience
        else { return nil }
        return holder.id
    }
}

extension NewTicket {
    /// What this daemon holds of what it owes, once the ticket is written in its name.
    func notifications(heldBy holder: Holder?) -> [OwedNotification] {
        notifications.compactMap { owed in
            guard let id = owed.holder(holder) else { return nil }
            var owed = owed
            owed.heldBy = id
            return owed
        }
    }
}
