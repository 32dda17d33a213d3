import Civic

/// A line as an operator sees it.
public struct LineReport: Hashable, Sendable {
    public enum Gate: String, Hashable, Sendable {
        case open, probing, failing, paused, stopped
    }

    public var line: String
    /// The name of the other side.
    public var destination: String
    public var gate: Gate
    /// What stands in the way, or what last went wrong.
    public var reason: String?
    /// Until when nothing goes.
    public var until: Timestamp?
    /// In memory: waiting, or under way.
    public var held: Int
    /// May be under way at once.
    public var concurrency: Int
    /// Attempts a second, if limited.
    public var perSecond: Double?
    /// Of what this daemon holds: since when the oldest that is due has been.
    public var due: Timestamp?

    public init(
        line: String, destination: String, gate: Gate, reason: String? = nil, until: Timestamp? = nil, held: Int,
        concurrency: Int, perSecond: Double? = nil, due: Timestamp? = nil
    ) {
        self.line = line
        self.destination = destination
        self.gate = gate
        self.reason = reason
        self.until = until
        self.held = held
        self.concurrency = concurrency
        self.perSecond = perSecond
        self.due = due
    }

    public var isUp: Bool { gate == .open }

    public var json: JSON {
        .object([
            ("name", .string(destination)), ("line", .string(line)), ("up", .bool(isUp)),
            ("state", .string(gate.rawValue)), ("reason", .optional(reason)), ("until", .moment(until)),
            ("held", .int(Int64(held))), ("concurrency", .int(Int64(concurrency))),
            ("per_second", perSecond.map { .double(($0 * 10).rounded() / 10) } ?? .null),
        ])
    }
}

extension Breaker {
    func gate(at now: Timestamp) -> (gate: LineReport.Gate, reason: String?, until: Timestamp?) {
        switch state {
        case .closed: trouble == nil ? (.open, nil, nil) : (.failing, trouble, nil)
        case .halfOpen(let reason, _, _): (.probing, reason, nil)
        case .open(let until, let reason, _), .paused(let until, let reason, _): (.paused, reason, until)
        case .stopped(let until, let reason): (.stopped, reason, until)
        }
    }
}
