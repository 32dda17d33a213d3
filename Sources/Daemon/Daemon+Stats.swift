import Civic
import Delivery
import Observability

extension Daemon {
    /// What this daemon says of itself with each beat; looks at the lines on the way, and tells of those that somebody
    /// must look at.
    func stats() async -> JSON {
        let reports = await queue.reports
        let now = now()
        measure(reports, at: now)
        let alarms = look(reports, at: now)
        // Where a city has several App IO services, each stops by itself.
        let gates = appIO.gates
        for gate in gates { observe.metrics.destination(gate.destination, up: gate.reason == nil) }
        let services = gates.map { gate in
            JSON.object([
                ("name", .string(gate.destination)), ("up", .bool(gate.reason == nil)),
                ("reason", .optional(gate.reason)),
            ])
        }
        var waiting: [String: Int] = [:]
        for report in reports where report.held > 0 { waiting[medium(of: report.line), default: 0] += report.held }
        return .object([
            ("waiting", .object(waiting.sorted { $0.key < $1.key }.map { ($0.key, .int(Int64($0.value))) })),
            ("destinations", .array(reports.map(\.json) + services)),
            ("alarms", .array(alarms.map { $0.json(at: now) })),
            ("accepted", .int(Int64(observe.metrics.accepted))), ("configuration", reloader.json),
            ("channels", .strings(desk.current.configuration.channels.values.filter(\.isOpen).map(\.name).sorted())),
            ("spool", desk.spool.look(at: now) ?? .null),
            ("mailboxes", .array(await mailboxes.status.map(\.json))), ("accounts", .array(accounts.status)),
        ])
    }

    private func look(_ reports: [LineReport], at now: Timestamp) -> [LineAlarm] {
        let patience = desk.current.configuration.notifications.alarm
        let (raised, over, current) = alarms.withLock { alarms in
            let (raised, over) = alarms.look(reports, waiting: heartbeat.waiting, patience: patience, at: now)
            return (raised, over, alarms.current)
        }
        for alarm in raised { observe(.lineAlarm(line: alarm.line, message: alarm.sentence(at: now))) }
        for alarm in over { observe(.lineAlarmOver(line: alarm.line)) }
        return current
    }

    private func measure(_ reports: [LineReport], at now: Timestamp) {
        let metrics = observe.metrics
        var held: [String: Int] = [:]
        for report in reports {
            held[medium(of: report.line), default: 0] += report.held
            let due = [report.due, heartbeat.waiting[report.line]].compactMap(\.self).min()
            metrics.late(line: report.line, seconds: due.map { max(0, (now - $0).inSeconds) } ?? 0)
            metrics.destination(report.destination, up: report.isUp)
        }
        for medium in Medium.allCases { metrics.waiting(medium: medium, count: held[medium.rawValue] ?? 0) }
        let oldest = (reports.compactMap(\.due) + heartbeat.waiting.values).min()
        metrics.oldestWaiting(seconds: oldest.map { max(0, (now - $0).inSeconds) } ?? 0)
    }

    private func medium(of line: String) -> String { String(line.prefix { $0 != ":" }) }
}
