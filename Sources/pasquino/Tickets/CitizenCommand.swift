import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct CitizenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "citizen", abstract: "How a citizen wants to be told, and what lately did not reach them.",
        subcommands: [Show.self, Prefer.self, Mute.self])

    struct Who: ParsableArguments {
        @Argument(help: "A fiscal code, an e-mail address, a telephone number, or the id that `ticket show` prints.")
        var who: String
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is known; who is called the same apart.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var who: Who

        func run() async throws {
            try await withDatabase(options) { database, _ in
                let now = Timestamp.current
                for citizen in try await find(who.who, in: database) {
                    print(output.json ? citizen.json(now: now).text : text(of: citizen, at: now))
                }
            }
        }

        private func text(of citizen: PreferenceTable.Citizen, at now: Timestamp) -> String {
            var lines = [
                Terminal.bold(citizen.id.description)
                    + (citizen.identity.map {
                        "  \(masked($0.value)), \($0.attested ? "vouched for by a channel" : "declared")"
                    } ?? ""),
                "  tickets    \(citizen.tickets)",
                "  told by    \(citizen.standing.prefers?.rawValue ?? "the city's order")"
                    + (citizen.standing.isMuted ? "; wants no news" : ""),
            ]
            for (medium, until) in citizen.standing.unreached.sorted(by: { $0.key.rawValue < $1.key.rawValue })
            where until > now {
                lines.append("  unreached  \(medium.rawValue), until \(until.rfc3339)")
            }
            for change in citizen.changes {
                lines.append("  \(change.at.rfc3339)  \(change.wish)  by \(Terminal.safe(change.actor))")
            }
            return lines.joined(separator: "\n")
        }
    }

    struct Prefer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell a citizen on a medium from now on; they get news again.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var who: Who
        @Argument(help: "app_io, email, or any: as the city does.") var medium: String

        func validate() throws {
            if ContactWish(medium) == nil || medium == ContactWish.silence.text {
                throw ValidationError("expected app_io, email or any")
            }
        }

        func run() async throws { try await set(ContactWish(medium) ?? .any, of: who.who, options) }
    }

    struct Mute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "No more news for a citizen; what they say is still answered. `prefer WHO any` undoes it.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var who: Who

        func run() async throws { try await set(.silence, of: who.who, options) }
    }
}

private func set(_ wish: ContactWish, of who: String, _ options: ConfigurationOption) async throws {
    try await withDatabase(options) { database, _ in
        for citizen in try await find(who, in: database) {
            try await PreferenceTable(pool: database.pool).set(
                wish, of: citizen.id, by: "operator:\(NSUserName())")
            print("\(citizen.id): \(wish.text)")
        }
    }
}

/// - Throws: `Outcome` if nobody is known by that.
private func find(_ who: String, in database: Database) async throws -> [PreferenceTable.Citizen] {
    let table = PreferenceTable(pool: database.pool)
    if let id = Identifier(who), let citizen = try await table.citizen(id) { return [citizen] }
    let identities: [(kind: IdentityKind, value: String)] = [
        FiscalCode(who).map { (.fiscalCode, $0.text) }, EmailAddress(who).map { (.email, $0.text) },
        PhoneNumber(who).map { (.phone, $0.text) },
    ].compactMap(\.self)
    let found = try await table.citizens(knownBy: identities)
    guard !found.isEmpty else { throw Outcome.failed("nobody is known by that") }
    return found
}
