/// What is wrong with a set of rules; nothing of it can be used.
public struct RuleSetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One mistake: what it is, and what to do.
    public struct Finding: Hashable, Sendable {
        public let place: SourcePlace
        public let message: String
        public init(place: SourcePlace, message: String) {
            self.place = place
            self.message = message
        }
    }

    /// In the order of the rules; never empty.
    public let findings: [Finding]

    public init(findings: [Finding]) { self.findings = findings }

    public var description: String {
        findings.map { "\($0.place): error: \($0.message)" }.joined(separator: "\n")
    }
}
