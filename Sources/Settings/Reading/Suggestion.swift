/// The one of `candidates` that `name` was probably meant to be.
public func nearest(_ name: String, among candidates: some Sequence<String>) -> String? {
    let written = Array(name.unicodeScalars)
    let limit = max(1, written.count / 3)
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
        let other = Array(candidate.unicodeScalars)
        guard abs(other.count - written.count) <= limit else { continue }
        let distance = editDistance(written, other)
        guard distance <= limit else { continue }
        // Of two that are as near, always the same one.
        if let known = best, (known.distance, known.candidate) < (distance, candidate) { continue }
        best = (candidate, distance)
    }
    return best?.candidate
}

/// Levenshtein's distance, where two swapped neighbours count as one change.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var last = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    var row = previous
    for i in 1...a.count {
        row[0] = i
        for j in 1...b.count {
            var cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { cost = min(cost, last[j - 2] + 1) }
            row[j] = cost
        }
        (last, previous, row) = (previous, row, last)
    }
    return previous[b.count]
}
