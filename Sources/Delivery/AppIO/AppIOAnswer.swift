import Civic
import FoundationEssentials

/// What App IO answered, as far as it matters here.
public struct AppIOAnswer: Sendable {
    public let status: Int
    /// The first header of that name, whatever its case.
    public let header: @Sendable (String) -> String?
    public let body: [UInt8]

    public init(status: Int, header: @escaping @Sendable (String) -> String?, body: [UInt8]) {
        self.status = status
        self.header = header
        self.body = body
    }

    /// Longer than any pause that App IO's limits (seconds) ask for; a broken header must not silence a city for days.
    public static let longestPause = Duration.seconds(3600)

    /// How many calls App IO still allows in this period.
    public var remainingCalls: Int? { header("x-rate-limit-remaining").flatMap(AppIOAnswer.count) }

    /// The longest of the pauses that the headers ask for. App IO's gateway puts its own in `x-rate-limit-retry-after`
    /// *instead* of in `Retry-After`; what stands before the gateway may send the latter.
    public func retryAfter(now: Timestamp) -> Duration? {
        let own = header("x-rate-limit-retry-after").flatMap(AppIOAnswer.count).map(Duration.seconds)
        let standard = header("retry-after").flatMap { value -> Duration? in
            if let seconds = AppIOAnswer.count(value) { return .seconds(seconds) }
            return HTTPDate.parse(value).map { max(.zero, $0 - now) }
        }
        return [own, standard].compactMap(\.self).max().map { min($0, AppIOAnswer.longestPause) }
    }

    /// For logs and for the record: status, title and detail, with nobody's fiscal code in it.
    var reason: String {
        let problem = problem
        let words = [problem.title, problem.detail ?? problem.message].compactMap(\.self).filter { !$0.isEmpty }
        let text = words.joined(separator: ": ")
        return text.isEmpty ? "App IO answered \(status)" : "App IO answered \(status): \(Reason.cleaned(text))"
    }

    /// Azure's gateway answers with `statusCode` and `message`, App IO's functions with RFC 9457's `status` and `title`.
    /// A 404 of the gateway says that the address is wrong, not that the citizen is unknown.
    var isFromGateway: Bool { problem.statusCode != nil && problem.title == nil }

    /// A non-negative whole number, bounded so that no arithmetic on it can overflow.
    private static func count(_ text: String) -> Int? {
        let digits = PlainText.singleLine(text)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return min(Int(digits) ?? .max, 1_000_000_000)
    }

    private var problem: Problem { decoded(Problem.self) ?? Problem() }

    func decoded<Value: Decodable>(_ type: Value.Type) -> Value? {
        try? JSONDecoder().decode(type, from: Data(body))  // an unreadable body is a case of its own for every caller
    }

    private struct Problem: Decodable {
        var title: String?
        var detail: String?
        var message: String?
        var statusCode: Int?

        init() {}
        enum CodingKeys: String, CodingKey { case title, detail, message, statusCode }
        /// A member of another type than expected counts as absent.
        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            title = try? members.decodeIfPresent(String.self, forKey: .title)
            detail = try? members.decodeIfPresent(String.self, forKey: .detail)
            message = try? members.decodeIfPresent(String.self, forKey: .message)
            statusCode = try? members.decodeIfPresent(Int.self, forKey: .statusCode)
        }
    }
}

/// Dates of HTTP headers (RFC 9110, 5.6.7): the present form and the two obsolete ones that must be read.
enum HTTPDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    static func parse(_ text: String) -> Timestamp? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split { " ,-:".contains($0) }.map { $0.lowercased() }
        guard words.count >= 7 else { return nil }
        // Sun Nov  6 08:49:37 1994, else Sun, 06 Nov 1994 08:49:37 GMT or Sunday, 06-Nov-94 08:49:37 GMT
        let isOldest = months.contains(words[1])
        let (day, month, year) = isOldest ? (words[2], words[1], words[6]) : (words[1], words[2], words[3])
        let time = (isOldest ? words[3...5] : words[4...6]).compactMap { Int($0) }
        guard let month = months.firstIndex(of: month), let day = Int(day), let number = Int(year), time.count == 3,
            (0..<24).contains(time[0]), (0..<60).contains(time[1]), (0...60).contains(time[2]),
            let date = CivilDate(year: fullYear(number, digits: year.utf8.count), month: month + 1, day: day),
            (1970...9999).contains(date.year)
        else { return nil }
        let seconds = time[0] * 3600 + time[1] * 60 + time[2]
        return Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + Int64(seconds))
    }

    private static func fullYear(_ year: Int, digits: Int) -> Int {
        guard digits == 2 else { return year }
        return year < 70 ? 2000 + year : 1900 + year
    }
}
