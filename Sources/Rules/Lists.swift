/// Lists of small numbers by a number, one behind the other in one array: looked through without the cost of many.
struct Lists: Sendable {
    /// A number that stands in a list.
    struct Entry {
        let list: Int32
        let value: Int32

        init(list: Int, value: Int) {
            self.list = Int32(truncatingIfNeeded: list)
            self.value = Int32(truncatingIfNeeded: value)
        }
    }

    /// That of number `n` begins at `starts[n]`, and ends where the next one begins.
    private let starts: [Int32]
    private let all: [Int32]

    var count: Int { starts.count - 1 }

    /// Lists whose entries are known in whatever order: each list has its own in theirs.
    init(_ entries: [Entry], count: Int) {
        var ends = [Int32](repeating: 0, count: count + 1)
        for entry in entries { ends[Int(entry.list) + 1] += 1 }
        for list in 0..<count { ends[list + 1] += ends[list] }
        starts = ends
        var all = [Int32](repeating: 0, count: entries.count)
        for entry in entries {
            let place = Int(ends[Int(entry.list)])
            all[place] = entry.value
            ends[Int(entry.list)] += 1
        }
        self.all = all
    }

    subscript(number: Int) -> ArraySlice<Int32> { all[Int(starts[number])..<Int(starts[number + 1])] }

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
