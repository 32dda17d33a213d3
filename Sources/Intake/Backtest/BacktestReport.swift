import Civic

/// What would change, counted. Its size is bounded by the number of categories and offices, not of messages.
public struct BacktestReport: Sendable {
    public static let mostExamples = 5

    public struct Tally: Sendable {
        public var count = 0
        public var examples: [ChangeExample] = []
    }

    /// Messages that one side cannot read.
    public struct Unread: Sendable {
        public var count = 0
        /// The first of them, each with the reason.
        public var examples: [(message: String, reason: String)] = []
    }

    /// Tickets for which a person chose a value, and on how many of them the rules agree.
    public struct Agreement: Hashable, Sendable {
        public var tickets = 0
        public var running = 0
        public var against = 0
        public init() {}
    }

    /// All that were looked at, readable or not.
    public var messages = 0
    public var changed = 0
    public var newlyUndecided = 0
    public var newlyDecided = 0
    public var moves: [Move: Tally] = [:]
    public var unreadable = Unread()
    public var unreadableAgainst = Unread()
    public var categories = Agreement()
    public var offices = Agreement()
    /// Messages whose decision is on record, and those that the running configuration decides otherwise today.
    public var recorded = 0
    public var drifted = Unread()

    public init() {}

    /// The share of messages that change, in percent; one that only one side can read changes.
    public var changedPercent: Double {
        messages == 0 ? 0 : Double(changed + unreadableAgainst.count) / Double(messages) * 100
    }

    /// Whether an example of this move is still wanted.
    func wants(_ move: Move) -> Bool { (moves[move]?.examples.count ?? 0) < BacktestReport.mostExamples }

    /// The most frequent first, and of as frequent ones always in the same order.
    public var sortedMoves: [(move: Move, tally: Tally)] {
        func key(_ move: Move) -> (String, String, String) { (move.field.rawValue, move.from ?? "", move.to ?? "") }
        func place(_ move: Move) -> Int { DecidedFields.Field.allCases.firstIndex(of: move.field) ?? 0 }
        return moves.map { ($0.key, $0.value) }.sorted { a, b in
            if a.0.field != b.0.field { return place(a.0) < place(b.0) }
            return a.1.count != b.1.count ? a.1.count > b.1.count : key(a.0) < key(b.0)
        }
    }
}

// MARK: - Gathering

/// What one message says to the report.
enum Comparison {
    case unreadable(String)
    /// The running configuration takes it; the other one does not.
    case unreadableAgainst(String)
    case compared(before: Sighting, after: Sighting, examples: [(Move, ChangeExample)])

    struct Sighting {
        let fields: DecidedFields
        let undecided: Bool
    }
}

extension BacktestReport {
    mutating func add(_ comparison: Comparison, of input: BacktestInput) {
        messages += 1
        switch comparison {
        case .unreadable(let reason): unreadable.add(input.name, reason)
        case .unreadableAgainst(let reason): unreadableAgainst.add(input.name, reason)
        case .compared(let before, let after, let examples):
            let moves = before.fields.moves(to: after.fields)
            if !moves.isEmpty { changed += 1 }
            for move in moves { self.moves[move, default: Tally()].count += 1 }
            for (move, example) in examples where wants(move) { self.moves[move]?.examples.append(example) }
            if after.undecided, !before.undecided { newlyUndecided += 1 }
            if before.undecided, !after.undecided { newlyDecided += 1 }
            categories.add(input.chosenCategory, before.fields.category, after.fields.category)
            offices.add(input.chosenOffice, before.fields.office, after.fields.office)
            if let recorded = input.recorded {
                self.recorded += 1
                if let move = recorded.moves(to: before.fields).first {
                    drifted.add(
                        input.name, "\(move.field.rawValue) was \(move.from ?? "none"), is \(move.to ?? "none")")
                }
            }
        }
    }

    /// Adds what was counted of later messages.
    mutating func merge(_ other: BacktestReport) {
        messages += other.messages
        changed += other.changed
        newlyUndecided += other.newlyUndecided
        newlyDecided += other.newlyDecided
        recorded += other.recorded
        for (move, tally) in other.moves {
            moves[move, default: Tally()].count += tally.count
            for example in tally.examples where wants(move) { moves[move]?.examples.append(example) }
        }
        unreadable.merge(other.unreadable)
        unreadableAgainst.merge(other.unreadableAgainst)
        drifted.merge(other.drifted)
        categories.merge(other.categories)
        offices.merge(other.offices)
    }
}

extension BacktestReport.Unread {
    fileprivate mutating func add(_ message: String, _ reason: String) {
        count += 1
        if examples.count < BacktestReport.mostExamples { examples.append((message, reason)) }
    }

    fileprivate mutating func merge(_ other: Self) {
        count += other.count
        examples += other.examples.prefix(BacktestReport.mostExamples - examples.count)
    }
}

extension BacktestReport.Agreement {
    fileprivate mutating func add(_ chosen: String?, _ before: String?, _ after: String?) {
        guard let chosen else { return }
        tickets += 1
        if before == chosen { running += 1 }
        if after == chosen { against += 1 }
    }

    fileprivate mutating func merge(_ other: Self) {
        tickets += other.tickets
        running += other.running
        against += other.against
    }
}
