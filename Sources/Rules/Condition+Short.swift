import Civic

extension Condition {
    /// Holds for every message because it asks nothing.
    var isEmpty: Bool {
        if case .all(let parts) = self { parts.allSatisfy(\.isEmpty) } else { false }
    }

    /// In one line, as an operator would write it: `text: buca, "buca postale"`.
    public var short: String {
        switch self {
        case .all(let parts): parts.isEmpty ? "always" : parts.map(\.short).joined(separator: " and ")
        case .any(let parts): "any: (\(parts.map(\.short).joined(separator: "; ")))"
        case .not(let part): "not: \(part.short)"
        case .text(let part, let patterns): "\(part.rawValue): \(Condition.list(patterns.map(\.value)))"
        case .channel(let names): "channel: \(Condition.list(names.map(\.value)))"
        case .language(let codes): "language: \(Condition.list(codes.map(\.value)))"
        case .from(let senders): "from: \(Condition.list(senders.map(\.value)))"
        case .area(let areas): "area: \(Condition.list(areas.map(\.value)))"
        case .has(let features): "has: \(Condition.list(features.map(\.value.rawValue)))"
        case .authenticated(let value, _): "citizen: \(value ? "authenticated" : "anonymous")"
        case .time(let time, _): "time: \(time.short)"
        case .field(let name, let values, _):
            "field \(name): \(values.isEmpty ? "true" : Condition.list(values.map(\.value)))"
        }
    }

    /// Long lists are cut: who explains needs the gist.
    private static func list(_ values: [String]) -> String {
        let shown = values.prefix(8).map { $0.contains { $0 == " " || $0 == "," } ? "\"\($0)\"" : $0 }
        return (shown + (values.count > 8 ? ["…"] : [])).joined(separator: ", ")
    }
}

extension Condition.TimeCondition {
    fileprivate var short: String {
        var parts: [String] = []
        if let calendar { parts.append("\(calendar) \(open ? "open" : "closed")") }
        if !weekdays.isEmpty {
            parts.append(Weekday.allCases.filter(weekdays.contains).map { "\($0)" }.joined(separator: ", "))
        }
        if let hours { parts.append("\(clock(hours.from))-\(clock(hours.to))") }
        return parts.joined(separator: " ")
    }

    private func clock(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}
