/// A text of which a person has said what it is.
public struct Precedent: Hashable, Sendable {
    public let text: String
    /// Nil if it asks nobody for anything, or not the city.
    public let category: String?

    public init(text: String, category: String?) {
        self.text = text
        self.category = category
    }
}

/// What a rule does with precedents: it files the message as what it is most like.
public struct PrecedentUse: Hashable, Sendable {
    /// How far ahead of the next category the first one must be; 1 is what training strives for.
    public var ahead: Double
    /// The message is urgent if an urgent category is no further than this behind the first one.
    public var urgentWithin: Double?

    public init(ahead: Double, urgentWithin: Double? = nil) {
        self.ahead = ahead
        self.urgentWithin = urgentWithin
    }
}

/// How like the precedents of each category a message is.
struct Judgement: Sendable {
    struct Candidate: Sendable {
        /// Nil: of those that ask nobody for anything.
        let category: String?
        let score: Float
    }

    /// The best few, best first; at least one.
    let candidates: [Candidate]
    /// The best of the urgent categories, if there are any.
    let urgent: Candidate?

    var best: Candidate { candidates[0] }
    /// How far the best urgent one is behind the first.
    var urgentBehind: Float { urgent.map { best.score - $0.score } ?? .infinity }

    /// By how much the first leads.
    var lead: Float { candidates.count < 2 ? .infinity : best.score - candidates[1].score }
}
