import Foundation
import Rules
import Yams

/// One YAML file as a tree with places. Reading is bounded in size and depth, and never expands anything.
final class YAMLFile {
    /// Bytes. A city's rules fit many times.
    static let limit = 8 << 20

    let name: String
    let root: Node?

    /// - Parameter isDeep: whether this is one of `DeepThreads`.
    /// - Throws: `Finding`s: not UTF-8, too large, not YAML.
    init(name: String, bytes: Data, isDeep: Bool = false) throws(Findings) {
        self.name = name
        func fail(_ message: String, line: Int = 1, column: Int = 1) -> Findings {
            Findings([Finding(file: name, line: line, column: column, severity: .error, message: message)])
        }
        guard bytes.count <= YAMLFile.limit else {
            throw fail("the file is larger than \(YAMLFile.limit >> 20) MiB: split it")
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw fail("the file is not UTF-8: save it as UTF-8", line: YAMLFile.firstLineNotUTF8(bytes))
        }
        if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
        do {
            root = try isDeep ? YAMLFile.compose(text) : YAMLFile.composeElsewhere(text)
        } catch YamlError.scanner(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.parser(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.composer(_, let problem, let mark, _) {
            throw fail(YAMLFile.plain(problem), line: mark.line, column: mark.column)
        } catch YamlError.reader(let problem, let offset, _, let yaml) {
            let (line, column) = YAMLFile.position(of: offset ?? 0, in: yaml)
            throw fail("YAML forbids this character (\(problem)): remove it", line: line, column: column)
        } catch YamlError.duplicatedKeysInMapping(let duplicates, let context) {
            throw fail(
                "the key \(duplicates.first ?? "") stands twice: remove one", line: context.mark.line,
                column: context.mark.column)
        } catch let alias as YAMLAliases.Found {
            throw fail(
                "anchors and aliases (& and *) are not read here: write the value out, or put text in quotes",
                line: alias.line, column: alias.column)
        } catch {
            throw fail("the file cannot be read as YAML")
        }
    }

    /// - Returns: nil if it cannot be read, with the findings told to the reader.
    convenience init?(_ name: String, _ bytes: Data, _ reader: Reader, isDeep: Bool = false) {
        do throws(Findings) {
            try self.init(name: name, bytes: bytes, isDeep: isDeep)
        } catch {
            reader.add(error.all)
            return nil
        }
    }

    func place(_ node: Node) -> SourcePlace {
        SourcePlace(file: name, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    var start: SourcePlace { SourcePlace(file: name, line: 1, column: 1) }

    private static func composeElsewhere(_ text: String) throws -> Node? {
        nonisolated(unsafe) var result: Result<Node?, any Error> = .success(nil)
        DeepThreads.perform(1) { _ in result = Result { try compose(text) } }
        return try result.get()
    }

    private static func compose(_ text: String) throws -> Node? {
        try YAMLAliases.refuse(in: text)
        // With the encoding, which Yams would else look for in the environment.
        return try Yams.compose(yaml: text, .basic, .default, .utf8)
    }

    private static func firstLineNotUTF8(_ bytes: Data) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0) + 1
    }

    /// Line and column, from 1, of a byte.
    private static func position(of offset: Int, in text: String) -> (line: Int, column: Int) {
        let before = text.utf8.prefix(offset)
        let line = before.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return (line.count, (line.last.map { String(decoding: $0, as: UTF8.self).unicodeScalars.count } ?? 0) + 1)
    }

    /// libyaml's words, for people who did not write libyaml.
    private static func plain(_ problem: String) -> String {
        switch problem {
        case let text where text.contains("tab"): "a tab stands where spaces belong: indent with spaces"
        case "mapping values are not allowed in this context":
            "a colon is not expected here: check the indentation, or put the text in quotes"
        case let text where text.contains("could not find expected ':'"): "a colon is missing after the key"
        case let text where text.contains("did not find expected key"): "a key is expected here: check the indentation"
        case let text where text.contains("did not find expected '-'"):
            "a list entry is expected here: check the indentation"
        case let text where text.contains("exceeded max depth") || text.contains("nesting"):
            "the file is nested too deeply"
        case let text where text.contains("expected ',' or '"): "a comma or the closing bracket is missing before this"
        case "found unexpected end of stream": "the file ends within a quoted text: the closing quote is missing"
        case "found unknown escape character": "a backslash means something else between \"…\": use '…'"
        case "found undefined alias", "did not find expected alphabetic or numeric character":
            "text that begins with * or & stands in quotes"
        case "found character that cannot start any token": "text that begins with this character stands in quotes"
        case "but found another document": "a file holds one document: remove the line ---"
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
