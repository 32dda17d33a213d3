import Mustache
import Synchronization

/// A Mustache template that is rendered once for each set of variables that are there; afterwards their values are put
/// into the places that were found.
///
/// That is sound because all values are text: what a template says then depends on which variables there are, not on
/// what they hold. Where it is not so (checked when the places are found), Mustache renders each time.
final class CachedTemplate: Sendable {
    private let template: MustacheTemplate
    private let library: MustacheLibrary?
    private let found = Mutex<[Set<String>: TemplateSkeleton?]>([:])

    /// Sets of variables of which the places are kept: more than templates have use for.
    private static let mostSets = 64

    init(_ template: MustacheTemplate, library: MustacheLibrary? = nil) {
        self.template = template
        self.library = library
    }

    func render(_ variables: [String: String]) -> String {
        skeleton(Set(variables.keys))?.filled(with: variables) ?? renderedByMustache(variables)
    }

    private func renderedByMustache(_ variables: [String: String]) -> String {
        library.map { template.render(variables, library: $0) } ?? template.render(variables)
    }

    private func skeleton(_ names: Set<String>) -> TemplateSkeleton? {
        if let known = found.withLock({ $0[names] }) { return known }
        let skeleton = TemplateSkeleton(names: names.sorted(), render: renderedByMustache)
        found.withLock { if $0.count < Self.mostSets { $0[names] = .some(skeleton) } }
        return skeleton
    }
}

/// What a template says around the values of its variables.
struct TemplateSkeleton: Sendable {
    private struct Place: Sendable {
        var before: String
        var name: String
        var isEscaped: Bool
    }

    private var places: [Place] = []
    private var end = ""
    private var length = 0

    /// Characters for private use, which nobody writes into a template: they stand around a variable's number. The
    /// angle bracket tells whether Mustache escapes the value for HTML.
    private static let (opening, closing): (Unicode.Scalar, Unicode.Scalar) = ("\u{10F000}", "\u{10F001}")
    private static let firstNumber: UInt32 = 0x10F100

    /// - Parameter render: Mustache.
    /// - Returns: nil if the text is not made of fixed pieces and values alone.
    init?(names: [String], render: ([String: String]) -> String) {
        guard names.count < 256 else { return nil }
        var marked: [String: String] = [:]
        for (index, name) in names.enumerated() {
            guard let number = Unicode.Scalar(Self.firstNumber + UInt32(index)) else { return nil }
            marked[name] = "\(Self.opening)\(number)<\(Self.closing)"
        }
        var rest = render(marked).unicodeScalars[...]
        while let start = rest.firstIndex(of: Self.opening) {
            guard let stop = rest[start...].firstIndex(of: Self.closing) else { return nil }
            let mark = rest[rest.index(after: start)..<stop]
            guard let number = mark.first, number.value >= Self.firstNumber,
                names.indices.contains(Int(number.value - Self.firstNumber))
            else { return nil }
            let kind = String(mark.dropFirst())
            guard kind == "<" || kind == "&lt;" else { return nil }
            places.append(
                Place(
                    before: String(rest[..<start]), name: names[Int(number.value - Self.firstNumber)],
                    isEscaped: kind != "<"))
            rest = rest[rest.index(after: stop)...]
        }
        end = String(rest)
        length = places.reduce(end.utf8.count) { $0 + $1.before.utf8.count + 32 }
        // Lines that Mustache would indent, or anything else that depends on the values, shows here.
        let probe = Dictionary(uniqueKeysWithValues: names.map { ($0, "<\($0)>\n & \"'\u{E8}\n") })
        guard filled(with: probe) == render(probe) else { return nil }
    }

    func filled(with variables: [String: String]) -> String {
        var text = ""
        text.reserveCapacity(length)
        for place in places {
            text += place.before
            guard let value = variables[place.name] else { continue }
            if place.isEscaped { Self.appendEscaped(value, to: &text) } else { text += value }
        }
        text += end
        return text
    }

    private static func appendEscaped(_ value: String, to text: inout String) {
        let isPlain = value.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
            default: true
            }
        }
        if isPlain { return text += value }
        for scalar in value.unicodeScalars {
            switch scalar {
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "&": text += "&amp;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
