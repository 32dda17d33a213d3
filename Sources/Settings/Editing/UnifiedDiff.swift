/// The difference between two texts as `patch` and `git apply` read it.
public enum UnifiedDiff {
    private static let context = 3

    /// - Parameters:
    ///   - path: of the file, as seen from where the patch will be applied. A leading `./` is written before it, so that
    ///     `patch -p0` and `git apply`, which drops one component, both find the file.
    /// - Returns: nothing if the texts are the same.
    public static func between(_ old: String, _ new: String, path: String) -> String {
        let (before, after) = (lines(old), lines(new))
        let changes = after.difference(from: before)
        guard !changes.isEmpty else { return "" }
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var steps: [(sign: Character, line: String)] = []
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removed.contains(left) {
                steps.append(("-", before[left]))
                left += 1
            } else if inserted.contains(right) {
                steps.append(("+", after[right]))
                right += 1
            } else {
                steps.append((" ", before[left]))
                left += 1
                right += 1
            }
        }
        return "--- ./\(path)\n+++ ./\(path)\n" + hunks(steps)
    }

    /// Each with its line feed; a last one without says so.
    private static func lines(_ text: String) -> [String] {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            String($0) + "\n"
        }
        let last = lines.removeLast()
        if last != "\n" { lines.append(last + "\\ No newline at end of file\n") }
        return lines
    }

    private static func hunks(_ steps: [(sign: Character, line: String)]) -> String {
        let changed = steps.indices.filter { steps[$0].sign != " " }
        var ranges: [Range<Int>] = []
        for index in changed {
            let range = max(0, index - context)..<min(steps.count, index + context + 1)
            if let last = ranges.last, range.lowerBound <= last.upperBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges.map { range in
            func count(_ signs: String, _ part: Range<Int>) -> Int { part.count { signs.contains(steps[$0].sign) } }
            // A part without lines is told by the line before it.
            func span(_ signs: String) -> String {
                let lines = count(signs, range)
                return "\(count(signs, 0..<range.lowerBound) + (lines == 0 ? 0 : 1)),\(lines)"
            }
            return "@@ -\(span(" -")) +\(span(" +")) @@\n" + range.map { "\(steps[$0].sign)\(steps[$0].line)" }.joined()
        }.joined()
    }
}
