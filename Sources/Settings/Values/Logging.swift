/// What is logged.
public struct Logging: Hashable, Sendable {
    public enum Level: String, Hashable, Sendable, CaseIterable {
        case debug, info, notice, warning, error
    }
    public var level: Level
}
