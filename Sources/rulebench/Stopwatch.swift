import Foundation

/// Times a piece of work for each of many messages.
struct Stopwatch {
    /// Runs over all messages; the first is reported alone, of the others the fastest counts. Means are of the
    /// processor's time: the machine has other things to do, too. Single messages are timed by the clock on the wall,
    /// which is quicker to read.
    static let passes = 7

    struct Result {
        /// All in microseconds a message.
        var first = 0.0
        var mean = Double.infinity
        var p50 = 0.0
        var p99 = 0.0
        /// What the work returned, added up over one pass.
        var hits = 0
    }

    /// - Parameter work: on the message of this number.
    static func measure(_ count: Int, _ work: (Int) -> Int) -> Result {
        var result = Result()
        var times = [UInt64](repeating: 0, count: count)
        for pass in 0..<passes {
            var hits = 0
            let began = now(CLOCK_THREAD_CPUTIME_ID)
            for index in 0..<count {
                let start = now(CLOCK_MONOTONIC)
                hits += work(index)
                times[index] = now(CLOCK_MONOTONIC) - start
            }
            let mean = Double(now(CLOCK_THREAD_CPUTIME_ID) - began) / Double(max(1, count)) / 1000
            if pass == 0 {
                result.first = mean
            } else if mean < result.mean {
                let sorted = times.sorted()
                result.mean = mean
                result.p50 = Double(sorted[sorted.count / 2]) / 1000
                result.p99 = Double(sorted[sorted.count * 99 / 100]) / 1000
            }
            result.hits = hits
        }
        return result
    }

    /// - Returns: what the work returned, and how long the processor took for it in milliseconds, on all threads.
    static func time<R>(_ work: () throws -> R) rethrows -> (R, milliseconds: Double) {
        let start = now(CLOCK_PROCESS_CPUTIME_ID)
        let result = try work()
        return (result, Double(now(CLOCK_PROCESS_CPUTIME_ID) - start) / 1_000_000)
    }

    private static func now(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The process's memory, in MiB.
    static var memory: Double {
        let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = statm.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}
