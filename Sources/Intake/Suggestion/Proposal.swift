import Rules
import Settings

/// Words for the rule of a category, exceptions for the rules that took its messages, or both; and what they do.
public struct Proposal: Sendable {
    /// What the words do to the stored messages, as far as the category goes.
    public struct Effect: Hashable, Sendable {
        /// Tickets moved by hand that would then have the person's category.
        public var gained = 0
        /// Tickets moved by hand that have it now, and would lose it.
        public var lost = 0
        /// Other messages that would change.
        public var others = 0

        /// Whether it is worth an operator's time: it helps, takes nothing back, and leaves the rest alone.
        public var isGood: Bool { gained > 0 && lost == 0 && others <= gained }

        static func += (a: inout Effect, b: Effect) {
            a.gained += b.gained
            a.lost += b.lost
            a.others += b.others
        }
    }

    /// The category that people chose.
    public let category: String
    /// The rule that took the messages; nil if no rule did.
    public let taker: String?
    public let words: [String]
    public let edits: [RuleEdit]
    /// By word: a message with two of them counts for both.
    public var effects: [String: Effect] = [:]
    public var effect = Effect()

    /// Takes back what was measured.
    public mutating func forget() {
        effects = [:]
        effect = Effect()
    }

    /// What the edits say to a person.
    public func sentence(in rules: [RuleDefinition]) -> String {
        let list = words.map { "`\($0)`" }.joined(separator: ", ")
        let steps = edits.map { edit in
            let rule = rules[edit.rule]
            return edit.target == .words
                ? "\(list) to \(rule.name) (\(rule.place))" : "\(list) to what \(rule.name) (\(rule.place)) excludes"
        }
        return "\(category): add \(steps.joined(separator: ", and "))"
    }
}

extension Configuration {
    /// The configuration with edited rules; nil if a rule cannot take the patterns, or they cannot be compiled.
    func edited(by edits: [RuleEdit]) -> Configuration? {
        var configuration = self
        for edit in edits {
            guard let (rule, _) = configuration.rules[edit.rule].adding(edit.patterns, to: edit.target) else {
                return nil
            }
            configuration.rules[edit.rule] = rule
        }
        do throws(RuleSetError) {
            configuration.ruleSet = try RuleSet(
                rules: configuration.rules, calendars: calendars, zone: city.zone, precedents: ruleSet.precedents)
        } catch {
            return nil
        }
        return configuration
    }

    /// How many of the examples beside the rules fail.
    var failingExamples: Int { Classifier(configuration: self).test().failures.count }
}
