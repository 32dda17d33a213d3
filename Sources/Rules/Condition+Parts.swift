import Civic

extension Condition {
    /// A condition for each value of one that lists values; a condition that does not is its own only one. Groups have
    /// none.
    var values: [Condition] {
        switch self {
        case .all, .any, .not: []
        case .text(let part, let patterns): patterns.map { .text(part, [$0]) }
        case .channel(let names): names.map { .channel([$0]) }
        case .language(let codes): codes.map { .language([$0]) }
        case .from(let senders): senders.map { .from([$0]) }
        case .area(let areas): areas.map { .area([$0]) }
        case .has(let features): features.map { .has([$0]) }
        case .authenticated, .time: [self]
        case .field(let name, let values, let place):
            values.isEmpty ? [self] : values.map { .field(name: name, values: [$0], place) }
        }
    }

    /// Where it stands, or the first value in it.
    public var place: SourcePlace? {
        switch self {
        case .all(let parts), .any(let parts): parts.lazy.compactMap(\.place).first
        case .not(let part): part.place
        case .text(_, let values), .channel(let values), .language(let values), .from(let values), .area(let values):
            values.first?.place
        case .has(let features): features.first?.place
        case .authenticated(_, let place), .time(_, let place): place
        case .field(_, let values, let place): values.first?.place ?? place
        }
    }

    /// Whether a text alone, read as subject and as body, tells if it holds.
    var asksOnlyOfText: Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.allSatisfy(\.asksOnlyOfText)
        case .not(let part): part.asksOnlyOfText
        case .text: true
        default: false
        }
    }
}
