import Civic

/// Turns conditions into nodes over facts, and collects what is wrong with them.
struct RuleCompiler {
    let rules: [RuleDefinition]
    let calendars: [String: WorkCalendar]
    let zone: Zone
    private(set) var nodes: [Program.Node] = []
    private(set) var roots: [Int] = []
    private(set) var factLists: [Int] = []
    private(set) var times: [Program.Time] = []
    private(set) var facts: Facts
    private(set) var findings: [RuleSetError.Finding] = []
    /// Of the rules that seek stems.
    private(set) var stemmer: Stemmer?
    /// Regular expressions as written: the same one is compiled once.
    private var expressions: [String: Pattern] = [:]
    /// What is left of `Pattern.expressionsSize`; below 0, no expression is looked at any more.
    private var room = Pattern.expressionsSize

    /// Conditions may stand in one another this deep; evaluation is recursive.
    static let deepest = 32

    init(rules: [RuleDefinition], calendars: [String: WorkCalendar], zone: Zone) {
        self.rules = rules
        self.calendars = calendars
        self.zone = zone
        facts = Facts(rules: rules.count)
        for rule in rules {
            chooseStemmer(of: rule)
            let root = reserve(1)
            roots.append(root)
            compile(rule.condition, into: root, depth: 1, rule: rule)
        }
    }

    /// One language serves a whole set: the text is taken to its stems once.
    private mutating func chooseStemmer(of rule: RuleDefinition) {
        guard let stem = rule.stem else { return }
        if let stemmer, stemmer.language != stem.value {
            find(
                stem.place,
                "stem: other rules seek stems in \(stemmer.language); a set of rules has one language for stems")
        } else if stemmer == nil {
            stemmer = Stemmer(language: stem.value)
            guard stemmer == nil else { return }
            let known = Stemmer.algorithms.keys.sorted().joined(separator: ", ")
            find(stem.place, "stem: there are no stems for \(stem.value); there are for \(known)")
        }
    }

    private mutating func reserve(_ count: Int) -> Int {
        let first = nodes.count
        nodes.append(contentsOf: repeatElement(Program.Node(kind: .any, first: 0, count: 0), count: count))
        return first
    }

    private mutating func find(_ place: SourcePlace, _ message: String) {
        findings.append(RuleSetError.Finding(place: place, message: message))
    }

    private mutating func compile(_ condition: Condition, into node: Int, depth: Int, rule: RuleDefinition) {
        guard depth <= RuleCompiler.deepest else {
            find(rule.place, "conditions stand more than \(RuleCompiler.deepest) deep in one another; split the rule")
            return
        }
        switch condition {
        case .all(let parts): compile(parts, .all, into: node, depth: depth, rule: rule)
        case .any(let parts): compile(parts, .any, into: node, depth: depth, rule: rule)
        case .not(let part): compile([part], .not, into: node, depth: depth, rule: rule)
        case .text(let part, let patterns): compile(patterns, in: part, into: node, isStem: rule.stem != nil)
        case .channel(let names): setFacts(names.map { facts.channel($0.value) }, of: node)
        case .language(let codes): setFacts(codes.map { facts.language($0.value) }, of: node)
        case .from(let senders): setFacts(senders.map { facts.sender($0.value) }, of: node)
        case .area(let areas): setFacts(areas.map { facts.area($0.value) }, of: node)
        case .has(let features): setFacts(features.map { facts.feature($0.value) }, of: node)
        case .authenticated(let value, _): setFacts([facts.citizen(authenticated: value)], of: node)
        case .time(let time, let place): compile(time, place, into: node)
        case .field(let name, let values, _): compile(field: name, values, into: node)
        }
    }

    private mutating func compile(
        _ parts: [Condition], _ kind: Program.Node.Kind, into node: Int, depth: Int, rule: RuleDefinition
    ) {
        let first = reserve(parts.count)
        nodes[node] = Program.Node(kind: kind, first: first, count: parts.count)
        for (offset, part) in parts.enumerated() { compile(part, into: first + offset, depth: depth + 1, rule: rule) }
    }

