import Civic

/// When the other side is asked what became of a message that it took: ever more seldom, and some day no more.
public struct WatchSchedule: Hashable, Sendable {
    /// How old a message is when it is asked for, the youngest first.
    public let ages: [Duration]

    /// The first of all, for who records that a message was taken.
    public static let first = Duration.seconds(60)
    private static let usual: [Duration] = [
        first, .seconds(5 * 60), .seconds(30 * 60), .seconds(3 * 3600), .seconds(24 * 3600), .seconds(7 * 86_400),
    ]

    /// - Parameter unread: the age at which it matters whether a message was read.
    public init(unread: Duration? = nil) {
        var ages = WatchSchedule.usual
        if let unread, unread > ages[0], unread < ages[ages.count - 1], !ages.contains(unread) { ages.append(unread) }
        self.ages = ages.sorted()
    }

    /// - Returns: nil once the last time has come. What was missed meanwhile is not made up for.
    public func next(after now: Timestamp, taken: Timestamp) -> Timestamp? {
        ages.lazy.map { taken + $0 }.first { $0 > now }
    }

    /// After a question that got no answer: soon again, though not for ever.
    public func again(in pause: Duration, now: Timestamp, taken: Timestamp) -> Timestamp? {
        guard let last = ages.last, now < taken + last + .seconds(86_400) else { return nil }
        return now + pause
    }
}
