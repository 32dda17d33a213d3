/// The fields of a report's machine-readable part: groups of them, with empty lines between (RFC 3464, 2.1).
enum ReportFields {
    /// Names in lower case, unfolded; at most 200 groups.
    static func groups(_ text: String) -> [[String: String]] {
        var groups: [[String: String]] = [[:]]
        var last: String?
        for line in text.lineSlices {
            if line.allSatisfy(\.isWhitespace) {
                if groups[groups.count - 1].isEmpty { continue }
                if groups.count == 200 { break }
                groups.append([:])
                last = nil
            } else if line.first == " " || line.first == "\t" {
                guard let name = last, let value = groups[groups.count - 1][name], value.utf8.count < 2_000 else {
                    continue
                }
                groups[groups.count - 1][name] = value + " " + line.trimmingSpaces
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon].trimmingSpaces.lowercased()
                guard !name.isEmpty, name.utf8.count < 80 else { continue }
                last = groups[groups.count - 1][name] == nil ? name : nil
                if last != nil { groups[groups.count - 1][name] = line[line.index(after: colon)...].trimmingSpaces }
            }
        }
        return groups.filter { !$0.isEmpty }
    }
}
