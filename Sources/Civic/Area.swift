/// A district with its outline.
public struct Area: Hashable, Sendable {
    /// A closed line; the first point need not be repeated.
    public typealias Ring = [GeoPoint]
    public struct Polygon: Hashable, Sendable {
        public let outer: Ring
        public let holes: [Ring]
        public init(outer: Ring, holes: [Ring] = []) {
            self.outer = outer
            self.holes = holes
        }
    }

    public let code: String
    public let names: [String: String]
    /// What a form may call it (`7`, `VII`, `Municipio VII`); compared folded by whoever reads the form.
    public let aliases: [String]
    public let polygons: [Polygon]

    public init(code: String, names: [String: String], aliases: [String] = [], polygons: [Polygon]) {
        self.code = code
        self.names = names
        self.aliases = aliases
        self.polygons = polygons
    }

    /// What a form may write for it.
    public var spokenNames: [String] { [code] + names.values + aliases }

    /// Not areas, but what can be said instead of one.
    public static let reserved: Set<String> = ["outside", "boundary", "unknown"]
}
