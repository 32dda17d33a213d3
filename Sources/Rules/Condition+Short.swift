import Civic
import Synchronization

/// Conditions in one line, written when first needed and kept: most messages come near the same few rules. Called from
/// any thread.
final class ShortConditions: Sendable {
    /// Far more than the messages of a day meet.
    private static let most = 4096
    private let known = Mutex<[Int: String]>([:])

    /// - Parameter node: the condition's, in the program.
    func text(of node: Int, _ write: () -> String) -> String {
        if let text = known.withLock({ $0[node] }) { return text }
        let text = write()
        known.withLock { known in
            if known.count >= ShortConditions.most { known.removeAll() }
            known[node] = text
        }
        return text
    }
}

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
        case .text(let part, let patterns): "\(part.rawValue): \(Condition.list(patterns.lazy.map(\.value)))"
        case .channel(let names): "channel: \(Condition.list(names.lazy.map(\.value)))"
        case .language(let codes): "language: \(Condition.list(codes.lazy.map(\.value)))"
        case .from(let senders): "from: \(Condition.list(senders.lazy.map(\.value)))"
        case .area(let areas): "area: \(Condition.list(areas.lazy.map(\.value)))"
        case .has(let features): "has: \(Condition.list(features.lazy.map(\.value.rawValue)))"
        case .authenticated(let value, _): "citizen: \(value ? "authenticated" : "anonymous")"
        case .time(let time, _): "time: \(time.short)"
        case .field(let name, let values, _):
            "field \(name): \(values.isEmpty ? "true" : Condition.list(values.lazy.map(\.value)))"
        }
    }

    private static let mostShown = 4
    private static let longestShown = 40

    /// Long lists and long patterns are cut: who explains needs the gist, and it is stored with each ticket.
    private static func list(_ values: some Collection<String>) -> String {
        var text = ""
        for (index, value) in values.prefix(mostShown).enumerated() {
            if index > 0 { text += ", " }
            let isQuoted = value.utf8.contains { $0 == 0x20 || $0 == 0x2C }
            if isQuoted { text += "\"" }
            if value.utf8.count <= longestShown {
                text += value
            } else {
                text += String(value.unicodeScalars.prefix(longestShown)) + "…"
            }
            if isQuoted { text += "\"" }
        }
        return values.count > mostShown ? text + ", …" : text
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
