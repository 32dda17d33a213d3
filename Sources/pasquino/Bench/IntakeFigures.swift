import Bench
import Civic
import Foundation

/// What a run of `pasquino bench` measured.
struct IntakeFigures {
    let messages: Int
    /// Among them, those that repeat one before.
    let repetitions: Int
    let seconds: Double
    /// Messages a second that fell due; nil: as many as were taken.
    let rate: Double?
    let latency: Percentiles
    /// Acknowledged in each second.
    let perSecond: [Int]
    /// Microseconds a message.
    let cpu: [(name: String, time: Double)]
    let residentBytes: Int
    let stored: Int
    /// Bytes of the write-ahead log a message.
    let writtenBytes: Double
    /// Messages for each time that PostgreSQL waited for the disk.
    let perSync: Double?
    /// From the last acknowledgement to the last notification.
    var telling = 0.0
    var limits: [Baseline.Shape: Double] = [:]
    /// Milliseconds until a citizen's story is there.
    var searches: Percentiles?

    private static func how(_ shape: Baseline.Shape) -> String {
        let transaction = shape.size == 1 ? "a message" : "\(shape.size) messages"
        return "pgbench, \(shape.clients) clients, prepared, one transaction \(transaction), \(shape.description), "
            + "same server, same run"
    }

    private static func name(_ shape: Baseline.Shape) -> String {
        switch shape {
        case .inserts: ""
        case .statement: "_one_statement"
        case .batches: "_batches"
        }
    }

    private var acknowledged: Double { Double(messages) / seconds }

    /// Messages a second in each tenth of the run; none of a run of less than twenty seconds.
    var tenths: [Double] {
        let whole = perSecond.dropLast()
        guard whole.count >= 20 else { return [] }
        return (0..<10).map { tenth in
            let part = whole[whole.count * tenth / 10..<whole.count * (tenth + 1) / 10]
            return Double(part.reduce(0, +)) / Double(part.count)
        }
    }

    var json: JSON {
        func rounded(_ number: Double, _ digits: Double = 10) -> JSON { .double((number * digits).rounded() / digits) }
        func milliseconds(_ times: Percentiles) -> JSON {
            .object([
                ("p50", rounded(times.p50, 1000)), ("p95", rounded(times.p95, 1000)),
                ("p99", rounded(times.p99, 1000)), ("max", rounded(times.max, 1000)),
            ])
        }
        var members: [(String, JSON)] = [
            ("messages", .int(Int64(messages))), ("repeated", .int(Int64(repetitions))),
            ("seconds", rounded(seconds, 1000)), ("rate", rate.map { rounded($0) } ?? .null),
            ("per_second", rounded(acknowledged)), ("latency_ms", milliseconds(latency)),
            ("cpu_us_per_message", .object(cpu.map { ($0.name, rounded($0.time)) })),
            ("rss_mb", rounded(Double(residentBytes) / 1_048_576)),
            ("wal_bytes_per_message", rounded(writtenBytes)),
            ("messages_per_fsync", perSync.map { rounded($0) } ?? .null), ("told_after_seconds", rounded(telling)),
        ]
        if !tenths.isEmpty { members.append(("per_second_by_tenth", .array(tenths.map { rounded($0) }))) }
        if stored > 0 { members.append(("stored_tickets", .int(Int64(stored)))) }
        if let searches { members.append(("citizen_ms", milliseconds(searches))) }
        for shape in Baseline.Shape.allCases {
            guard let rate = limits[shape] else { continue }
            members.append(
                (
                    "limit" + Self.name(shape),
                    .object([("per_second", rounded(rate)), ("how", .string(Self.how(shape)))])
                ))
            members.append(("ratio" + Self.name(shape), rounded(acknowledged / rate, 1000)))
        }
        return .object(members)
    }

    var text: String {
        func short(_ number: Double, _ digits: Int = 1) -> String { String(format: "%.\(digits)f", number) }
        func times(_ times: Percentiles) -> String {
            "p50 \(short(times.p50)) ms, p95 \(short(times.p95)) ms, p99 \(short(times.p99)) ms, max \(short(times.max)) ms"
        }
        var lines = [
            "\(messages) messages in \(short(seconds, 2)) s: \(Terminal.bold(short(acknowledged, 0))) acknowledged a second"
                + (rate.map { " of \(short($0, 0)) that fell due" } ?? "")
                + (repetitions > 0 ? ", \(repetitions) of them again" : ""),
            "latency   \(times(latency))",
            "CPU       \(cpu.map { "\($0.name) \(short($0.time)) µs" }.joined(separator: ", ")) a message",
            "memory    daemon \(short(Double(residentBytes) / 1_048_576)) MB",
            "disk      \(short(writtenBytes, 0)) bytes written ahead a message"
                + (perSync.map { ", \(short($0)) messages for each fsync" } ?? ""),
            "told      the last notification went out \(short(telling)) s after the last acknowledgement",
        ]
        if !tenths.isEmpty {
            lines.append("tenths    \(tenths.map { short($0, 0) }.joined(separator: ", ")) a second")
        }
        if let searches { lines.append("citizens  \(times(searches)), with \(stored) tickets stored") }
        for shape in Baseline.Shape.allCases {
            guard let rate = limits[shape] else { continue }
            lines.append("limit     \(short(rate, 0)) a second: \(Self.how(shape))")
            lines.append("ratio     \(Terminal.bold(short(acknowledged / rate, 2)))")
        }
        return lines.joined(separator: "\n")
    }
}
