import Civic

extension BacktestReport {
    /// The contract's shape of `backtest`, and more.
    public var json: JSON {
        .object([
            ("messages", .int(Int64(messages))), ("changed", .int(Int64(changed))),
            ("changed_percent", .double((changedPercent * 1000).rounded() / 1000)),
            ("newly_undecided", .int(Int64(newlyUndecided))), ("newly_decided", .int(Int64(newlyDecided))),
            (
                "moves",
                .array(
                    sortedMoves.map { move, tally in
                        .object([
                            ("field", .string(move.field.rawValue)), ("from", .optional(move.from)),
                            ("to", .optional(move.to)), ("count", .int(Int64(tally.count))),
                            ("examples", .array(tally.examples.map(\.json))),
                        ])
                    })
            ),
            ("unreadable", .object([("running", unreadable.json), ("against", unreadableAgainst.json)])),
            ("moved_by_hand", .object([("category", categories.json), ("office", offices.json)])),
            ("recorded", .object([("messages", .int(Int64(recorded))), ("decided_otherwise_now", drifted.json)])),
        ])
    }
}

extension BacktestReport.Unread {
    fileprivate var json: JSON {
        .object([
            ("count", .int(Int64(count))),
            (
                "examples",
                .array(examples.map { .object([("message", .string($0.message)), ("reason", .string($0.reason))]) })
            ),
        ])
    }
}

extension BacktestReport.Agreement {
    fileprivate var json: JSON {
        .object([
            ("tickets", .int(Int64(tickets))), ("agree_running", .int(Int64(running))),
            ("agree_against", .int(Int64(against))),
        ])
    }
}

extension ChangeExample {
    fileprivate var json: JSON {
        .object([
            ("message", .string(message)), ("text", .string(text)), ("before", before.json), ("after", after.json),
        ])
    }
}

extension ChangeExample.Reason {
    fileprivate var json: JSON {
        .object([("rule", .optional(rule)), ("source", .string(source)), ("words", .strings(words))])
    }
}
