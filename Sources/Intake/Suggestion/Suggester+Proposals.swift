import Rules
import Settings

extension Suggester {
    private struct Group: Hashable {
        let category: String
        let taker: Int?
    }

    /// Words for each category and rule that were mixed up, the most frequent mistakes first. Tried on the misfiled
    /// messages and on the rules' examples; what they do to others is for `measure` to tell.
    public func proposals(_ misfiled: [Misfiled], _ background: Background) -> [Proposal] {
        let groups = Dictionary(grouping: misfiled) { Group(category: $0.category, taker: $0.taker) }
        let frequent = groups.sorted { a, b in
            a.value.count != b.value.count
                ? a.value.count > b.value.count
                : (a.key.category, a.key.taker ?? -1) < (b.key.category, b.key.taker ?? -1)
        }.prefix(Suggester.mostGroups)
        let failing = configuration.failingExamples
        return frequent.compactMap { group, messages in
            propose(group, messages, among: misfiled.count, background, failing: failing)
        }
    }

    /// A proposal without the words that do more harm than good; nil if none is left.
    public func pruned(_ proposal: Proposal) -> Proposal? {
        if proposal.effect.isGood { return proposal }
        let good = proposal.words.filter { proposal.effects[$0]?.isGood == true }
        guard !good.isEmpty, good.count < proposal.words.count else { return nil }
        return Proposal(
            category: proposal.category, taker: proposal.taker, words: good,
            edits: proposal.edits.map { RuleEdit(rule: $0.rule, target: $0.target, patterns: good) })
    }

    private func propose(
        _ group: Group, _ messages: [Misfiled], among misfiled: Int, _ background: Background, failing: Int
    ) -> Proposal? {
        var candidates = evidence(group, messages, misfiled, background).filter(\.isWorthTrying)
            .sorted(by: WordEvidence.isBetter).prefix(Suggester.mostCandidates).map(\.word)
        // A word that an example speaks against goes, and the rest is tried again.
        while !candidates.isEmpty {
            guard let (edits, right) = best(group, messages, candidates) else { return nil }
            let chosen = cover(candidates, right.map(\.words), most: Suggester.mostWords)
            let final = edits.map { RuleEdit(rule: $0.rule, target: $0.target, patterns: chosen) }
            guard !chosen.isEmpty, let edited = configuration.edited(by: final) else { return nil }
            if edited.failingExamples <= failing {
                return Proposal(
                    category: group.category, taker: group.taker.map { configuration.rules[$0].name }, words: chosen,
                    edits: final)
            }
            let blamed = chosen.first { word in
                let alone = final.map { RuleEdit(rule: $0.rule, target: $0.target, patterns: [word]) }
                return configuration.edited(by: alone).map { $0.failingExamples > failing } ?? true
            }
            guard let blamed else { return nil }
            candidates.removeAll { $0 == blamed }
        }
        return nil
    }

    private func evidence(
        _ group: Group, _ messages: [Misfiled], _ misfiled: Int, _ background: Background
    ) -> [WordEvidence] {
        var counts: [String: Int] = [:]
        for message in messages { for word in message.words { counts[word, default: 0] += 1 } }
        return counts.map { word, count in
            // Those that have the category already are no others.
            let elsewhere = (background.words[word] ?? [:]).filter { $0.key != group.category }.values.reduce(0, +)
            return WordEvidence(
                word: word, meant: count, allMeant: messages.count, others: elsewhere,
                allOthers: max(background.messages, elsewhere))
        }
    }

    /// The edits that bring most messages right, the simplest of as good ones; and these messages.
    private func best(_ group: Group, _ messages: [Misfiled], _ words: [String]) -> (edits: [RuleEdit], [Misfiled])? {
        var best: (edits: [RuleEdit], right: [Misfiled])?
        func edit(_ rule: Int, _ target: RuleEdit.Target) -> RuleEdit {
            RuleEdit(rule: rule, target: target, patterns: words)
        }
        /// - Parameter excepting: how many more rules may be excepted that take what this one lets go.
        func attempt(_ edits: [RuleEdit], excepting: Int = 2) {
            guard let edited = configuration.edited(by: edits) else { return }
            let classifier = Classifier(configuration: edited)
            var right: [Misfiled] = []
            var takers: [Int: Int] = [:]
            for message in messages {
                let conclusion = classifier.conclude(message.message)
                if conclusion.category == message.category {
                    right.append(message)
                } else if let taker = Suggester.taker(conclusion) {
                    takers[taker, default: 0] += 1
                }
            }
            if right.count > best?.right.count ?? 0 { best = (edits, right) }
            guard excepting > 0, right.count < messages.count,
                let next = takers.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key,
                configuration.rules[next].actions.category?.value != group.category,
                // A word excepted from precedents would take them away from every message that has it.
                configuration.rules[next].actions.precedents == nil,
                !edits.contains(where: { $0.rule == next })
            else { return }
            attempt(edits + [edit(next, .exceptions)], excepting: excepting - 1)
        }
        let own = homes(of: group.category)
        for rule in own { attempt([edit(rule, .words)], excepting: 0) }
        guard let taker = group.taker else { return best }
        attempt([edit(taker, .exceptions)], excepting: 0)
        for rule in own where rule != taker { attempt([edit(rule, .words), edit(taker, .exceptions)]) }
        return best
    }

    /// Rules that set the category and have a list of words; those that are tried first come first.
    private func homes(of category: String) -> [Int] {
        let rules = configuration.rules
        let homes = rules.indices.filter { index in
            rules[index].actions.category?.value == category && rules[index].adding(["x"], to: .words) != nil
        }
        return Array(homes.prefix(3))
    }
}
