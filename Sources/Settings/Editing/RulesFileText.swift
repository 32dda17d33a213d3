import Rules

/// The text of a rules file, to which patterns are added as a person would add them: comments, order and line breaks
/// stay, lists are continued in their own style, lines end at the usual column.
public struct RulesFileText {
    /// Why the text cannot take the patterns.
    public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        public let place: SourcePlace
        public let reason: String
        public var description: String { "\(place): \(reason)" }
    }

    static let longestLine = 120

    typealias Line = [Unicode.Scalar]
    private(set) var lines: [Line]
    /// What ends a new line before its line feed.
    private let lineEnd: Line

    public init(_ text: String) {
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        lineEnd = lines.first?.last == "\r" ? ["\r"] : []
    }

    public var text: String {
        var all = String.UnicodeScalarView()
        for (index, line) in lines.enumerated() {
            if index > 0 { all.append("\n") }
            all.append(contentsOf: line)
        }
        return String(all)
    }

    /// Adds patterns of one rule. Several edits of one file begin with the last, so that places stay true.
    public mutating func add(
        _ patterns: [String], to rule: RuleDefinition, at anchor: RuleEdit.Anchor
    ) throws(Failure) {
        switch anchor {
        case .after(let pattern): try insert(patterns, after: pattern)
        case .newExceptions: try insertExceptions(patterns, of: rule.place)
        }
    }

    // MARK: Lists

    private mutating func insert(_ patterns: [String], after pattern: Placed<String>) throws(Failure) {
        let place = pattern.place
        let (row, column) = (place.line - 1, place.column - 1)
        guard lines.indices.contains(row), lines[row].indices.contains(column) else {
            throw Failure(place: place, reason: "the file is not what was read: try again")
        }
        guard let end = RulesFileText.end(of: pattern.value, in: lines[row], from: column) else {
            throw Failure(place: place, reason: "the pattern goes over several lines: write it in one")
        }
        let before = lines[row][..<column].filter { $0 != " " }
        switch before.last {
        case nil, "[", ",": insertInFlow(patterns, row: row, end: end)
        case "-":
            guard before.count == 1 else { throw Failure(place: place, reason: "a list within a list") }
            let start = lines[row][..<column]
            lines.insert(
                contentsOf: patterns.map { start + RulesFileText.written($0) + lineEnd }, at: row + 1)
        case ":":
            // One pattern that stands for a list of one.
            var old = Array(lines[row][column..<end])
            if old.contains(where: { ",[]{}".unicodeScalars.contains($0) }), old.first != "\"", old.first != "'" {
                old = RulesFileText.quoted(pattern.value)
            }
            lines[row].replaceSubrange(column..<end, with: ["["] + old + ["]"])
            insertInFlow(patterns, row: row, end: column + 1 + old.count)
        default: throw Failure(place: place, reason: "the list is written in a way that is not understood")
        }
    }

    /// - Parameter end: behind the list's last pattern.
    private mutating func insertInFlow(_ patterns: [String], row: Int, end: Int) {
        var (row, end) = (row, end)
        for pattern in patterns {
            let word = RulesFileText.written(pattern)
            let length = lines[row].count - (lines[row].last == "\r" ? 1 : 0)
            if length + 2 + word.count <= RulesFileText.longestLine {
                lines[row].insert(contentsOf: [",", " "] + word, at: end)
                end += 2 + word.count
                continue
            }
            let indent = lines[row].prefix { $0 == " " }
            // A list that begins in this line is continued deeper than what it belongs to.
            let isContinued = !lines[row][..<end].contains("[")
            let start = isContinued ? Array(indent) : indent + Array(repeating: " ", count: 4)
            let tail = Array(lines[row][end...])
            lines[row].removeSubrange(end...)
            lines[row] += [","] + lineEnd
            lines.insert(start + word + tail, at: row + 1)
            row += 1
            end = start.count + word.count
        }
    }

    // MARK: New exceptions

    private mutating func insertExceptions(_ patterns: [String], of place: SourcePlace) throws(Failure) {
        func fail(_ reason: String) -> Failure { Failure(place: place, reason: reason) }
        let row = place.line - 1
        guard lines.indices.contains(row) else { throw fail("the file is not what was read: try again") }
        let dash = lines[row].prefix { $0 == " " || $0 == "-" }.count
        guard !lines[row].dropFirst(dash).starts(with: ["{"]) else {
            throw fail("the rule is written in one line: give its condition lines of its own")
        }
        // The rule's keys stand in the column of its name.
        var end = row + 1
        while end < lines.count, isBlank(end) || indent(end) >= dash { end += 1 }
        var first = row
        while first > 0, !lines[first].prefix(dash).contains("-"), isBlank(first - 1) || indent(first - 1) + 2 >= dash {
            first -= 1
        }
        let key = Array("when:".unicodeScalars)
        guard
            let when = (first..<end).first(where: {
                keyColumn($0) == dash && lines[$0].dropFirst(dash).starts(with: key)
            }),
            lines[when].dropFirst(dash + key.count).allSatisfy({ $0 == " " || $0 == "\r" })
        else { throw fail("the rule's condition is written in one line: give it lines of its own") }
        var last = when
        for line in when + 1..<end where !isBlank(line) {
            if indent(line) <= dash { break }
            last = line
        }
        guard last > when, let child = (when + 1...last).first(where: { !isBlank($0) }).map(indent) else {
            throw fail("the rule's condition is not understood")
        }
        let margin = Line(repeating: " ", count: child)
        let list = Array("  text: [".unicodeScalars) + RulesFileText.written(patterns[0])
        lines.insert(margin + Array("not:".unicodeScalars) + lineEnd, at: last + 1)
        lines.insert(margin + list + ["]"] + lineEnd, at: last + 2)
        insertInFlow(Array(patterns.dropFirst()), row: last + 2, end: margin.count + list.count)
    }

    /// The column of a line's first key; a dash before it is not counted.
    private func keyColumn(_ row: Int) -> Int { lines[row].prefix { $0 == " " || $0 == "-" }.count }
    private func indent(_ row: Int) -> Int { lines[row].prefix { $0 == " " }.count }

    /// Empty, or a comment.
    private func isBlank(_ row: Int) -> Bool {
        let first = lines[row].first { $0 != " " && $0 != "\r" }
        return first == nil || first == "#"
    }
}
