import Foundation
import Rules
import Yams

/// One YAML file as a tree with places. Reading is bounded in size and depth, and never expands anything.
struct YAMLFile {
    /// Bytes. A city's rules fit many times.
    static let limit = 8 << 20

    let name: String
    let root: Node?

    /// - Throws: `Finding`s: not UTF-8, too large, not YAML.
    init(name: String, bytes: Data) throws(Findings) {
        self.name = name
        func fail(_ message: String, line: Int = 1, column: Int = 1) -> Findings {
            Findings([Finding(file: name, line: line, column: column, severity: .error, message: message)])
        }
        guard bytes.count <= YAMLFile.limit else {
            throw fail("the file is larger than \(YAMLFile.limit >> 20) MiB: split it")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw fail("the file is not UTF-8: save it as UTF-8")
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        if let line = YAMLFile.lineOfAlias(in: text) {
            throw fail("anchors and aliases (& and *) are not read here: write the value out", line: line)
        }
        do {
            root = try YAMLFile.compose(text)
        } catch YamlError.scanner(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.parser(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.composer(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.reader(let problem, _, _, _) {
            throw fail("the file holds a character that YAML forbids (\(problem)): remove it")
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            throw fail(
                "the key \(duplicates.first ?? "") stands twice: remove one", line: context.mark.line,
                column: context.mark.column)
        } catch {
            throw fail("the file cannot be read as YAML")
        }
    }

    func place(_ node: Node) -> SourcePlace {
        SourcePlace(file: name, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    var start: SourcePlace { SourcePlace(file: name, line: 1, column: 1) }

    /// libyaml stops at a depth of 1000; composing that deep needs more stack than a pool thread has.
    private static func compose(_ text: String) throws -> Node? {
        nonisolated(unsafe) var result: Result<Node?, any Error> = .success(nil)
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            result = Result { try Yams.compose(yaml: text, .basic) }
            done.signal()
        }
        thread.stackSize = 64 << 20
        thread.start()
        done.wait()
        return try result.get()
    }

    /// A name that is both anchored and referred to. A few nested aliases expand to more nodes than any memory holds.
    private static func lineOfAlias(in text: String) -> Int? {
        var anchors = Set<Substring>()
        var uses: [(name: Substring, line: Int)] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard line.utf8.contains(UInt8(ascii: "&")) || line.utf8.contains(UInt8(ascii: "*")) else { continue }
            var previous: Character = " "
            var index = line.startIndex
            while index < line.endIndex {
                let character = line[index]
                if character == "&" || character == "*", " \t-:,[{?".contains(previous) {
                    let name = line[line.index(after: index)...].prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                    if !name.isEmpty {
                        if character == "&" { anchors.insert(name) } else { uses.append((name, number + 1)) }
                    }
                }
                previous = character
                index = line.index(after: index)
            }
        }
        return uses.first { anchors.contains($0.name) }?.line
    }

    /// libyaml's words, for people who did not write libyaml.
    private static func plain(_ problem: String) -> String {
        switch problem {
        case let text where text.contains("tab"): "a tab stands where spaces belong: indent with spaces"
        case "mapping values are not allowed in this context":
            "a colon is not expected here: check the indentation, or put the text in quotes"
        case let text where text.contains("could not find expected ':'"): "a colon is missing after the key"
        case let text where text.contains("did not find expected key"): "a key is expected here: check the indentation"
        case let text where text.contains("did not find expected '-'"): "a list entry is expected here: check the indentation"
        case let text where text.contains("exceeded max depth") || text.contains("nesting"): "the file is nested too deeply"
        default: "not YAML: \(problem)"
        }
    }
}

/// Several findings, as one error.
public struct Findings: Error, Sendable, CustomStringConvertible {
    public let all: [Finding]
    public init(_ all: [Finding]) { self.all = all }
    public var description: String { all.map(\.description).joined(separator: "\n") }
}
