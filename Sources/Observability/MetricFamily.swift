/// The labels' values of one series; unused ones are empty.
struct LabelValues: Hashable, Comparable {
    var first = ""
    var second = ""
    var third = ""

    static func < (a: LabelValues, b: LabelValues) -> Bool {
        (a.first, a.second, a.third) < (b.first, b.second, b.third)
    }
}

/// Series of one name with different labels. Their number is bounded: what exceeds it is counted under `other`, so that
/// no input can make it grow for ever.
struct MetricFamily {
    private(set) var values: [LabelValues: Double] = [:]
    let limit: Int

    init(limit: Int = 500) { self.limit = limit }

    mutating func add(_ amount: Double = 1, _ labels: LabelValues = LabelValues()) {
        if let known = values.index(forKey: labels) {
            values.values[known] += amount
        } else {
            values[values.count >= limit ? other(labels) : labels, default: 0] += amount
        }
    }

    mutating func set(_ value: Double, _ labels: LabelValues = LabelValues()) {
        values[values[labels] == nil && values.count >= limit ? other(labels) : labels] = value
    }

    private func other(_ labels: LabelValues) -> LabelValues {
        LabelValues(
            first: labels.first.isEmpty ? "" : "other", second: labels.second.isEmpty ? "" : "other",
            third: labels.third.isEmpty ? "" : "other")
    }
}

/// A distribution over fixed upper bounds.
struct Histogram {
    let bounds: [Double]
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(_ bounds: [Double]) {
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    mutating func record(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        counts[bucket] += 1
        sum += value
    }
}
