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
            for text in texts where text.value.utf8.count > Precedents.longestText {
                reader.error("a precedent has at most \(Precedents.longestText) bytes: shorten it", at: text.place)
            }
            // A category that is written but wrong is not no category.
            if fields["category"] != nil, fields.placed("category") == nil { continue }
            precedents.append(Entry(category: fields.placed("category"), texts: texts))
        }
    }

    /// What a city has decided before: its precedents, and the examples of rules that name a category or abstain.
    static func all(
        _ entries: [Entry], _ rules: [RuleDefinition], _ categories: [Civic.Category]
    ) -> Precedents? {
        guard !entries.isEmpty else { return nil }
        var all = entries.flatMap { entry in
            entry.texts.map { Precedent(text: $0.value, category: entry.category?.value) }
        }
        for rule in rules where rule.actions.category != nil || rule.actions.abstain != nil {
            all += rule.matchExamples.map { Precedent(text: $0.text, category: rule.actions.category?.value) }
        }
        let urgent = Set(categories.filter { $0.priority == .urgent }.map(\.code))
        return Precedents(all, urgent: urgent)
    }
}
