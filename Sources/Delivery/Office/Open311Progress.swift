import Civic

/// What the state of a request at another body's server means for our ticket.
public enum Open311Progress {
    /// A request as their server tells of it.
    public struct Theirs: Hashable, Sendable {
        public let isClosed: Bool
        public let notes: String?

        /// - Returns: nil if it says neither `open` nor `closed`.
        public init?(_ record: [String: String]) {
            switch record["status"]?.lowercased() {
            case "open": isClosed = false
            case "closed": isClosed = true
            default: return nil
            }
            notes = record["status_notes"].flatMap(Open311Progress.note)
        }
    }

    /// Of our ticket, what matters.
    public struct Ours: Hashable, Sendable {
        public var status: TicketStatus
        /// The last step that their server had the ticket take.
        public var last: TicketEvent.Kind?
        /// It was closed by their word.
        public var isClosedByThem: Bool

        public init(status: TicketStatus, last: TicketEvent.Kind?, isClosedByThem: Bool) {
            self.status = status
            self.last = last
            self.isClosedByThem = isClosedByThem
        }
    }

    /// - Returns: nil if nothing follows: a ticket that we closed meanwhile is left alone.
    public static func step(_ theirs: Theirs, _ ours: Ours) -> TicketEvent.Kind? {
        if theirs.isClosed { return ours.last == .resolved || ours.status.isClosed ? nil : .resolved }
        switch ours.last {
        case .resolved: return ours.status.isClosed && ours.isClosedByThem ? .reopened : nil
        case nil:
            return [.open, .acknowledged, .forwarded, .reopened].contains(ours.status) ? .inProgress : nil
        default: return nil
        }
    }

    /// When to look again: seldom at what is old, and at last no more.
    /// - Parameters:
    ///   - created: when it was handed on.
    ///   - closed: when our ticket was closed; it may still be reopened there.
    public static func next(
        after now: Timestamp, created: Timestamp, closed: Timestamp?, poll: Duration
    ) -> Timestamp? {
        let age = now - created
        guard age < .seconds(180 * 86_400), closed.map({ now - $0 < .seconds(14 * 86_400) }) ?? true else { return nil }
        return now + max(poll, min(age / 20, .seconds(86_400)))
    }

    /// Words of another body, which the citizen reads as an office's: plain text of at most 2000 characters.
    static func note(_ text: String) -> String? {
        // What is far beyond the limit need not be looked at.
        let lines = PlainText.lines(String(text.unicodeScalars.prefix(20_000))).map { PlainText.singleLine($0) }
        let whole = lines.joined(separator: "\n").split(separator: "\n").joined(separator: "\n")
        return whole.isEmpty ? nil : PlainText.shortened(whole, toUTF16: 2000)
    }
}
