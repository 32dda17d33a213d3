import ArgumentParser
import Civic
import Daemon
import Rules
import Settings
import Store

struct RulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "What each rule did: hits, the last one, and corrections by people.",
        discussion: """
            A hit is a stored decision in which the rule set a field; a correction is a ticket whose category or office \
            the rule set and a person then changed. Rules that did nothing in the period are listed as never fired. Of \
            a discarded message only the reason is on record: rules that discard for the same reason share their hits. \
            Rules of earlier configurations are listed without a place.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Option(help: "Decisions not older than this, such as 12h or 30d.") var since = "30d"
    @Flag(help: "Only rules that never fired in the period.") var never = false

    func validate() throws {
        if Age(since) == nil { throw ValidationError("--since: expected a time such as 12h or 30d") }
    }

    func run() async throws {
        let since = Timestamp.current + .seconds(-(Age(since)?.seconds ?? Age.month))
        try await withDatabase(options) { database, configuration in
            let usage = try await database.withPatientSession { try await Tickets(pool: $0).ruleUsage(since: since) }
            let all = RuleLine.lines(of: configuration.rules, usage: usage)
            let lines = never ? all.filter { $0.usage.hits == 0 } : all
            if output.json {
                for line in lines { print(line.json.text) }
                return
            }
            print(
                Terminal.table(
                    ["RULE", "HITS", "LAST HIT", "CORRECTIONS", "AT"],
                    lines.map {
                        [
                            Terminal.safe($0.name), String($0.usage.hits),
                            $0.usage.lastHit.map { String($0.rfc3339.prefix(16)) } ?? "never fired",
                            String($0.usage.corrections), $0.place?.description ?? "no longer there",
                        ]
                    }))
        }
    }
}

/// One rule of the configuration, or of the database alone.
struct RuleLine {
    let name: String
    let place: SourcePlace?
    let usage: RuleUsage

    /// In the order of the rules; then those that are no longer there, by name.
    static func lines(of rules: [RuleDefinition], usage: RuleUsage.Table) -> [RuleLine] {
        let known = Set(rules.map(\.name))
        let gone = usage.rules.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
        return rules.map { rule in
            var total = usage.rules[rule.name] ?? RuleUsage()
            if let reason = rule.actions.discard?.value, let discarded = usage.discards[reason] {
                total.hits += discarded.hits
                total.lastHit = [total.lastHit, discarded.lastHit].compactMap(\.self).max()
            }
            return RuleLine(name: rule.name, place: rule.place, usage: total)
        } + gone.map { RuleLine(name: $0.key, place: nil, usage: $0.value) }
    }

    var json: JSON {
        .object([
            ("rule", .string(name)), ("at", .optional(place?.description)), ("hits", .int(Int64(usage.hits))),
            ("last_hit", .moment(usage.lastHit)), ("corrections", .int(Int64(usage.corrections))),
            ("never", .bool(usage.hits == 0)),
        ])
    }
}
