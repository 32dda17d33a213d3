import ArgumentParser
import Civic
import Daemon
import Foundation
import Settings
import Spool
import Store

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The running daemons at a glance: queues, oldest waiting, destinations, configuration.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption

    func run() async throws {
        // A configuration that was just refused must not keep its refusal from being shown.
        guard
            let place = ConfigurationLoader.whereabouts(
                directory: options.directory, environment: ProcessInfo.processInfo.environment)
        else {
            _ = try options.load()
            throw Outcome.invalid("\(options.directory)/pasquino.yaml does not name the database")
        }
        do { try await report(place.database, stateDirectory: place.stateDirectory) } catch {
            showSpool(below: place.stateDirectory)
            throw error
        }
    }

    /// PostgreSQL could not be asked: what waits for it lies on this machine's disk.
    private func showSpool(below state: String) {
        guard let glance = SpoolGlance(at: "\(state)/spool"), glance.waiting + glance.aside > 0 else { return }
        let now = Timestamp.current
        let spool = DaemonStats.Spool(
            waiting: glance.waiting, bytes: glance.bytes, limit: nil,
            oldest: glance.oldest.map { Int((now - $0).components.seconds) }, aside: glance.aside, open: nil,
            reason: nil)
        print(output.json ? JSON.object([("running", .null), ("spool", spool.json)]).text : spool.line)
    }

    private func report(_ settings: Settings.Configuration.Database, stateDirectory: String) async throws {
        try await withDatabase(settings, stateDirectory: stateDirectory) { database in
            let daemons = try await DaemonRegistry(pool: database.pool).all()
            let waiting = try await Outbox(pool: database.pool).waiting()
            let counts = try await Tickets(pool: database.pool).counts()
            let report = StatusReport(
                daemons: daemons, waiting: waiting, counts: counts,
                retention: try await RetentionSweep(pool: database.pool).progress(), now: .current)
            print(output.json ? report.json.text : report.text)
            guard daemons.contains(where: \.alive) else { throw Outcome.failed("no daemon is running") }
        }
    }
}

private struct StatusReport {
    let daemons: [DaemonRegistry.Entry]
    let waiting: [(medium: String, count: Int, oldest: Timestamp?)]
    let counts: Tickets.Counts
    let retention: [RetentionSweep.Progress]
    let now: Timestamp

    private func seconds(since moment: Timestamp?) -> JSON {
        moment.map { .int((now - $0).components.seconds) } ?? .null
    }

    var json: JSON {
        .object([
            ("running", .bool(daemons.contains(where: \.alive))),
            (
                "daemons",
                .array(
                    daemons.filter(\.alive).map {
                        .object([
                            ("host", .string($0.host)), ("pid", .int(Int64($0.pid))), ("version", .string($0.version)),
                            ("config", .string($0.config)), ("started_at", .moment($0.startedAt)),
                            ("stats", .verbatim($0.stats)),
                        ])
                    })
            ),
            (
                "waiting",
                .array(
                    waiting.map {
                        .object([
                            ("medium", .string($0.medium)), ("count", .int(Int64($0.count))),
                            ("oldest_s", seconds(since: $0.oldest)),
                        ])
                    })
            ),
            (
                "messages",
                .object([
                    ("last_minute", .int(counts.lastMinute)), ("last_hour", .int(counts.lastHour)),
                    ("last_day", .int(counts.lastDay)),
                ])
            ),
            ("tickets_open", .int(counts.open)), ("tickets_waiting", .int(counts.waiting)),
            ("given_up", .int(counts.givenUp)), ("retention", .array(retention.map(\.json))),
            (
                "alarms",
                .array(
                    alarms.map {
                        .object([
                            ("line", .string($0.line)), ("destination", .string($0.destination)),
                            ("kind", .string($0.kind)), ("since", .optional($0.since)),
                            ("reason", .optional($0.reason)), ("message", .string($0.message)),
                        ])
                    })
            ),
        ])
    }

    /// Of all daemons, the same line once.
    private var alarms: [DaemonStats.Alarm] {
        var seen = Set<String>()
        return daemons.filter(\.alive).flatMap { DaemonStats($0)?.alarms ?? [] }.filter {
            seen.insert($0.line).inserted
        }
    }

