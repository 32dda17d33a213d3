import Civic
import Settings
import Synchronization

/// Brings a new configuration in whole or not at all, and remembers what came of it.
///
/// A configuration is examined first; only one without errors is handed to `apply`, whose last step is the switch. If
/// either fails the one in force stays.
final class Reloader: Sendable {
    typealias Examine = @Sendable () async -> (configuration: Configuration?, findings: [Finding])
    /// Puts a configuration to work, all or nothing.
    /// - Returns: what takes effect only later.
    typealias Apply = @Sendable (Configuration) async throws -> [String]

    private struct State {
        var loadedAt: Timestamp
        var config: String
        var shadow: String?
        var accepted = 0
        var refused = 0
        var refusal: (at: Timestamp, reason: String)?
    }

    private let state: Mutex<State>
    private let examine: Examine
    private let apply: Apply
    private let now: @Sendable () -> Timestamp

    /// - Parameter running: the configuration that the daemon starts with.
    init(
        running: Configuration, now: @escaping @Sendable () -> Timestamp, examine: @escaping Examine,
        apply: @escaping Apply
    ) {
        state = Mutex(State(loadedAt: now(), config: running.hash, shadow: running.shadowRules?.hash))
        self.now = now
        self.examine = examine
        self.apply = apply
    }

    /// One at a time (see `Reloads`).
    func reload() async -> ReloadReport {
        let (loaded, findings) = await examine()
        let told = findings.map(\.description)
        guard let configuration = loaded else { return refuse(told) }
        do {
            let notes = try await apply(configuration)
            return accept(configuration, warnings: told, notes: notes)
        } catch {
            return refuse(told + ["error: \(error)"])
        }
    }

    private func accept(_ configuration: Configuration, warnings: [String], notes: [String]) -> ReloadReport {
        let now = now()
        return state.withLock { state in
            state.loadedAt = now
            state.config = configuration.hash
            state.shadow = configuration.shadowRules?.hash
            state.accepted += 1
            return ReloadReport(
                accepted: true, config: state.config, shadow: state.shadow, findings: warnings, notes: notes)
        }
    }

    private func refuse(_ findings: [String]) -> ReloadReport {
        let now = now()
        return state.withLock { state in
            state.refused += 1
            state.refusal = (now, Reloader.reason(findings))
            return ReloadReport(accepted: false, config: state.config, shadow: state.shadow, findings: findings)
        }
    }

    /// The first error in full, and how many more there are: for one line.
    static func reason(_ findings: [String]) -> String {
        let errors = findings.filter { !$0.contains(": warning: ") }
        guard let first = errors.first else { return "no reason was given" }
        return String(first.prefix(300)) + (errors.count > 1 ? " (and \(errors.count - 1) more)" : "")
    }

    var loadedAt: Timestamp { state.withLock { $0.loadedAt } }

    /// What `pasquino status` shows.
    var json: JSON {
        let state = state.withLock { $0 }
        return .object([
            ("config", .string(state.config)), ("shadow", .optional(state.shadow)),
            ("loaded_at", .moment(state.loadedAt)), ("reloads_accepted", .int(Int64(state.accepted))),
            ("reloads_refused", .int(Int64(state.refused))),
            (
                "last_refused",
                state.refusal.map { .object([("at", .moment($0.at)), ("reason", .string($0.reason))]) } ?? .null
            ),
        ])
    }
}
