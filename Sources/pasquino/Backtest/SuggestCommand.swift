import ArgumentParser
import Civic
import Foundation
import Intake
import Rules
import Settings

struct SuggestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suggest",
        abstract: "Propose words for the rules from tickets that people moved, as a patch.",
        discussion: """
            Looks at tickets whose category a person changed and that the rules would still decide otherwise, and at the \
            words in which they differ from other messages. Proposes words for the rule of the right category, or \
            exceptions for the rule that took them, wherever more tickets are then decided as the person did and few \
            others change; the whole is measured by a backtest. The patch goes to standard output and nothing is \
            changed: read it, then patch -p0 <FILE or git apply FILE.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Option(help: "Messages and tickets not older than this, such as 12h or 90d.") var since = "90d"

    func validate() throws {
        if Age(since) == nil { throw ValidationError("--since: expected a time such as 12h or 90d") }
    }

    func run() async throws {
        let configuration = try options.load()
        let age = Age(since)?.seconds ?? Age.month
        let suggestion = try await Archive.with(options, age: age) { archive in
            try await Suggestion.find(configuration, archive, directory: options.directory)
        }
        for note in suggestion.notes { Terminal.error(note) }
        if output.json {
            print(suggestion.json.text)
        } else if !suggestion.patch.isEmpty {
            // The patch brings its own line ends.
            print(suggestion.preamble + suggestion.patch, terminator: "")
        }
        Terminal.error(suggestion.summary)
    }
}

/// What is proposed, and what it would do.
struct Suggestion {
    let rules: [RuleDefinition]
    /// Moved tickets that the rules would still decide otherwise.
    let misfiled: Int
    var proposals: [Proposal] = []
    var report = BacktestReport()
    var patch = ""
    var notes: [String] = []

    private init(rules: [RuleDefinition], misfiled: Int) {
        self.rules = rules
        self.misfiled = misfiled
    }

    static func find(_ configuration: Configuration, _ archive: Archive, directory: String) async throws -> Suggestion {
        let suggester = Suggester(configuration)
        let threads = Archive.threads
        var misfiled: [Suggester.Misfiled] = []
        try await archive.forEachBatch("moved tickets") { batch in
            guard misfiled.count < Suggester.mostMisfiled else { return }
            misfiled += await suggester.misfiled(batch, threads: threads)
        }
        var suggestion = Suggestion(rules: configuration.rules, misfiled: misfiled.count)
        let candidates = suggester.candidates(misfiled)
        guard !candidates.isEmpty else { return suggestion }
        let names = Set(misfiled.map(\.name))
        var background = Suggester.Background()
        try await archive.forEachBatch("their words elsewhere") { batch in
            await suggester.count(batch, candidates: candidates, except: names, threads: threads, into: &background)
        }
        var proposals = suggester.proposals(misfiled, background)
        // What is left of a proposal after its bad words are gone is measured again.
        for _ in 0..<2 where !proposals.isEmpty {
            for index in proposals.indices { proposals[index].forget() }
            try await archive.forEachBatch("what they would change") { batch in
                await suggester.measure(batch, &proposals, threads: threads)
            }
            let kept = proposals.compactMap(suggester.pruned)
            let isSettled = kept.map(\.words) == proposals.map(\.words)
            proposals = kept
            if isSettled { break }
        }
        proposals = proposals.filter(\.effect.isGood)
        guard !proposals.isEmpty else { return suggestion }
        suggestion.proposals = proposals
        try await suggestion.verify(configuration, archive, directory: directory)
        return suggestion
    }

    /// Makes the patch, loads the patched configuration, and measures it on all messages.
    private mutating func verify(_ configuration: Configuration, _ archive: Archive, directory: String) async throws {
        let edits = RulesPatch.merged(proposals.flatMap(\.edits))
        let (files, failures) = RulesPatch.files(edits, of: configuration.rules) { name in
            FileManager.default.contents(atPath: name).map { String(decoding: $0, as: UTF8.self) }
        }
        notes = failures.map { "\($0); left out" }
        let patched = try PatchedConfiguration(directory, files)
        var report = BacktestReport()
        let backtest = Backtest(running: configuration, against: patched.configuration)
        try await archive.forEachBatch("comparing") { batch in
            await backtest.run(batch, threads: Archive.threads, into: &report)
        }
        self.report = report
        let examples = Classifier(configuration: patched.configuration).test().failures
        let known = Set(Classifier(configuration: configuration).test().failures.map(\.example))
        let broken = examples.filter { !known.contains($0.example) }
        guard report.categories.against > report.categories.running, broken.isEmpty else {
            notes += broken.map { "\($0.place): \($0.rule): \($0.message)" }
            proposals = []
            return
        }
        patch = files.map { file in
            UnifiedDiff.between(file.before, file.after, path: PatchedConfiguration.path(of: file.name, in: directory))
        }.joined()
    }
}

extension Suggestion {
    /// Lines before the patch, which the tools that apply it skip.
    var preamble: String {
        (proposals.map { proposal in
            let effect = proposal.effect
            let then = "\(effect.gained) moved tickets then agree, \(effect.others) other messages change"
            return "# \(proposal.sentence(in: rules)): \(then)"
        } + ["# In all: \(measured)"]).map { Terminal.safe($0) + "\n" }.joined()
    }

    private var measured: String {
        let agreement = report.categories
        return "of \(agreement.tickets) tickets whose category was changed by hand \(agreement.running) agree now and "
            + "\(agreement.against) then; \(report.changed) of \(report.messages) messages change, "
            + "\(report.newlyUndecided) newly undecided, \(report.newlyDecided) newly decided"
    }

    var summary: String {
        if !proposals.isEmpty { return "\(proposals.count) proposals; \(measured)" }
        return misfiled == 0
            ? "nothing to propose: the rules agree with all tickets whose category was changed by hand"
            : "nothing to propose: no words tell the \(misfiled) tickets that were moved from the others"
    }

    var json: JSON {
        func number(_ count: Int) -> JSON { .int(Int64(count)) }
        return .object([
            (
                "proposals",
                .array(
                    proposals.map { proposal in
                        .object([
                            ("category", .string(proposal.category)), ("taken_by", .optional(proposal.taker)),
                            ("words", .strings(proposal.words)),
                            (
                                "edits",
                                .array(
                                    proposal.edits.map { edit in
                                        .object([
                                            ("rule", .string(rules[edit.rule].name)),
                                            ("at", .string(rules[edit.rule].place.description)),
                                            ("list", .string(edit.target == .words ? "text" : "not")),
                                        ])
                                    })
                            ),
                            ("gained", number(proposal.effect.gained)), ("lost", number(proposal.effect.lost)),
                            ("others", number(proposal.effect.others)),
                        ])
                    })
            ),
            ("misfiled", number(misfiled)), ("backtest", report.json), ("patch", .string(patch)),
        ])
    }
}
