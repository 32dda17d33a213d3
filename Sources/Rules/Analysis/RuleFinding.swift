/// What the analysis has found out about a rule, which does nothing wrong but not what its author thinks.
public struct RuleFinding: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No message fulfils the rule's condition.
        case neverHolds
        /// Every message that fulfils the condition is ended by an earlier rule.
        case unreachable
        /// The condition is that of an earlier rule.
        case duplicate
        /// Earlier rules always set what this one would set.
        case shadowed
        /// An earlier rule always decides the category, or the office; the rest of the rule counts.
        case outdone
        /// A condition that is fulfilled by every message.
        case alwaysHolds
        /// One of several alternatives that no message fulfils.
        case deadAlternative
        /// A word that the rule's own exceptions always exclude.
        case excludedWord
        /// What is written under `not` cannot happen where the rest of the rule holds.
        case idleException
        /// A word with which an earlier rule always takes the message.
        case takenWord
        /// An entry of a list beside a wider one, or the same again.
        case needlessEntry
        case expressionMatchesAll
        case expressionNeverMatches
        case expressionIdleEnds
        case expressionHuge
    }

    public let kind: Kind
    public let place: SourcePlace
    /// Its index in the rule set.
    public let rule: Int
    /// What it is, why, and what to do.
    public let message: String
    /// A message that shows it, where one can.
    public var witness: Witness?
    /// The earlier rules that are the reason.
    public var takers: [Int] = []
    /// All places that the finding is about, where these are several.
    public var places: [SourcePlace] = []

    /// Whether the rule can surely never do anything.
    public var isError: Bool {
        switch kind {
        case .neverHolds, .unreachable: true
        case .duplicate: isWhole
        default: false
        }
    }
    /// Of a duplicate: that nothing of the rule counts.
    var isWhole = true
}
