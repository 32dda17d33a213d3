/// Reads RE2's syntax, which is known to be valid.
struct ExpressionParser {
    private var rest: Substring.UnicodeScalarView
    private var ignoresCase = true

    init(_ source: String) { rest = source[...].unicodeScalars }

    private mutating func take() -> Unicode.Scalar? { rest.popFirst() }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest.removeFirst(text.unicodeScalars.count)
        return true
    }

    mutating func choice() -> Expression {
        var parts = [sequence()]
        while take("|") { parts.append(sequence()) }
        return parts.count == 1 ? parts[0] : .choice(parts)
    }

    private mutating func sequence() -> Expression {
        var parts: [Expression] = []
        while let next = rest.first, next != "|", next != ")" {
            guard let atom = atom() else { continue }
            parts.append(repeated(atom))
        }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func repeated(_ atom: Expression) -> Expression {
        var result = atom
        while let next = rest.first {
            switch next {
            case "*", "?": result = .times(0, result)
            case "+": result = .times(1, result)
            case "{":
                guard let end = rest.firstIndex(of: "}") else { return result }
                let digits = rest[rest.index(after: rest.startIndex)..<end]
                guard let least = Int(String(String.UnicodeScalarView(digits.prefix { $0 != "," }))) else {
                    return result
                }
                result = .times(least, result)
                rest = rest[end...]
            default: return result
            }
            rest.removeFirst()
        }
        return result
    }

    /// - Returns: nil for what is no part of the text, such as flags.
    private mutating func atom() -> Expression? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "(": return group()
        case "[": return bracket()
        case "\\": return escape()
        case ".": return .one(of: nil, sample: "x")
        case "^", "$": return .place
        default: return letter(scalar)
        }
    }

    private func letter(_ scalar: Unicode.Scalar) -> Expression {
        let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
        return ignoresCase && lower != scalar
            ? .one(of: [lower, scalar], sample: lower) : .one(of: [scalar], sample: scalar)
    }

    private mutating func group() -> Expression? {
        let outer = ignoresCase
        if take("?") {
            if take("P<") || take("<") {
                while let next = take(), next != ">" {}
            } else {
                var isOn = true
                while let flag = take(), flag != ":" {
                    if flag == "-" { isOn = false }
                    if flag == "i" { ignoresCase = isOn }
                    // To the end of the group around it.
                    if flag == ")" { return nil }
                }
            }
        }
        let inner = choice()
        _ = take(")")
        ignoresCase = outer
        return inner
    }

    private mutating func escape() -> Expression? {
        guard let scalar = take() else { return nil }
        switch scalar {
        case "b", "B", "A", "z": return .place
        case "d": return .one(of: nil, sample: "1")
        case "w": return .one(of: nil, sample: "x")
        case "s", "W", "D": return .one(of: nil, sample: " ")
        case "S", "C": return .one(of: nil, sample: "x")
        case "p", "P":
            if take("{") { while let next = take(), next != "}" {} } else { _ = take() }
            return .one(of: nil, sample: "x")
        case "Q":
            var parts: [Expression] = []
            while !rest.isEmpty, !take("\\E") { if let next = take() { parts.append(letter(next)) } }
            return .sequence(parts)
        default: return letter(escaped(scalar))
        }
    }

    private mutating func escaped(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "a": return "\u{7}"
        case "x":
            let isLong = take("{")
            var digits = ""
            while let next = rest.first, next.properties.isHexDigit, isLong || digits.count < 2 {
                digits.unicodeScalars.append(next)
                rest.removeFirst()
            }
            if isLong { _ = take("}") }
            return UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? scalar
        default: return scalar
        }
    }

    private mutating func bracket() -> Expression {
        let isNegated = take("^")
        var scalars: [Unicode.Scalar] = []
        var isOpen = isNegated
        var isFirst = true
        var sample: Unicode.Scalar?
        while let scalar = take(), scalar != "]" || isFirst {
            isFirst = false
            if scalar == "[", take(":") {
                while let next = take(), next != "]" {}
                isOpen = true
                continue
            }
            guard let low = member(scalar, &isOpen, &sample) else { continue }
            var high = low
            if rest.first == "-", rest.dropFirst().first != "]" {
                rest.removeFirst()
                if let end = take() { high = member(end, &isOpen, &sample) ?? low }
            }
            sample = sample ?? low
            if low.value <= high.value, high.value - low.value < 256 {
                for value in low.value...high.value {
                    guard let scalar = Unicode.Scalar(value) else { continue }
                    scalars.append(scalar)
                    if ignoresCase { scalars += scalar.properties.lowercaseMapping.unicodeScalars.prefix(1) }
                }
            } else {
                isOpen = true
            }
        }
        let lower = sample?.properties.lowercaseMapping.unicodeScalars.first
        if isNegated { return .one(of: nil, sample: scalars.contains("x") || sample == "x" ? "1" : "x") }
        return .one(of: isOpen ? nil : scalars, sample: (ignoresCase ? lower : sample) ?? "x")
    }

    /// One scalar of a class; nil for an escape that stands for many.
    private mutating func member(
        _ scalar: Unicode.Scalar, _ isOpen: inout Bool, _ sample: inout Unicode.Scalar?
    ) -> Unicode.Scalar? {
        guard scalar == "\\", let next = take() else { return scalar }
        switch next {
        case "d", "w", "s", "D", "W", "S", "p", "P":
            if next == "p" || next == "P" {
                if take("{") { while let end = take(), end != "}" {} } else { _ = take() }
            }
            isOpen = true
            sample = sample ?? (next == "d" || next == "w" ? "1" : next == "s" ? " " : "x")
            return nil
        default: return escaped(next)
        }
    }
}
