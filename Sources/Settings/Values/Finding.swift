import Rules

/// One thing that is wrong, or doubtful, in a configuration: what, where, and what to do.
public struct Finding: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Severity: String, Hashable, Sendable {
        case error, warning
    }
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1.
    public let column: Int
    public let severity: Severity
    public let message: String

    public init(file: String, line: Int, column: Int, severity: Severity, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.severity = severity
        self.message = message
    }

    public init(_ severity: Severity, _ message: String, at place: SourcePlace) {
        self.init(file: place.file, line: place.line, column: place.column, severity: severity, message: message)
    }

    public var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(message)" }

    public static func < (a: Finding, b: Finding) -> Bool {
        (a.file, a.line, a.column, a.message) < (b.file, b.line, b.column, b.message)
    }
}
