import Civic
import Foundation
import Settings

/// What came of a reload: told to whoever asked for it.
public struct ReloadReport: Hashable, Sendable, Decodable {
    /// Whether the daemon has switched.
    public let accepted: Bool
    /// The hash of the configuration in force afterwards, the old one's if the new one was refused.
    public let config: String
    /// The hash that it would have with the shadow's rules.
    public let shadow: String?
    /// What is wrong, each `FILE:LINE:COLUMN: error: …`, or the error that has no place; and warnings.
    public let findings: [String]
    /// What else there is to know.
    public let notes: [String]

    /// More than anybody reads at once; `check` has them all.
    private static let most = 500

    init(accepted: Bool, config: String, shadow: String?, findings: [String], notes: [String] = []) {
        self.accepted = accepted
        self.config = config
        self.shadow = shadow
        let left = findings.count - ReloadReport.most
        self.findings = Array(findings.prefix(ReloadReport.most))
        self.notes = notes + (left > 0 ? ["\(left) more findings: see `pasquino check`"] : [])
    }

    /// As `json` wrote it.
    init(json: String) throws { self = try JSONDecoder().decode(ReloadReport.self, from: Data(json.utf8)) }

    public var json: JSON {
        .object([
            ("accepted", .bool(accepted)), ("config", .string(config)), ("shadow", .optional(shadow)),
            ("findings", .strings(findings)), ("notes", .strings(notes)),
        ])
    }
}