    var text: String {
        var lines: [String] = []
        for daemon in daemons where daemon.alive {
            lines.append(
                "\(Terminal.green("running"))  \(daemon.host) pid \(daemon.pid)  version \(daemon.version)  "
                    + "configuration \(daemon.config)  since \(daemon.startedAt.rfc3339)")
            if let stats = DaemonStats(daemon) {
                if let one = stats.configuration {
                    lines.append(
                        "  configuration loaded \(one.loadedAt)" + (one.shadow.map { ", shadow \($0)" } ?? ""))
                    if let refused = one.lastRefused {
                        lines.append(
                            "  refused       "
                                + Terminal.red("reload of \(refused.at): \(Terminal.safe(refused.reason))"))
                    }
                }
                lines.append("  channels      \(stats.channels.joined(separator: ", "))")
                for one in stats.mailboxes ?? [] {
                    let state = one.reason.map { Terminal.red("\(one.state): \(Terminal.safe($0))") } ?? one.state
                    lines.append(
                        "  mailbox       \(one.name)  \(state), \(one.waiting) waiting, \(one.accepted) taken in, "
                            + "\(one.movedAside) set aside")
                }
                for one in stats.accounts ?? [] {
                    lines.append(
                        "  account       \(one.name)  "
                            + (one.reason.map { Terminal.red(Terminal.safe($0)) } ?? Terminal.green("up")))
                }
                if let spool = stats.spool { lines.append("  " + spool.line) }
                for one in stats.destinations {
                    let state = one.state.map { "\($0): " } ?? "held: "
                    lines.append(
                        "  destination   \(one.name)  "
                            + (one.up
                                ? Terminal.green("up") : Terminal.red(state + Terminal.safe(one.reason ?? ""))))
                }
            }
        }
        if lines.isEmpty { lines.append(Terminal.red("no daemon is running")) }
        for alarm in alarms { lines.append(Terminal.red("alarm           \(Terminal.safe(alarm.message))")) }
        lines.append(
            "messages        \(counts.lastMinute) in the last minute, \(counts.lastHour) in the last hour, \(counts.lastDay) in the last day"
        )
        lines.append(
            "tickets open    \(counts.open)"
                + (counts.waiting > 0 ? ", of which \(counts.waiting) wait for their citizen" : ""))
        for line in waiting {
            let age = line.oldest.map { ", the oldest for \((now - $0).components.seconds) s" } ?? ""
            lines.append("waiting         \(line.medium) \(line.count)\(age)")
        }
        if waiting.isEmpty { lines.append("waiting         nothing") }
        for one in retention where one.removed > 0 {
            lines.append(
                "removed by age  \(one.kind) \(one.removed)" + (one.removedAt.map { ", last \($0.rfc3339)" } ?? ""))
        }
        if counts.givenUp > 0 {
            lines.append("given up        \(counts.givenUp) (see `pasquino queue show --given-up`)")
        }
        return lines.joined(separator: "\n")
    }
}

/// What a daemon writes with its beat.
struct DaemonStats: Decodable {
    struct Destination: Decodable {
        let name: String
        let up: Bool
        let reason: String?
        let state: String?
    }
    struct Alarm: Decodable {
        let line: String
        let destination: String
        let kind: String
        let since: String?
        let reason: String?
        let message: String
    }
    struct Mailbox: Decodable {
        let name: String
        let state: String
        let reason: String?
        let waiting: Int
        let accepted: Int
        let movedAside: Int

        private enum CodingKeys: String, CodingKey {
            case name, state, reason, waiting, accepted
            case movedAside = "moved_aside"
        }
    }
    struct Configuration: Decodable {
        struct Refusal: Decodable {
            let at: String
            let reason: String
        }
        let shadow: String?
        let loadedAt: String
        let lastRefused: Refusal?

        private enum CodingKeys: String, CodingKey {
            case shadow
            case loadedAt = "loaded_at"
            case lastRefused = "last_refused"
        }
    }
    struct Spool: Decodable {
        let waiting: Int
        let bytes: Int
        /// Bytes; nil where the disk alone was looked at.
        let limit: Int?
        /// Seconds.
        let oldest: Int?
        let aside: Int
        let open: Bool?
        let reason: String?

        private enum CodingKeys: String, CodingKey {
            case waiting, bytes, limit, open, reason
            case oldest = "oldest_s"
            case aside = "set_aside"
        }

        var json: JSON {
            .object([
                ("waiting", .int(Int64(waiting))), ("bytes", .int(Int64(bytes))),
                ("oldest_s", oldest.map { .int(Int64($0)) } ?? .null), ("set_aside", .int(Int64(aside))),
            ])
        }

        var line: String {
            var words = ["\(waiting) waiting for PostgreSQL"]
            if let oldest { words.append("the oldest for \(oldest) s") }
            words.append("\(bytes) bytes" + (limit.map { " of \($0)" } ?? ""))
            if aside > 0 { words.append(Terminal.red("\(aside) files set aside for a person")) }
            if open == false { words.append(Terminal.red("cannot be used: " + Terminal.safe(reason ?? ""))) }
            return "spool         " + words.joined(separator: ", ")
        }
    }
    let destinations: [Destination]
    let channels: [String]
    /// Earlier programs do not tell.
    let mailboxes: [Mailbox]?
    /// Messengers that are asked.
    let accounts: [Destination]?
    let configuration: Configuration?
    let alarms: [Alarm]?
    /// Only where one is wanted or holds something.
    let spool: Spool?

    init?(_ daemon: DaemonRegistry.Entry) {
        guard let stats = try? JSONDecoder().decode(DaemonStats.self, from: Data(daemon.stats.utf8)) else { return nil }
        self = stats
    }
}