    private mutating func setFacts(_ list: [Int], of node: Int, isText: Bool = false, isStem: Bool = false) {
        nodes[node] = Program.Node(
            kind: .facts, isText: isText, isStem: isStem, first: factLists.count, count: list.count)
        factLists += list
    }

    private mutating func compile(
        _ patterns: [Placed<String>], in part: Condition.TextPart, into node: Int, isStem: Bool
    ) {
        var list: [Int] = []
        for written in patterns {
            do {
                if let pattern = try pattern(written, isStem) { list.append(facts.pattern(pattern, in: part)) }
            } catch {
                find(written.place, error.message)
                take(error.size, at: written.place)
            }
        }
        setFacts(list, of: node, isText: true, isStem: isStem)
    }

    /// - Returns: nil if it is a regular expression after those that have used up their room.
    private mutating func pattern(_ written: Placed<String>, _ isStem: Bool) throws(Pattern.Mistake) -> Pattern? {
        guard written.value.hasPrefix("/") else {
            return try Pattern(written.value, stemmer: isStem ? stemmer : nil)
        }
        if let known = expressions[written.value] { return known }
        if room < 0 { return nil }
        let pattern = try Pattern(written.value)
        expressions[written.value] = pattern
        take(pattern.size, at: written.place)
        return pattern
    }

    private mutating func take(_ size: Int, at place: SourcePlace) {
        guard size > 0 else { return }
        room -= size
        guard room < 0 else { return }
        find(
            place,
            "the regular expressions up to this one are too large together, and those after it were not looked at; shorten repetitions, or write words"
        )
    }

    private mutating func compile(_ time: Condition.TimeCondition, _ place: SourcePlace, into node: Int) {
        if let name = time.calendar, calendars[name] == nil {
            let known =
                calendars.isEmpty ? "there is none" : "there are \(calendars.keys.sorted().joined(separator: ", "))"
            find(place, "there is no calendar named `\(name)`; \(known)")
        }
        nodes[node] = Program.Node(kind: .time, first: times.count)
        times.append(Program.Time(condition: time, calendar: time.calendar.flatMap { calendars[$0] }))
    }

    private mutating func compile(field name: String, _ values: [Placed<String>], into node: Int) {
        var list: [Int] = values.isEmpty ? [facts.field(name, key: nil)] : []
        for value in values {
            let key = foldedKey(value.value)
            if key.isEmpty {
                find(
                    value.place, "the value `\(value.value)` has no letter or digit; write one, or `true` for any value"
                )
            } else {
                list.append(facts.field(name, key: key))
            }
        }
        setFacts(list, of: node)
    }

    /// Facts of which one must hold if the node is to hold; nil if it may hold without. Of several such lists, the one
    /// that tells most.
    func necessaryFacts(of node: Int) -> [Int]? {
        let children = nodes[node].first..<nodes[node].first + nodes[node].count
        switch nodes[node].kind {
        case .facts: return Array(factLists[children])
        case .not, .time: return nil
        case .all: return children.compactMap { necessaryFacts(of: $0) }.min { cost($0) < cost($1) }
        case .any:
            var all: [Int] = []
            for child in children {
                guard let some = necessaryFacts(of: child) else { return nil }
                all += some
            }
            return all
        }
    }

    /// Facts about the text that speak for a node.
    func speakingFacts(of node: Int) -> [Int] {
        let children = nodes[node].first..<nodes[node].first + nodes[node].count
        switch nodes[node].kind {
        case .facts: return nodes[node].isText ? Array(factLists[children]) : []
        case .all, .any: return children.flatMap { speakingFacts(of: $0) }
        case .not, .time: return []
        }
    }

    private func cost(_ list: [Int]) -> (UInt8, Int) { (list.map { facts.commonness[$0] }.max() ?? 0, list.count) }
}
