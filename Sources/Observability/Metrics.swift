import Civic
import Synchronization

/// What Prometheus asks for. Counting takes one short lock and no allocation once a series exists.
public final class Metrics: Sendable {
    struct State {
        var messages = MetricFamily()
        var refused = MetricFamily()
        var undecided = 0.0
        // A city may have ten thousand rules.
        var ruleWins = MetricFamily(limit: 20_000)
        var ruleFailures = 0.0
        var acknowledge = Histogram(Metrics.seconds)
        var commit = Histogram(Metrics.seconds)
        var rows = Histogram([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
        var notifications = MetricFamily()
        var waiting = MetricFamily()
        var oldestWaiting = 0.0
        var databaseUp = 0.0
        var destinations = MetricFamily()
        var lateness = MetricFamily()
        var alarms = MetricFamily()
        var mailboxes = MetricFamily()
        var channels = MetricFamily()
        var mails = MetricFamily()
        var media = MetricFamily()
        var retained = MetricFamily()
        var internalErrors = 0.0
        var partsStuck = 0.0
        var durable = 1.0
        var inbox = 0.0
        var startedAt = 0.0
        var dropped = 0.0
        var version = ""
        var config = ""
        /// The shadow's, or none.
        var shadow = ""
        var loadedAt = 0.0
        var reloads = MetricFamily()
        var reloadRefused = 0.0
        var shadowDecided = 0.0
        var shadowSeconds = 0.0
        var shadowSkipped = 0.0
        var shadowFailures = 0.0
        var shadowDifferences = MetricFamily()
        var accepted = 0
        var spool = Spool()
    }

    struct Spool {
        var kept = MetricFamily()
        var drained = 0.0
        var waiting = 0.0
        var bytes = 0.0
        var limit = 0.0
        var oldest = 0.0
        var aside = 0.0
        var isOpen = 1.0
    }

    private static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private let state = Mutex(State())

    public init() {}

    /// Messages acknowledged since the start, whatever their outcome.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// The text exposition format, version 0.0.4.
    public func render() -> String { state.withLock { $0 }.exposition }

    /// Notifications that wait in memory or are under way.
    public func waiting(medium: Medium, count: Int) {
        state.withLock { $0.waiting.set(Double(count), LabelValues(first: medium.rawValue)) }
    }

    /// How long the oldest that is due has been; 0 if none is.
    public func late(line: String, seconds: Double) {
        state.withLock { $0.lateness.set(seconds, LabelValues(first: line)) }
    }

    func alarm(line: String, _ isOn: Bool) {
        state.withLock { $0.alarms.set(isOn ? 1 : 0, LabelValues(first: line)) }
    }

    /// The age of the oldest notification that waits; 0 if none does.
    public func oldestWaiting(seconds: Double) { state.withLock { $0.oldestWaiting = seconds } }

    func mailbox(_ name: String, up: Bool) {
        state.withLock { $0.mailboxes.set(up ? 1 : 0, LabelValues(first: name)) }
    }

    func channel(_ name: String, up: Bool) {
        state.withLock { $0.channels.set(up ? 1 : 0, LabelValues(first: name)) }
    }

    func mail(_ mailbox: String, outcome: String) {
        state.withLock { $0.mails.add(1, LabelValues(first: mailbox, second: outcome)) }
    }

    public func destination(_ name: String, up: Bool) {
        state.withLock { $0.destinations.set(up ? 1 : 0, LabelValues(first: name)) }
    }

    /// Whether PostgreSQL acknowledges only what its disk has.
    public func database(durable: Bool) { state.withLock { $0.durable = durable ? 1 : 0 } }

    /// What nobody could read and a person has not seen to.
    public func inbox(waiting: Int) { state.withLock { $0.inbox = Double(waiting) } }

    public func started(at moment: Timestamp) { state.withLock { $0.startedAt = Double(moment.microseconds) / 1e6 } }

    func media(_ channel: String, outcome: String) {
        state.withLock { $0.media.add(1, LabelValues(first: channel, second: outcome)) }
    }

    func retained(_ removed: [String: Int]) {
        state.withLock { state in
            for (what, count) in removed { state.retained.add(Double(count), LabelValues(first: what)) }
        }
    }

    func partStuck() { state.withLock { $0.partsStuck += 1 } }

    public func database(up: Bool) { state.withLock { $0.databaseUp = up ? 1 : 0 } }

    public func build(version: String, config: String) {
        state.withLock {
            $0.version = version
            $0.config = config
        }
    }

    /// - Parameters:
    ///   - at: since when the configuration is in force.
    ///   - shadow: the hash that it would have with the shadow's rules; nil without any.
    public func configuration(at moment: Timestamp, shadow: String?) {
        state.withLock {
            $0.loadedAt = Double(moment.microseconds) / 1e6
            $0.shadow = shadow ?? ""
        }
    }

    func reloaded(config: String) {
        state.withLock {
            $0.config = config
            $0.reloadRefused = 0
            $0.reloads.add(1, LabelValues(first: "accepted"))
        }
    }

    func reloadRefused() {
        state.withLock {
            $0.reloadRefused = 1
            $0.reloads.add(1, LabelValues(first: "refused"))
        }
    }

    func shadowDecided(messages: Int, differing: [String: Int], seconds: Double) {
        state.withLock {
            $0.shadowDecided += Double(messages)
            $0.shadowSeconds += seconds
            for (field, count) in differing { $0.shadowDifferences.add(Double(count), LabelValues(first: field)) }
        }
    }

    func shadowSkipped(messages: Int) { state.withLock { $0.shadowSkipped += Double(messages) } }
    func shadowFailed() { state.withLock { $0.shadowFailures += 1 } }

    func accepted(channel: String, outcome: String, rule: String?, undecided: Bool, seconds: Double) {
        state.withLock {
            $0.accepted += 1
            $0.messages.add(1, LabelValues(first: channel, second: outcome))
            $0.acknowledge.record(seconds)
            if let rule { $0.ruleWins.add(1, LabelValues(first: rule)) }
            if undecided { $0.undecided += 1 }
        }
    }

    func refused(channel: String, status: Int) {
        state.withLock { $0.refused.add(1, LabelValues(first: channel, second: "\(status)")) }
    }

    func batch(rows: Int, seconds: Double) {
        state.withLock {
            $0.rows.record(Double(rows))
            $0.commit.record(seconds)
        }
    }

    func notification(medium: Medium, outcome: String, reason: String?) {
        let labels = LabelValues(first: medium.rawValue, second: outcome, third: reason.map(Metrics.label) ?? "")
        state.withLock { $0.notifications.add(1, labels) }
    }

    func spoolKept(channel: String) { state.withLock { $0.spool.kept.add(1, LabelValues(first: channel)) } }
    func spoolDrained(_ count: Int) { state.withLock { $0.spool.drained += Double(count) } }

    /// What waits in the spool.
    /// - Parameters:
    ///   - oldest: the oldest one's age in seconds; 0 if none waits.
    ///   - aside: files that were set aside.
    ///   - isOpen: false if it is wanted and cannot be used.
    public func spool(waiting: Int, bytes: Int, limit: Int, oldest: Double, aside: Int, isOpen: Bool) {
        state.withLock {
            $0.spool.waiting = Double(waiting)
            $0.spool.bytes = Double(bytes)
            $0.spool.limit = Double(limit)
            $0.spool.oldest = oldest
            $0.spool.aside = Double(aside)
            $0.spool.isOpen = isOpen ? 1 : 0
        }
    }

    func ruleFailed() { state.withLock { $0.ruleFailures += 1 } }
    func internalError() { state.withLock { $0.internalErrors += 1 } }
    func logLineDropped() { state.withLock { $0.dropped += 1 } }

    /// The part of a reason before its particulars: there must be few different ones.
    private static func label(_ reason: String) -> String {
        String(masked(String(reason.prefix { $0 != ";" && $0 != ":" && $0 != "\n" })).prefix(60))
    }
}
