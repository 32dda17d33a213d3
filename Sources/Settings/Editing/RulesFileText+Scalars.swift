/// How patterns are written in YAML.
extension RulesFileText {
    /// Words that YAML 1.1 reads as something else.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// A pattern as an entry of a list: plain if it is one plain word, else between double quotes.
    static func written(_ pattern: String) -> Line {
        let scalars = Array(pattern.unicodeScalars)
        let isPlain =
            scalars.first.map { ("a"..."z").contains($0) } ?? false
            && scalars.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) }
        return isPlain && !reserved.contains(pattern) ? scalars : quoted(pattern)
    }

    static func quoted(_ text: String) -> Line {
        var line: Line = ["\""]
        for scalar in text.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { line.append("\\") }
            line.append(scalar)
        }
        return line + ["\""]
    }

    /// Where the scalar that begins at `start` ends in the line; nil if it does not end there.
    static func end(of value: String, in line: Line, from start: Int) -> Int? {
        let quote = line[start]
        guard quote == "\"" || quote == "'" else {
            let scalars = Array(value.unicodeScalars)
            return line[start...].starts(with: scalars) ? start + scalars.count : nil
        }
        var index = start + 1
        while index < line.count {
            if quote == "\"", line[index] == "\\" {
                index += 2
                continue
            }
            if line[index] == quote {
                // Within single quotes, two of them are one.
                guard quote == "'", index + 1 < line.count, line[index + 1] == "'" else { return index + 1 }
                index += 1
            }
            index += 1
        }
        return nil
    }
}
