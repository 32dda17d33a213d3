import Rules

/// A second directory of rules, tried on live messages without effect. Validated like the live ones, against the same
/// offices, categories, areas, calendars and templates.
public struct ShadowRules: Sendable {
    /// Below the configuration directory.
    public var directory: String
    public var rules: [RuleDefinition]
    public var ruleSet: RuleSet
    /// The hash that the configuration has once these rules and the live ones have changed places.
    public var hash: String
}

extension Configuration {
    /// The same city with the shadow's rules in place of the live ones, as it is once they are promoted. Nil without a
    /// shadow.
    public var shadow: Configuration? {
        guard let shadowRules else { return nil }
        var shadow = self
        shadow.rules = shadowRules.rules
        shadow.ruleSet = shadowRules.ruleSet
        shadow.hash = shadowRules.hash
        shadow.shadowRules = nil
        return shadow
    }
}
