import Civic

/// Everything about a message that some rule asks, as numbered facts: `buca` occurs in the text, the channel is
/// `portale`, the field `municipio` says `7`. Conditions are formulas over facts (and the clock), and only rules for
/// which some fact speaks need to be looked at.
///
/// Filled by `RuleCompiler`; fixed afterwards.
struct Facts: Sendable {
    private(set) var count = 0
    /// How well each fact tells rules apart; lower is better.
    private(set) var commonness: [UInt8] = []

    /// Words and phrases, the same by stems, and regular expressions, in the order in which they were first asked for.
    private(set) var words = Patterns()
    private(set) var stems = Patterns()
    private(set) var expressions = Patterns()

    /// - Parameter rules: how many ask; most ask for a few words.
    init(rules: Int) { words.reserve(rules * 4) }

    func patterns(_ kind: Pattern.Kind) -> Patterns {
        switch kind {
        case .words: words
        case .stems: stems
        case .expression: expressions
        }
    }
    private var channels: [String: Int] = [:]
    private var languages: [String: Int] = [:]
    private var addresses: [String: Int] = [:]
    private var domains: [String: Int] = [:]
    private var areas: [String: Int] = [:]
    private var outside: Int?
    private var unknown: Int?
    private var boundary: Int?
    private var features: [Condition.Feature: Int] = [:]
    private var authenticated: Int?
    private var anonymous: Int?
    private var fields: [String: Field] = [:]

    struct Patterns: Sendable {
        fileprivate(set) var patterns: [Pattern] = []
        fileprivate(set) var facts: [Parts] = []
        private var places: [String: Int] = [:]

        fileprivate mutating func reserve(_ count: Int) { places.reserveCapacity(count) }

        /// The fact that a pattern occurs in a part: `new` if no rule has asked yet.
        fileprivate mutating func fact(of pattern: Pattern, in part: Condition.TextPart, new: Int) -> Int {
            let place = places[pattern.source] ?? patterns.count
            if place == patterns.count {
                places[pattern.source] = place
                patterns.append(pattern)
                facts.append(Parts())
            }
            if let known = facts[place][part] { return known }
            facts[place][part] = new
            return new
        }
    }

    /// The facts that a pattern occurs in these parts, as far as a rule asks.
    struct Parts: Sendable {
        fileprivate(set) var text: Int?
        fileprivate(set) var subject: Int?
        fileprivate(set) var body: Int?

        fileprivate(set) subscript(part: Condition.TextPart) -> Int? {
            get {
                switch part {
                case .text: text
                case .subject: subject
                case .body: body
                }
            }
            set {
                switch part {
                case .text: text = newValue
                case .subject: subject = newValue
                case .body: body = newValue
                }
            }
        }
    }

    private struct Field: Sendable {
        var present: Int?
        var values: [String: Int] = [:]
    }

    private enum Commonness {
        static let text: UInt8 = 0
        static let detail: UInt8 = 1
        static let area: UInt8 = 2
        static let broad: UInt8 = 3
    }
}

// MARK: - Asking

extension Facts {
    private mutating func number(_ fact: inout Int?, _ commonness: UInt8) -> Int {
        if let fact { return fact }
        let new = count
        fact = new
        count += 1
        self.commonness.append(commonness)
        return new
    }

    private mutating func number(
        _ value: String, in table: WritableKeyPath<Facts, [String: Int]>, _ commonness: UInt8
    ) -> Int {
        var fact = self[keyPath: table][value]
        let number = number(&fact, commonness)
        self[keyPath: table][value] = number
        return number
    }

    mutating func pattern(_ pattern: Pattern, in part: Condition.TextPart) -> Int {
        let fact =
            switch pattern.kind {
            case .words: words.fact(of: pattern, in: part, new: count)
            case .stems: stems.fact(of: pattern, in: part, new: count)
            case .expression: expressions.fact(of: pattern, in: part, new: count)
            }
        if fact == count {
            count += 1
            commonness.append(Commonness.text)
        }
        return fact
    }

    mutating func channel(_ name: String) -> Int { number(name, in: \.channels, Commonness.broad) }

