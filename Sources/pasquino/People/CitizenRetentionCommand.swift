import ArgumentParser
import Civic
import Daemon
import Settings
import Store

struct CitizenRetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "What age removes: how old it gets, how much the daemon would remove now.",
        discussion: "Changes nothing. The daemon removes it in quiet moments, a little at a time.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await withDatabase(options) { database, configuration in
            let ages = configuration.retention.ages
            let now = Timestamp.current
            let rows = try await database.withPatientSession { pool -> [Row] in
                let sweep = RetentionSweep(pool: pool)
                let progress = try await sweep.progress()
                var rows: [Row] = []
                for kind in RetentionSweep.Kind.allCases where kind != .remains {
                    let due = ages[kind].map { now + (.zero - $0) }
                    rows.append(
                        Row(
                            kind: kind, age: ages[kind],
                            due: try await due.asyncMap { try await sweep.count(kind, before: $0) },
                            removed: progress.first { $0.kind == kind.rawValue }?.removed ?? 0))
                }
                return rows
            }
            if output.json {
                for row in rows { print(row.json.text) }
                return
            }
            print(Terminal.table(["WHAT", "KEPT FOR", "OLD ENOUGH", "REMOVED SO FAR"], rows.map(\.columns)))
        }
    }

    private struct Row: Sendable {
        let kind: RetentionSweep.Kind
        let age: Duration?
        /// Nil: it is kept for ever.
        let due: Int?
        let removed: Int64

        private var days: Int64? { age.map { $0.components.seconds / 86_400 } }

        var json: JSON {
            .object([
                ("what", .string(kind.rawValue)), ("days", days.map { .int($0) } ?? .null),
                ("due", due.map { .int(Int64($0)) } ?? .null), ("removed", .int(removed)),
            ])
        }

        var columns: [String] {
            [kind.rawValue, days.map { "\($0) days" } ?? "ever", due.map { "\($0)" } ?? "-", "\(removed)"]
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<T: Sendable>(_ body: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await body(self)
    }
}
