import Civic
import Rules
import Settings

/// Looks for words by which the rules would have decided as people did afterwards.
///
/// Three passes over the stored messages, each in batches: which moved tickets the rules still decide otherwise; how
/// often their words occur in other messages; what the words chosen would do to all of them. What is kept between two
/// batches is bounded by the tickets that people moved, and by `mostMisfiled`.
public struct Suggester: Sendable {
    /// A message whose ticket a person gave another category than the rules do.
    public struct Misfiled: Sendable {
        public let name: String
        let message: Message
        let category: String
        /// The rule that took it: by its index.
        let taker: Int?
        let words: Set<String>
    }

    /// How many other messages have each word, by the category that they have now; and how many there are.
    public struct Background: Sendable {
        var words: [String: [String: Int]] = [:]
        var messages = 0
        public init() {}
    }

    /// More say nothing new.
    public static let mostMisfiled = 20_000
    static let mostGroups = 12
    static let mostCandidates = 12
    static let mostWords = 5

    let configuration: Configuration
    let side: Side

    public init(_ configuration: Configuration) {
        self.configuration = configuration
        side = Side(configuration)
    }

    // MARK: The first two passes

    public func misfiled(_ inputs: [BacktestInput], threads: Int) async -> [Misfiled] {
        let chosen = inputs.filter { $0.chosenCategory != nil }
        return await inParallel(chosen, threads: threads) { part in
            part.compactMap { input -> Misfiled? in
                guard let category = input.chosenCategory, configuration.categories[category] != nil,
                    let message = try? side.read(input)  // what cannot be read, the backtest tells
                else { return nil }
                let conclusion = side.classifier.conclude(message)
                guard conclusion.category != category else { return nil }
                return Misfiled(
                    name: input.name, message: message, category: category,
                    taker: Suggester.taker(conclusion),
                    words: words(of: message))
            }
        }.flatMap(\.self)
    }

    /// The rule that said what a message is, or that nobody shall say it.
    static func taker(_ conclusion: Conclusion) -> Int? {
        let outcome = conclusion.outcome
        return outcome.category?.rule ?? outcome.discard?.rule ?? outcome.abstain?.rule
    }

    /// Words that occur in at least two misfiled messages.
    public func candidates(_ misfiled: [Misfiled]) -> Set<String> {
        var counts: [String: Int] = [:]
        for message in misfiled { for word in message.words { counts[word, default: 0] += 1 } }
        return Set(counts.filter { $0.value >= 2 }.keys)
    }

    /// Counts the words of messages that are none of the misfiled.
    public func count(
        _ inputs: [BacktestInput], candidates: Set<String>, except misfiled: Set<String>, threads: Int,
        into background: inout Background
    ) async {
        let parts = await inParallel(inputs, threads: threads) { part in
            var found = Background()
            for input in part where !misfiled.contains(input.name) {
                found.messages += 1
                guard let message = try? side.read(input) else { continue }
                let occurring = words(of: message).filter(candidates.contains)
                if occurring.isEmpty { continue }
                let category = side.classifier.conclude(message).category ?? ""
                for word in occurring { found.words[word, default: [:]][category, default: 0] += 1 }
            }
            return found
        }
        for part in parts {
            background.messages += part.messages
            for (word, counts) in part.words {
                background.words[word, default: [:]].merge(counts) { $0 + $1 }
            }
        }
    }

    // MARK: The third pass

    /// What each proposal does to messages in which its words occur.
    public func measure(
        _ inputs: [BacktestInput], _ proposals: inout [Proposal], threads: Int
    ) async {
        let trials = proposals.map { proposal in
            (words: Set(proposal.words), classifier: configuration.edited(by: proposal.edits).map(Classifier.init))
        }
        let parts = await inParallel(inputs, threads: threads) { part in
            var found = trials.map { _ in (total: Proposal.Effect(), words: [String: Proposal.Effect]()) }
            for input in part {
                guard let message = try? side.read(input) else { continue }
                let occurring = words(of: message)
                for (index, trial) in trials.enumerated() {
                    let spoken = trial.words.intersection(occurring)
                    guard !spoken.isEmpty, let classifier = trial.classifier else { continue }
                    let before = side.classifier.conclude(message).category
                    let after = classifier.conclude(message).category
                    guard before != after else { continue }
                    let effect = Proposal.Effect(from: before, to: after, chosen: input.chosenCategory)
                    found[index].total += effect
                    for word in spoken { found[index].words[word, default: .init()] += effect }
                }
            }
            return found
        }
        for part in parts {
            for index in proposals.indices {
                proposals[index].effect += part[index].total
                proposals[index].effects.merge(part[index].words) { a, b in
                    var sum = a
                    sum += b
                    return sum
                }
            }
        }
    }
}

extension Proposal.Effect {
    /// What one message that changes says.
    init(from before: String?, to after: String?, chosen: String?) {
        guard let chosen else {
            others = 1
            return
        }
        if after == chosen { gained = 1 }
        if before == chosen { lost = 1 }
    }
}
