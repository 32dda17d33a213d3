import Civic
import Foundation
import Testing

@testable import Observability

@Suite struct MetricsTests {
    static func page(_ observations: [Observation]) -> String {
        let observe = Observer(level: .error, sink: MemorySink())
        for observation in observations { observe(observation) }
        return observe.metrics.render()
    }

    @Test func countsWhatWasObserved() {
        let page = Self.page(samples)
        for line in [
            #"pasquino_messages_total{channel="portale",outcome="opened"} 1"#,
            #"pasquino_messages_total{channel="portale",outcome="discarded"} 1"#,
            #"pasquino_refused_total{channel="portale",status="401"} 1"#,
            #"pasquino_rule_wins_total{rule="strade.buche"} 1"#, "pasquino_undecided_total 1",
            #"pasquino_acknowledge_seconds_bucket{le="0.0025"} 0"#,
            #"pasquino_acknowledge_seconds_bucket{le="0.005"} 2"#,
            #"pasquino_acknowledge_seconds_bucket{le="+Inf"} 2"#, "pasquino_acknowledge_seconds_count 2",
            "pasquino_batch_rows_sum 24", #"pasquino_commit_seconds_bucket{le="2.5"} 2"#,
            #"pasquino_notifications_total{medium="app_io",outcome="delivered",reason=""} 1"#,
            #"pasquino_notifications_total{medium="email",outcome="expired",reason="its time was over"} 1"#,
            #"pasquino_notifications_total{medium="email",outcome="retried",reason="451"} 1"#,
            #"pasquino_destination_up{destination="app_io"} 1"#, "pasquino_database_up 0",
            #"pasquino_reloads_total{outcome="accepted"} 1"#, #"pasquino_reloads_total{outcome="refused"} 1"#,
            "pasquino_reload_refused 1", #"pasquino_config_info{config="def",shadow=""} 1"#,
            "pasquino_shadow_messages_total 50", #"pasquino_shadow_differences_total{field="category"} 3"#,
            "pasquino_shadow_skipped_total 12", "pasquino_shadow_failures_total 1",
            "pasquino_shadow_seconds_total 0.25",
            #"pasquino_build_info{version="0.1.0",config="def"} 1"#, "pasquino_internal_errors_total 1",
        ] {
            #expect(page.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func lastReload() {
        let page = Self.page([.reloadRefused(reason: "a"), .reloadRefused(reason: "a"), .reloaded(config: "new")])
        #expect(page.contains("\npasquino_reload_refused 0\n"))
        #expect(page.contains(#"pasquino_reloads_total{outcome="refused"} 2"#))
        #expect(page.contains(#"pasquino_config_info{config="new",shadow=""} 1"#))
        let metrics = Metrics()
        metrics.configuration(at: Timestamp(microseconds: 1_500_000), shadow: "fed")
        #expect(metrics.render().contains("\npasquino_config_loaded_timestamp_seconds 1.5\n"))
        #expect(metrics.render().contains(#"shadow="fed""#))
    }

    @Test func gauges() {
        let metrics = Metrics()
        metrics.waiting(medium: .email, count: 7)
        metrics.waiting(medium: .email, count: 3)
        metrics.oldestWaiting(seconds: 1.5)
        metrics.destination("smtp", up: false)
        metrics.database(up: true)
        let page = metrics.render()
        #expect(page.contains(#"pasquino_notifications_waiting{medium="email"} 3"#))
        #expect(page.contains("pasquino_oldest_waiting_seconds 1.5"))
        #expect(page.contains(#"pasquino_destination_up{destination="smtp"} 0"#))
        #expect(page.contains("pasquino_database_up 1"))
    }

    /// The format's own grammar, line by line; every family is described before its first value.
    @Test func isWellFormed() throws {
        let value = /pasquino_[a-z_]+(\{[a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [0-9.e+-]+/
        let comment = /# (HELP pasquino_[a-z_]+ .+|TYPE pasquino_[a-z_]+ (counter|gauge|histogram))/
        let evil = Observation.messageAccepted(
            channel: "a\"b\\c\nd{}", outcome: "opened", ticket: nil, category: nil, office: nil, rule: "r,=\"",
            undecided: false,
            seconds: 1e-9)
        let page = Self.page(samples + [evil])
        #expect(page.hasSuffix("\n"))
        var described = ""
        for line in page.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# TYPE ") { described = String(line.split(separator: " ")[2]) }
            #expect(line.wholeMatch(of: value) != nil || line.wholeMatch(of: comment) != nil, "\(line)")
            if !line.hasPrefix("#") { #expect(line.hasPrefix(described)) }
        }
        #expect(page.contains(#"channel="a\"b\\c\nd{}""#))
    }

    @Test func labelsAreBounded() {
        var observations: [Observation] = []
        for index in 0..<3000 {
            observations.append(.messageRefused(channel: "c\(index)", status: 404, reason: "x"))
        }
        let page = Self.page(observations)
        #expect(page.contains(#"pasquino_refused_total{channel="other",status="other"} 2500"#))
        #expect(page.split(separator: "\n").filter { $0.hasPrefix("pasquino_refused_total") }.count == 501)
    }

    @Test func reasonsAsLabelsHoldNothingPersonal() {
        let page = Self.page([
            .notificationRetried(
                medium: .email, destination: "smtp", notification: Identifier(high: 0, low: 0), ticket: "RM-7Q4K2MXD",
                reason: "550 <mario@example.org> \(String(repeating: "x", count: 10_000))", attempt: 1)
        ])
        #expect(!page.contains("mario"))
        #expect(page.split(separator: "\n").allSatisfy { $0.utf8.count < 300 })
    }

    @Test func manyThreadsLoseNothing() async {
        let observe = Observer(level: .error, sink: MemorySink())
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        observe(
                            .messageAccepted(
                                channel: "c\(worker % 2)", outcome: "opened", ticket: nil, category: nil, office: nil,
                                rule: "r", undecided: false, seconds: 0))
                    }
                }
            }
        }
        #expect(observe.metrics.accepted == 8000)
        #expect(observe.metrics.render().contains(#"pasquino_messages_total{channel="c1",outcome="opened"} 4000"#))
    }
}
