import Civic

/// More words for a rule, or more that it excludes.
public struct RuleEdit: Hashable, Sendable {
    public enum Target: Hashable, Sendable {
        /// The patterns one of which must occur.
        case words
        /// The patterns none of which may occur.
        case exceptions
    }

    /// Where the patterns go in the file.
    public enum Anchor: Hashable, Sendable {
        /// Behind the last pattern of a list that is there.
        case after(Placed<String>)
        /// The rule excludes nothing yet.
        case newExceptions
    }

    /// The rule's index.
    public let rule: Int
    public let target: Target
    public let patterns: [String]

    public init(rule: Int, target: Target, patterns: [String]) {
        self.rule = rule
        self.target = target
        self.patterns = patterns
    }
}

extension RuleDefinition {
    /// The rule with the patterns added, and where they go. Nil if it has no list that could take them: two lists that
    /// must both match, or exceptions that are more than words.
    public func adding(_ patterns: [String], to target: RuleEdit.Target) -> (rule: RuleDefinition, at: RuleEdit.Anchor)?
    {
        let new = patterns.map { Placed($0, at: place) }
        guard
            let (condition, anchor) = target == .words
                ? condition.adding(words: new) : condition.adding(exceptions: new)
        else { return nil }
        var rule = self
        rule.condition = condition
        return (rule, anchor)
    }
}

extension Condition {
    fileprivate typealias Added = (Condition, RuleEdit.Anchor)

    fileprivate func adding(words new: [Placed<String>]) -> Added? {
        switch self {
        case .text(.text, let patterns):
            guard let last = patterns.last else { return nil }
            return (.text(.text, patterns + new), .after(last))
        case .any(let parts):
            guard let index = parts.firstIndex(where: \.isWordList) else { return nil }
            return Condition.replacing(index, in: parts, Condition.any) { $0.adding(words: new) }
        case .all(let parts):
            let asking = parts.indices.filter { parts[$0].asksText }
            guard asking.count == 1 else { return nil }
            return Condition.replacing(asking[0], in: parts, Condition.all) { $0.adding(words: new) }
        default: return nil
        }
    }

    fileprivate func adding(exceptions new: [Placed<String>]) -> Added? {
        guard case .all(let parts) = self else {
            if case .not = self { return nil }
            return (.all([self, .not(.text(.text, new))]), .newExceptions)
        }
        guard !parts.isEmpty else { return nil }
        let excluding = parts.indices.filter { if case .not = parts[$0] { true } else { false } }
        guard let index = excluding.first else {
            return (.all(parts + [.not(.text(.text, new))]), .newExceptions)
        }
        guard excluding.count == 1, case .not(let inner) = parts[index], inner.isWordList || inner.isAny else {
            return nil
        }
        return Condition.replacing(index, in: parts, Condition.all) { _ in
            inner.adding(words: new).map { (.not($0.0), $0.1) }
        }
    }

    private static func replacing(
        _ index: Int, in parts: [Condition], _ make: ([Condition]) -> Condition, _ change: (Condition) -> Added?
    ) -> Added? {
        guard let (part, anchor) = change(parts[index]) else { return nil }
        var parts = parts
        parts[index] = part
        return (make(parts), anchor)
    }

    private var isWordList: Bool { if case .text(.text, _) = self { true } else { false } }
    private var isAny: Bool { if case .any = self { true } else { false } }

    /// Whether something must occur in the text for it to hold.
    private var asksText: Bool {
        switch self {
        case .text: true
        case .all(let parts), .any(let parts): parts.contains(where: \.asksText)
        default: false
        }
    }
}
