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
