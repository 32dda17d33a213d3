/// Lists of small numbers by a number, one behind the other in one array: looked through without the cost of many.
struct Lists: Sendable {
    /// That of number `n` begins at `starts[n]`, and ends where the next one begins.
    private let starts: [Int32]
    private let all: [Int32]

    init(_ lists: [[Int32]]) {
        var starts: [Int32] = [0]
        starts.reserveCapacity(lists.count + 1)
        var count: Int32 = 0
        for list in lists {
            count += Int32(list.count)
            starts.append(count)
        }
        self.starts = starts
        all = Array(lists.joined())
    }

    @inline(__always)
    func forEach(_ number: Int, _ visit: (Int) -> Void) {
        for place in Int(starts[number])..<Int(starts[number + 1]) { visit(Int(all[place])) }
    }

    @inline(__always)
    func allSatisfy(_ number: Int, _ isTrue: (Int) -> Bool) -> Bool {
        for place in Int(starts[number])..<Int(starts[number + 1]) where !isTrue(Int(all[place])) { return false }
        return true
    }
}

/// Lists of numbers as runs of neighbours: what one rule asks has been numbered in one go, most of the time.
struct Runs: Sendable {
    /// Those of list `n` begin at `starts[n]`, and end where the next one's begin.
    private let starts: [Int32]
    private let runs: [Range<Int>]

    init(_ lists: [[Int]]) {
        var starts: [Int32] = [0]
        var runs: [Range<Int>] = []
        for list in lists {
            for number in list.sorted() {
                if runs.count > Int(starts[starts.count - 1]), let last = runs.last, number <= last.upperBound {
                    runs[runs.count - 1] = last.lowerBound..<max(last.upperBound, number + 1)
                } else {
                    runs.append(number..<number + 1)
                }
            }
            starts.append(Int32(runs.count))
        }
        self.starts = starts
        self.runs = runs
    }

    /// Whether a number of a list is in the set.
    func isAny(of list: Int, in set: Marks) -> Bool {
        for place in Int(starts[list])..<Int(starts[list + 1]) where set.hasAny(in: runs[place]) { return true }
        return false
    }
}
