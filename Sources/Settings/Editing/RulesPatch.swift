import Foundation
import Rules

/// Edits of the rules' files, put into the files' own text.
public enum RulesPatch {
    public struct File: Sendable {
        /// As findings name it.
        public let name: String
        public let before: String
        public let after: String
    }

    /// - Returns: the files that change, in the order of their names; and the edits that a file could not take.
    /// - Parameter read: a file's text; nil if it cannot be read.
    public static func files(
        _ edits: [RuleEdit], of rules: [RuleDefinition], read: (String) -> String?
    ) -> (files: [File], failures: [RulesFileText.Failure]) {
        var failures: [RulesFileText.Failure] = []
        let byFile = Dictionary(grouping: edits) { rules[$0.rule].place.file }
        let files = byFile.sorted { $0.key < $1.key }.compactMap { name, edits -> File? in
            guard let before = read(name) else {
                let place = SourcePlace(file: name, line: 1, column: 1)
                failures.append(.init(place: place, reason: "the file cannot be read"))
                return nil
            }
            var text = RulesFileText(before)
            let placed = edits.compactMap { edit in
                rules[edit.rule].adding(edit.patterns, to: edit.target).map { (edit: edit, anchor: $0.at) }
            }
            // From the end to the beginning; new exceptions of a rule stand behind all its lists.
            let ordered = placed.sorted { a, b in key(a.edit, a.anchor, rules) > key(b.edit, b.anchor, rules) }
            for (edit, anchor) in ordered {
                do throws(RulesFileText.Failure) {
                    try text.add(edit.patterns, to: rules[edit.rule], at: anchor)
                } catch {
                    failures.append(error)
                }
            }
            return text.text == before ? nil : File(name: name, before: before, after: text.text)
        }
        return (files, failures)
    }

    /// Edits of the same list of the same rule as one, each pattern once.
    public static func merged(_ edits: [RuleEdit]) -> [RuleEdit] {
        var merged: [RuleEdit] = []
        for edit in edits {
            if let index = merged.firstIndex(where: { $0.rule == edit.rule && $0.target == edit.target }) {
                let known = merged[index].patterns
                let new = edit.patterns.filter { !known.contains($0) }
                merged[index] = RuleEdit(rule: edit.rule, target: edit.target, patterns: known + new)
            } else {
                merged.append(edit)
            }
        }
        return merged
    }

    private static func key(
        _ edit: RuleEdit, _ anchor: RuleEdit.Anchor, _ rules: [RuleDefinition]
    ) -> (Int, Int, Int, Int) {
        let rule = rules[edit.rule].place.line
        return switch anchor {
        case .after(let pattern): (rule, 0, pattern.place.line, pattern.place.column)
        case .newExceptions: (rule, 1, 0, 0)
        }
    }
}
