import Civic
import Rules

/// One file of `precedents/`, read.
struct PrecedentsFile {
    /// Texts of one category; nil if they ask the city for nothing.
    struct Entry {
        let category: Placed<String>?
        let texts: [Placed<String>]
    }

    var precedents: [Entry] = []

    init(_ file: YAMLFile, _ reader: Reader) {
        for fields in reader.entries(file, Shapes.precedents, "precedents", Shapes.precedent) {
            let texts = fields.texts("texts")
            for text in texts {
                if text.value.utf8.count > Precedents.longestText {
                    reader.error("a precedent has at most \(Precedents.longestText) bytes: shorten it", at: text.place)
                } else if foldedKey(text.value).isEmpty {
                    reader.warn("this precedent has no letter or digit, and teaches nothing: remove it", at: text.place)
                }
            }
            // A category that is written but wrong is not no category.
            if fields["category"] != nil, fields.placed("category") == nil { continue }
            precedents.append(Entry(category: fields.placed("category"), texts: texts))
        }
    }

    private static func teaches(_ rule: RuleDefinition) -> Bool {
        rule.actions.category != nil || rule.actions.abstain != nil
    }

    /// All texts that are learned from.
    static func texts(_ entries: [Entry], _ rules: [RuleDefinition]) -> [Placed<String>] {
        guard !entries.isEmpty else { return [] }
        return entries.flatMap(\.texts)
            + rules.filter(teaches).flatMap { $0.matchExamples.map { Placed($0.text, at: $0.place) } }
    }

    /// What a city has decided before: its precedents, and the examples of rules that name a category or abstain.
    static func all(
        _ entries: [Entry], _ rules: [RuleDefinition], _ categories: [Civic.Category]
    ) -> Precedents? {
        guard !entries.isEmpty else { return nil }
        var all = entries.flatMap { entry in
            entry.texts.map { Precedent(text: $0.value, category: entry.category?.value) }
        }
        for rule in rules where teaches(rule) {
            all += rule.matchExamples.map { Precedent(text: $0.text, category: rule.actions.category?.value) }
        }
        let urgent = Set(categories.filter { $0.priority == .urgent }.map(\.code))
        return Precedents(all, urgent: urgent)
    }
}
