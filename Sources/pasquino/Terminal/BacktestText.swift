import Foundation
import Intake

/// A backtest's report for people: what moves, then the examples with the words that decided.
struct BacktestText {
    let report: BacktestReport

    private static let longestText = 100

    var text: String {
        var lines = [summary]
        let moves = report.sortedMoves
        if !moves.isEmpty {
            lines.append("")
            lines.append(
                Terminal.table(
                    ["FIELD", "FROM", "TO", "COUNT"],
                    moves.map { [$0.field.rawValue, name($0.from), name($0.to), String($1.count)] }))
        }
        lines += agreement("category", report.categories) + agreement("office", report.offices)
        lines += unread("cannot be read under the running configuration", report.unreadable)
        lines += unread("cannot be read under the other one", report.unreadableAgainst)
        lines += unread("were decided otherwise when they came", report.drifted)
        for (move, tally) in moves {
            lines.append("")
            lines.append(
                Terminal.bold("\(move.field.rawValue): \(name(move.from)) → \(name(move.to))") + "  (\(tally.count))")
            for example in tally.examples { lines += self.example(example) }
        }
        return lines.joined(separator: "\n")
    }

    private var summary: String {
        let percent = String(format: "%.2f", report.changedPercent)
        var parts = ["\(report.messages) messages, \(report.changed) change (\(percent) %)"]
        let undecided = "\(report.newlyUndecided) newly undecided"
        parts.append(report.newlyUndecided > 0 ? Terminal.red(undecided) : undecided)
        let decided = "\(report.newlyDecided) newly decided"
        parts.append(report.newlyDecided > 0 ? Terminal.green(decided) : decided)
        return parts.joined(separator: ", ")
    }

    private func name(_ value: String?) -> String { Terminal.safe(value ?? "none") }

    private func agreement(_ field: String, _ agreement: BacktestReport.Agreement) -> [String] {
        guard agreement.tickets > 0 else { return [] }
        let line =
            "\(agreement.tickets) tickets had their \(field) changed by hand: the running rules agree on "
            + "\(agreement.running), the others on \(agreement.against)"
        if agreement.against == agreement.running { return ["", line] }
        return ["", agreement.against > agreement.running ? Terminal.green(line) : Terminal.red(line)]
    }

    private func unread(_ what: String, _ unread: BacktestReport.Unread) -> [String] {
        guard unread.count > 0 else { return [] }
        return ["", Terminal.red("\(unread.count) \(what)")]
            + unread.examples.map { "    \($0.message)  \(Terminal.safe($0.reason))" }
    }

    private func example(_ example: ChangeExample) -> [String] {
        let text = Terminal.safe(String(example.text.prefix(BacktestText.longestText)))
        return [
            "    \(example.message)  \(text)", "        \(Terminal.dim("before"))  \(sentence(example.before))",
            "        \(Terminal.dim("after"))   \(sentence(example.after))",
        ]
    }

    private func sentence(_ reason: ChangeExample.Reason) -> String {
        let words = reason.words.map { "“\(Terminal.safe($0))”" }.joined(separator: ", ")
        let source = reason.rule.map { "\($0) (\(reason.source))" } ?? Terminal.safe(reason.source)
        return words.isEmpty ? source : "\(source): \(words)"
    }
}
