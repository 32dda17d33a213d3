import Civic

/// A message that the shadow's rules would have decided otherwise.
public struct ShadowDifference: Hashable, Sendable {
    public enum Field: String, Hashable, Sendable, CaseIterable {
        /// `opened` or `discarded`; where it differs nothing else is compared.
        case outcome
        case category, office, priority
        /// `true` or `false`.
        case undecided
    }

    public struct Change: Hashable, Sendable {
        public let field: Field
        /// What was decided; nil for no category.
        public let from: String?
        public let to: String?
        /// The shadow's rule that set it; nil if it follows from the catalogue or from the last resort.
        public let rule: String?

        public init(field: Field, from: String?, to: String?, rule: String? = nil) {
            self.field = field
            self.from = from
            self.to = to
            self.rule = rule
        }
    }

    public let message: Identifier
    /// Nil if the message was discarded.
    public let ticket: Int64?
    public let at: Timestamp
    /// The hash of the configuration that decided.
    public let config: String
    /// The hash that it has with the shadow's rules in place of the live ones.
    public let shadowConfig: String
    public let changes: [Change]

    public init(
        message: Identifier, ticket: Int64?, at: Timestamp, config: String, shadowConfig: String, changes: [Change]
    ) {
        self.message = message
        self.ticket = ticket
        self.at = at
        self.config = config
        self.shadowConfig = shadowConfig
        self.changes = changes
    }
}

/// How many messages the shadow has seen under one pair of configurations.
public struct ShadowTally: Hashable, Sendable {
    public let config: String
    public let shadowConfig: String
    public var messages: Int

    public init(config: String, shadowConfig: String, messages: Int) {
        self.config = config
        self.shadowConfig = shadowConfig
        self.messages = messages
    }
}

/// What the shadow's rules would have changed, counted.
public struct ShadowSummary: Sendable {
    public struct Move: Hashable, Sendable {
        public let field: String
        public let from: String?
        public let to: String?
        public let count: Int64
        /// Codes of the latest tickets concerned; none of discarded messages.
        public let examples: [String]
    }
    /// One state of the shadow's rules; a draft that was mended is another.
    public struct Version: Hashable, Sendable {
        public let shadowConfig: String
        public let messages: Int64
        public let changed: Int64
    }
    /// Messages that the shadow has seen.
    public let messages: Int64
    /// Messages that it would have decided otherwise.
    public let changed: Int64
    /// Messages that nobody would have to decide by hand now, and would then.
    public let newlyUndecided: Int64
    /// The most frequent first.
    public let moves: [Move]
    /// The latest first.
    public let versions: [Version]
}

extension ShadowDifference {
    public var json: JSON {
        .object([
            ("config", .string(shadowConfig)),
            (
                "changes",
                .array(
                    changes.map {
                        .object([
                            ("field", .string($0.field.rawValue)), ("from", .optional($0.from)),
                            ("to", .optional($0.to)), ("rule", .optional($0.rule)),
                        ])
                    })
            ),
        ])
    }
}

extension ShadowSummary {
    /// The members of the contract's `backtest`, and `versions`.
    public var json: JSON {
        .object([
            ("messages", .int(messages)), ("changed", .int(changed)), ("newly_undecided", .int(newlyUndecided)),
            (
                "moves",
                .array(
                    moves.map {
                        .object([
                            ("field", .string($0.field)), ("from", .optional($0.from)), ("to", .optional($0.to)),
                            ("count", .int($0.count)), ("examples", .strings($0.examples)),
                        ])
                    })
            ),
            (
                "versions",
                .array(
                    versions.map {
                        .object([
                            ("config", .string($0.shadowConfig)), ("messages", .int($0.messages)),
                            ("changed", .int($0.changed)),
                        ])
                    })
            ),
        ])
    }
}
