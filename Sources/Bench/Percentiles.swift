/// Latencies at a glance, in milliseconds.
public struct Percentiles: Sendable {
    public let p50: Double
    public let p95: Double
    public let p99: Double
    public let max: Double

    /// - Parameter microseconds: in any order.
    public init(microseconds: [UInt32]) {
        let sorted = microseconds.sorted()
        func at(_ share: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            // The nearest rank: the smallest value that at least this share of all does not exceed.
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return Double(sorted[Swift.max(0, Swift.min(sorted.count - 1, rank - 1))]) / 1000
        }
        p50 = at(0.5)
        p95 = at(0.95)
        p99 = at(0.99)
        max = Double(sorted.last ?? 0) / 1000
    }
}
