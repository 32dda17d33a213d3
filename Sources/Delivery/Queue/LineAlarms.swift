import Civic

/// A line that somebody must look at.
public struct LineAlarm: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// What is due does not get out.
        case late
        /// Our side is wrong: nothing goes until somebody acts.
        case stopped
    }
    public var line: String
    public var destination: String
    public var kind: Kind
    /// Since when the oldest that is due waits.
    public var since: Timestamp?
    public var reason: String?

    public func sentence(at now: Timestamp) -> String {
        let why = reason.map { ": \($0)" } ?? ""
        let wait = since.map { ", the oldest for \(max(0, (now - $0).components.seconds / 60)) min" } ?? ""
        return switch kind {
        case .stopped: "nothing goes to \(destination) until somebody acts\(wait)\(why)"
        case .late: "notifications to \(destination) wait\(wait)\(why)"
        }
    }

    public func json(at now: Timestamp) -> JSON {
        .object([
            ("line", .string(line)), ("destination", .string(destination)), ("kind", .string(kind.rawValue)),
            ("since", .moment(since)), ("reason", .optional(reason)), ("message", .string(sentence(at: now))),
        ])
    }
}

/// Which lines somebody must look at: told once when it begins, and once when it is over. A value.
public struct LineAlarms: Sendable {
    public private(set) var current: [LineAlarm] = []

    public init() {}

    /// - Parameters:
    ///   - waiting: since when the oldest waits that is due and that no daemon holds, by line.
    ///   - patience: how long what is due may wait.
    /// - Returns: the lines for which it begins, and those for which it is over.
    public mutating func look(
        _ reports: [LineReport], waiting: [String: Timestamp], patience: Duration, at now: Timestamp
    ) -> (raised: [LineAlarm], over: [LineAlarm]) {
        var reports = Dictionary(reports.map { ($0.line, $0) }) { first, _ in first }
        for line in waiting.keys where reports[line] == nil {
            reports[line] = LineReport(line: line, destination: line, gate: .open, held: 0, concurrency: 1)
        }
        let before = Dictionary(current.map { ($0.line, $0) }) { first, _ in first }
        current = reports.values.sorted { $0.line < $1.line }.compactMap { report in
            let since = [report.due, waiting[report.line].flatMap { $0 <= now ? $0 : nil }].compactMap(\.self).min()
            // The attempt that finds out does not end it yet.
            let isStopped =
                report.gate == .stopped || report.gate == .probing && before[report.line]?.kind == .stopped
            let isLate = since.map { now - $0 > patience } ?? false
            guard isStopped || isLate else { return nil }
            return LineAlarm(
                line: report.line, destination: report.destination, kind: isStopped ? .stopped : .late, since: since,
                reason: report.reason)
        }
        let lines = Set(current.map(\.line))
        return (
            current.filter { before[$0.line]?.kind != $0.kind }, before.values.filter { !lines.contains($0.line) }
        )
    }
}
