import ArgumentParser
import Civic
import Daemon
import Foundation
import Store

struct CitizenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "citizen",
        abstract: "What is kept of a citizen: show, export, erase; how they are told; what age removes.",
        subcommands: [
            Show.self, CitizenExportCommand.self, CitizenEraseCommand.self, CitizenHoldCommand.self,
            CitizenReleaseCommand.self, CitizenRetentionCommand.self, Prefer.self, Mute.self,
        ])

    /// One way to name a citizen.
    struct Who: ParsableArguments {
        @Argument(help: "A fiscal code, an e-mail address, a telephone number, or the id that `ticket show` prints.")
        var who: String?
        @Option(help: "An e-mail address.") var email: String?
        @Option(help: "A telephone number.") var phone: String?
        @Option(help: "A fiscal code.") var fiscalCode: String?

        func validate() throws {
            guard [who, email, phone, fiscalCode].compactMap(\.self).count == 1 else {
                throw ValidationError("say who, once: an id, --email, --phone or --fiscal-code")
            }
            if let who, Identifier(who) == nil, identities.isEmpty {
                throw ValidationError("expected an id, an e-mail address, a telephone number or a fiscal code")
            }
            if who == nil, identities.isEmpty {
                let option = email != nil ? "--email" : phone != nil ? "--phone" : "--fiscal-code"
                throw ValidationError("\(option): the value is none")
            }
        }

        var id: Identifier? { who.flatMap { Identifier($0) } }

        var identities: [(kind: IdentityKind, value: String)] {
            [
                (fiscalCode ?? who).flatMap { FiscalCode($0) }.map { (.fiscalCode, $0.text) },
                (email ?? who).flatMap { EmailAddress($0) }.map { (.email, $0.text) },
                (phone ?? who).flatMap { PhoneNumber($0) }.map { (.phone, $0.text) },
            ].compactMap(\.self)
        }

        /// Everybody who is known by it.
        /// - Throws: `Outcome` if nobody is.
        func find(in database: Database) async throws -> [PreferenceTable.Citizen] {
            let table = PreferenceTable(pool: database.pool)
            if let id, let citizen = try await table.citizen(id) { return [citizen] }
            let found = try await table.citizens(knownBy: identities)
            guard !found.isEmpty else { throw Outcome.failed(Who.nobody) }
            return found
        }

        /// For what must not hit a stranger: an identity that was only declared may be anybody's.
        /// - Parameter all: the operator wants it for all that are known by it.
        /// - Returns: ids; those that the identity would give if nobody is known by it, for what is done already.
        func ids(all: Bool, in database: Database) async throws -> [Identifier] {
            let table = PreferenceTable(pool: database.pool)
            if let id { return [id] }
            let found = try await table.citizens(knownBy: identities)
            if found.isEmpty {
                return identities.flatMap { kind, value in
                    [true, false].map { Identifier(citizenOf: Identity(kind: kind, value: value, attested: $0)) }
                }
            }
            let ids = found.reduce(into: [Identifier]()) { if !$0.contains($1.id) { $0.append($1.id) } }
            guard ids.count == 1 || all else {
                let list = found.map {
                    "  \($0.id)  \($0.identity?.attested == true ? "vouched for by a channel" : "declared"), "
                        + "\($0.tickets) tickets"
                }
                throw Outcome.failed(
                    "more than one is known by that; name one by the id, or all with --all:\n"
                        + list.joined(separator: "\n"))
            }
            return ids
        }

        static let nobody = "nobody is known by that"
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what is known; who is called the same apart.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var output: JSONOption
        @OptionGroup var who: Who

        func run() async throws {
            try await withDatabase(options) { database, _ in
                let now = Timestamp.current
                for citizen in try await who.find(in: database) {
                    let hold = try await LegalHolds(pool: database.pool).current(of: citizen.id)
                    print(output.json ? json(of: citizen, hold, at: now).text : text(of: citizen, hold, at: now))
                }
            }
        }

        private func json(of citizen: PreferenceTable.Citizen, _ hold: LegalHolds.Hold?, at now: Timestamp) -> JSON {
            guard case .object(let members) = citizen.json(now: now) else { return .null }
            let held = hold.map {
                JSON.object([("since", .moment($0.at)), ("by", .string($0.by)), ("reason", .string($0.reason))])
            }
            return .object(members + [("legal_hold", held ?? .null)])
        }

        private func text(of citizen: PreferenceTable.Citizen, _ hold: LegalHolds.Hold?, at now: Timestamp) -> String {
            var lines = [
                Terminal.bold(citizen.id.description)
                    + (citizen.identity.map {
                        "  \(masked($0.value)), \($0.attested ? "vouched for by a channel" : "declared")"
                    } ?? ""),
                "  tickets    \(citizen.tickets)",
                "  told by    \(citizen.standing.prefers?.rawValue ?? "the city's order")"
                    + (citizen.standing.isMuted ? "; wants no news" : ""),
            ]
            if let hold {
                lines.append(
                    Terminal.red("  held       since \(hold.at.rfc3339) by \(hold.by): \(Terminal.safe(hold.reason))"))
            }
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

        func run() async throws { try await set(ContactWish(medium) ?? .any, of: who, options) }
    }

    struct Mute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "No more news for a citizen; what they say is still answered. `prefer WHO any` undoes it.")
        @OptionGroup var options: ConfigurationOption
        @OptionGroup var who: Who

        func run() async throws { try await set(.silence, of: who, options) }
    }
}

private func set(
    _ wish: ContactWish, of who: CitizenCommand.Who, _ options: ConfigurationOption
) async throws {
    try await withDatabase(options) { database, _ in
        for citizen in try await who.find(in: database) {
            try await PreferenceTable(pool: database.pool).set(
                wish, of: citizen.id, by: "operator:\(NSUserName())",
                audited: AuditLine(
                    at: .current, actor: .person, action: "citizen.prefer", citizen: citizen.id,
                    details: [("wish", .string(wish.text))]))
            print("\(citizen.id): \(wish.text)")
        }
    }
}
