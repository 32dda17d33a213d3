/// Where a point lies among a city's areas.
public enum AreaPlace: Hashable, Sendable {
    /// Inside this area (its code), farther from every border than the map's tolerance.
    case certain(String)
    /// So near a border that a phone's position cannot tell; the codes of the areas it may be, the one that contains
    /// the point first.
    case boundary([String])
    /// Certainly in none of the areas.
    case outside
    /// No place is known, or the coordinates are not a place on Earth.
    case unknown
}

extension AreaPlace {
    /// All areas that it may be in, the likeliest first.
    var codes: [String] {
        switch self {
        case .certain(let code): [code]
        case .boundary(let codes): codes
        case .outside, .unknown: []
        }
    }
}
