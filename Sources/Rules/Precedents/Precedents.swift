import Synchronization

/// The precedents of a city, and what is learned from them: when first asked, or when told to prepare.
public final class Precedents: Sendable {
    package let precedents: [Precedent]
    private let urgent: Set<String>
    private let model = Mutex<PrecedentModel?>(nil)

    /// A city may write down this many: they are learned within seconds.
    public static let most = 50_000
    /// All together, in UTF-8: what is learned from takes some twenty times the memory while it is learned.
    public static let mostBytes = 8 << 20
    /// In UTF-8: what is longer teaches little more.
    public static let longestText = 10_000

    /// - Parameters:
    ///   - urgent: the categories that are urgent.
    public init(_ precedents: [Precedent], urgent: Set<String> = []) {
        self.precedents = precedents
        self.urgent = urgent
    }

    public var isEmpty: Bool { precedents.isEmpty }

    /// What they may file a message as.
    public var categories: Set<String> { Set(precedents.compactMap(\.category)) }

    /// Learns now: some tenths of a second for some thousand texts.
    public func prepare() { _ = learned }

    var learned: PrecedentModel {
        model.withLock { model in
            if let model { return model }
            let made = PrecedentModel(precedents, urgent: urgent)
            model = made
            return made
        }
    }
}