    mutating func language(_ code: String) -> Int { number(code.lowercased(), in: \.languages, Commonness.broad) }

    /// An address, or a domain with or without a leading `@`.
    mutating func sender(_ written: String) -> Int {
        let lower = written.lowercased()
        let domain = lower.hasPrefix("@") ? String(lower.dropFirst()) : lower
        return domain.contains("@")
            ? number(lower, in: \.addresses, Commonness.detail) : number(domain, in: \.domains, Commonness.detail)
    }

    mutating func area(_ written: String) -> Int {
        switch written {
        case "outside": return take(\.outside, Commonness.area)
        case "unknown": return take(\.unknown, Commonness.broad)
        case "boundary": return take(\.boundary, Commonness.area)
        default: return number(written, in: \.areas, Commonness.area)
        }
    }

    mutating func feature(_ feature: Condition.Feature) -> Int {
        var fact = features[feature]
        let number = number(&fact, Commonness.broad)
        features[feature] = number
        return number
    }

    mutating func citizen(authenticated: Bool) -> Int {
        take(authenticated ? \.authenticated : \.anonymous, Commonness.broad)
    }

    private mutating func take(_ member: WritableKeyPath<Facts, Int?>, _ commonness: UInt8) -> Int {
        var fact = self[keyPath: member]
        let number = number(&fact, commonness)
        self[keyPath: member] = number
        return number
    }

    /// - Parameter key: the folded value; nil asks only whether the field is filled in.
    mutating func field(_ name: String, key: String?) -> Int {
        var field = fields[name] ?? Field()
        let number: Int
        if let key {
            var fact = field.values[key]
            number = self.number(&fact, Commonness.detail)
            field.values[key] = number
        } else {
            number = self.number(&field.present, Commonness.broad)
        }
        fields[name] = field
        return number
    }
}

// MARK: - Answering

extension Facts {
    /// Reports every fact, except those about the text, that holds for a message.
    func forEachContextFact(of input: RuleInput, _ report: (Int) -> Void) {
        func holds(_ fact: Int?) { if let fact { report(fact) } }
        let message = input.message
        if !channels.isEmpty { holds(channels[message.channel]) }
        if !languages.isEmpty { holds(languages[input.language.lowercased()]) }
        if let email = message.sender.email, !addresses.isEmpty || !domains.isEmpty { sender(email, holds) }
        switch input.area {
        case .certain(let code): holds(areas[code])
        case .boundary: holds(boundary)
        case .outside: holds(outside)
        case .unknown: holds(unknown)
        }
        holds(message.sender.attested.isEmpty ? anonymous : authenticated)
        for (feature, fact) in features where message.has(feature) { report(fact) }
        for (name, field) in fields {
            guard let value = message.fields[name], !value.isBlank else { continue }
            holds(field.present)
            if !field.values.isEmpty { holds(field.values[foldedKey(value)]) }
        }
    }

    private func sender(_ email: String, _ holds: (Int?) -> Void) {
        let lower = email.lowercased()
        holds(addresses[lower])
        guard let at = lower.lastIndex(of: "@") else { return }
        // A domain covers its subdomains; no real one has more than a few labels.
        var domain = lower[lower.index(after: at)...]
        for _ in 0..<16 {
            holds(domains[String(domain)])
            guard let dot = domain.firstIndex(of: ".") else { return }
            domain = domain[domain.index(after: dot)...]
        }
    }
}

extension Message {
    fileprivate func has(_ feature: Condition.Feature) -> Bool {
        switch feature {
        case .photo: attachments.contains(where: \.isImage)
        case .location: location.map { $0.point != nil || !($0.address ?? "").isBlank } ?? false
        case .attachment: !attachments.isEmpty
        case .fiscalCode: sender.fiscalCode != nil
        case .phone: sender.phone != nil
        case .email: sender.email != nil
        case .subject: !(subject ?? "").isBlank
        case .name: !(sender.name ?? "").isBlank
        }
    }
}

extension String {
    fileprivate var isBlank: Bool { unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}
