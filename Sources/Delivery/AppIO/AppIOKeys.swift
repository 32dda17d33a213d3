/// The two keys of a service. App IO accepts both, so that one can be replaced while the other is in use.
///
/// Of a 401 the sender asks `refused`: an attempt tries at most both keys. The one that works is used first from then
/// on. After both were refused, the next attempt (once an operator has acted, or the pause is over) tries both again.
public struct AppIOKeys: Sendable {
    public enum Next: Hashable, Sendable {
        case tryOther(key: String)
        case stopped(reason: String)
    }

    private let keys: [String]
    private var index = 0
    private var refusedKeys: Set<Int> = []

    public init(primary: String, secondary: String? = nil) {
        keys = [primary] + (secondary.map { $0.isEmpty || $0 == primary ? [] : [$0] } ?? [])
    }

    /// The key to use first.
    public var current: String { keys[index] }

    /// - Parameter key: the one that was sent; other requests may have changed `current` since.
    public mutating func refused(_ key: String) -> Next {
        guard let used = keys.firstIndex(of: key) else { return .tryOther(key: current) }
        refusedKeys.insert(used)
        if let other = keys.indices.first(where: { !refusedKeys.contains($0) }) {
            index = other
            return .tryOther(key: keys[other])
        }
        refusedKeys = []
        return .stopped(reason: keys.count > 1 ? "App IO refused both keys" : "App IO refused the key")
    }

    /// After any answer but a 401.
    public mutating func worked(_ key: String) {
        guard let used = keys.firstIndex(of: key) else { return }
        index = used
        refusedKeys = []
    }
}

extension AppIOKeys: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Keys are secrets: nothing of them is shown.
    public var description: String { "AppIOKeys(\(keys.count))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
