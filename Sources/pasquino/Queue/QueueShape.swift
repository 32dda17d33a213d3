import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct QueueShape: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shape", abstract: "How many wait for each destination, by age in minutes.",
        discussion: "As Postfix's qshape: a long row to the right is a destination that is down, or slow.")
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @OptionGroup var filter: SelectionOptions
    @Flag(help: "Of those given up instead of those that wait.") var givenUp = false

    func run() async throws {
        let selection = filter.selection(givenUp ? Outbox.Selection.givenUp : Outbox.Selection.open)
        try await withDatabase(options) { database, _ in
            let shapes = try await Outbox(pool: database.pool).shape(selection, at: .current)
            let gates = Gates(try await DaemonRegistry(pool: database.pool).all())
            if output.json {
                for shape in shapes { print(json(shape, gates).text) }
                return
            }
            print(table(shapes, gates))
        }
    }

    private func json(_ shape: Outbox.Shape, _ gates: Gates) -> JSON {
        guard case .object(let members) = shape.json else { return shape.json }
        let gate = gates[shape.line]
        return .object(members + [("state", .optional(gate?.state)), ("reason", .optional(gate?.reason))])
    }

    private func table(_ shapes: [Outbox.Shape], _ gates: Gates) -> String {
        var rows = shapes.map { shape in
            [shape.destination, shape.line] + ([shape.total] + shape.counts).map { "\($0)" } + [gates.words(shape.line)]
        }
        let sums = (0...Outbox.Shape.bounds.count).map { column in shapes.reduce(0) { $0 + $1.counts[column] } }
        rows.insert(["TOTAL", ""] + ([sums.reduce(0, +)] + sums).map { "\($0)" } + [""], at: 0)
        return Terminal.table(["TO", "LINE"] + Outbox.Shape.columns() + ["STATE"], rows)
    }
}

/// What running daemons say of their lines.
struct Gates {
    struct Gate: Decodable, Sendable {
        let line: String?
        let state: String?
        let reason: String?
        let until: String?
    }
    private struct Stats: Decodable { let destinations: [Gate]? }
    private var gates: [String: Gate] = [:]

    /// The worse one where daemons differ.
    init(_ daemons: [DaemonRegistry.Entry]) {
        let order = ["open", "failing", "probing", "paused", "stopped"]
        for daemon in daemons where daemon.alive {
            let stats = try? JSONDecoder().decode(Stats.self, from: Data(daemon.stats.utf8))
            for gate in stats?.destinations ?? [] {
                guard let line = gate.line, let state = gate.state else { continue }
                let known = gates[line]?.state.flatMap(order.firstIndex) ?? -1
                if order.firstIndex(of: state) ?? 0 > known { gates[line] = gate }
            }
        }
    }

    subscript(line: String) -> Gate? { gates[line] }
    var stopped: [Gate] { gates.values.filter { $0.state == "stopped" } }

    func words(_ line: String) -> String {
        guard let gate = gates[line], let state = gate.state else { return "" }
        let until = gate.until.map { " until \($0)" } ?? ""
        let reason = gate.reason.map { ": \(Terminal.safe($0))" } ?? ""
        let words = "\(state)\(until)\(reason)"
        return state == "open" ? Terminal.green(words) : Terminal.red(words)
    }
}

/// Whether something is wrong that citizens will notice; for a monitoring system.
struct QueueAlarm {
    let patience: Duration
    let json: Bool

    func run(on database: Database) async throws {
        let now = Timestamp.current
        let late = try await Outbox(pool: database.pool).lateness(at: now).filter { now - $0.value > patience }
        let gates = Gates(try await DaemonRegistry(pool: database.pool).all())
        let lines = Set(late.keys).union(gates.stopped.compactMap(\.line)).sorted()
        for line in lines {
            let age = late[line].map { (now - $0).components.seconds }
            if json {
                print(
                    JSON.object([
                        ("line", .string(line)), ("late_s", age.map(JSON.int) ?? .null),
                        ("state", .optional(gates[line]?.state)), ("reason", .optional(gates[line]?.reason)),
                    ]).text)
            } else {
                let wait = age.map { "the oldest that is due waits for \($0) s  " } ?? ""
                print("\(line)  \(wait)\(gates.words(line))")
            }
        }
        guard lines.isEmpty else { throw Outcome.failed("notifications wait: see `pasquino queue shape`") }
    }
}
