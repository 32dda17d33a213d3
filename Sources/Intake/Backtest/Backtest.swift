import Civic
import Settings
import Store

/// A message to be decided again.
public struct BacktestInput: Sendable {
    /// How the report calls it.
    public var name: String
    public var channel: String
    public var receivedAt: Timestamp
    public var raw: [UInt8]
    /// What a person chose by moving the ticket: the truth, as far as there is one.
    public var chosenCategory: String?
    public var chosenOffice: String?
    /// What was decided when it came, if that is on record.
    public var recorded: DecidedFields?

    public init(name: String, channel: String, receivedAt: Timestamp, raw: [UInt8]) {
        self.name = name
        self.channel = channel
        self.receivedAt = receivedAt
        self.raw = raw
    }

    /// - Parameter corrections: the tickets moved by hand, by number.
    public init(_ stored: StoredMessage, corrections: [Int64: Correction]) {
        self.init(
            name: stored.ticket?.code ?? stored.id.description, channel: stored.channel,
            receivedAt: stored.receivedAt, raw: stored.raw)
        if let ticket = stored.ticket {
            let correction = corrections[ticket.number]
            let decided = correction?.decided ?? Correction.Place(category: ticket.category, office: ticket.office)
            chosenCategory = correction?.category
            chosenOffice = correction?.office
            recorded = DecidedFields(category: decided.category, office: decided.office, priority: ticket.priority)
        } else if let reason = stored.discarded {
            recorded = DecidedFields(discard: reason)
        }
    }
}

/// Decides messages under two configurations and counts what differs. Pure: where messages come from is the caller's.
///
/// Both sides read and decide a message as its channel would have at the moment it came. Decisions come without reasons;
/// why is looked up for the few that the report shows.
public struct Backtest: Sendable {
    private let running: Side
    private let against: Side

    private static let longestText = 120

    public init(running: Configuration, against: Configuration) {
        self.running = Side(running)
        self.against = Side(against)
    }

    /// Looks at messages on several threads and adds what it finds to the report, in the messages' order.
    /// - Parameter threads: how many; at least 1.
    public func run(_ inputs: [BacktestInput], threads: Int, into report: inout BacktestReport) async {
        let known = report
        let parts = await inParallel(inputs, threads: threads) { part in
            var found = BacktestReport()
            for input in part {
                found.add(compare(input) { known.wants($0) && found.wants($0) }, of: input)
            }
            return found
        }
        for part in parts { report.merge(part) }
    }

    /// - Parameter wants: whether an example of a move is still wanted.
    private func compare(_ input: BacktestInput, wants: (Move) -> Bool) -> Comparison {
        let message: Message
        do throws(Unreadable) { message = try running.read(input) } catch { return .unreadable(error.reason) }
        var other = message
        if !against.reads(input.channel, as: running) {
            do throws(Unreadable) { other = try against.read(input) } catch { return .unreadableAgainst(error.reason) }
        }
        let before = Comparison.Sighting(running.classifier.conclude(message))
        let after = Comparison.Sighting(against.classifier.conclude(other))
        let moves = before.fields.moves(to: after.fields).filter(wants)
        guard !moves.isEmpty else { return .compared(before: before, after: after, examples: []) }
        let (first, second) = (running.classifier.decide(message), against.classifier.decide(other))
        let text = [message.subject, message.text].compactMap(\.self).joined(separator: " · ")
        let start = String(text.unicodeScalars.prefix(Backtest.longestText))
        return .compared(
            before: before, after: after,
            examples: moves.map { move in
                let example = ChangeExample(
                    message: input.name, text: start, before: ChangeExample.Reason(first, move.field),
                    after: ChangeExample.Reason(second, move.field))
                return (move, example)
            })
    }
}

extension Comparison.Sighting {
    init(_ conclusion: Conclusion) {
        self.init(fields: DecidedFields(conclusion), undecided: conclusion.undecided)
    }
}

/// Cuts a list into as many parts as there are threads and works on them at the same time; the results in order.
func inParallel<Element: Sendable, Result: Sendable>(
    _ all: [Element], threads: Int, _ body: @escaping @Sendable (ArraySlice<Element>) -> Result
) async -> [Result] {
    let size = max(1, (all.count + max(1, threads) - 1) / max(1, threads))
    return await withTaskGroup(of: (Int, Result).self) { group in
        for start in stride(from: 0, to: all.count, by: size) {
            group.addTask { (start, body(all[start..<min(start + size, all.count)])) }
        }
        var results: [(Int, Result)] = []
        for await result in group { results.append(result) }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
