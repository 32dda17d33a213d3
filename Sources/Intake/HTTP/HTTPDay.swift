import Civic
import Glibc
import Synchronization

/// The `Date` of answers (RFC 9110, 5.6.7), made once a second.
enum HTTPDay {
    private static let last = Mutex<(second: Int64, text: String)>((-1, ""))

    static var now: String {
        let second = Int64(time(nil))
        return last.withLock { last in
            if last.second != second { last = (second, text(of: second)) }
            return last.text
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    static func text(of second: Int64) -> String {
        let local = Zone.utc.local(Timestamp(seconds: second))
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let date = local.date
        let time = [local.hour, local.minute, local.secondOfDay % 60].map(two).joined(separator: ":")
        return "\(days[date.weekday.rawValue]), \(two(date.day)) \(months[date.month - 1]) \(date.year) \(time) GMT"
    }
}
