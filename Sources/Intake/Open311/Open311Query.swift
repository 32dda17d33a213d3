import Civic
import Settings
import Store

/// What a GET asks for.
struct Open311Query {
    private let query: Open311Form

    /// Days at most that are told of at once, and requests.
    static let longest = Duration.seconds(90 * 86_400)
    static let most = 1000
    private static let lastPage = 1_000_000

    init(_ query: FormBody) { self.query = Open311Form(query) }

    subscript(_ name: String) -> String? { query[name] }

    /// Of requests. Named ones override all else.
    ///
    /// Without dates, the last 90 days; with one of two, 90 days from it or up to it; with both, the last 90 days between
    /// them. If it is asked when requests were changed, the dates of their opening count only if they are given.
    func requests(
        _ visibility: Tickets.Visibility, prefix: String, now: Timestamp
    ) throws(Open311Failure) -> Tickets.PublishedFilter {
        var filter = Tickets.PublishedFilter()
        if let ids = list("service_request_id") {
            guard ids.count <= Open311Query.most else {
                throw .wrong("service_request_id: more than \(Open311Query.most)")
            }
            filter.codes = ids.compactMap { TicketCode(parsing: $0, prefix: prefix)?.text }
            return filter
        }
        var faults: [String] = []
        filter.categories = list("service_code")
        filter.isClosed = isClosed(&faults)
        filter.updatedFrom = moment("updated_after", &faults)
        filter.updatedUntil = moment("updated_before", &faults)
        let window = window(&faults)
        if window.isGiven || (filter.updatedFrom == nil && filter.updatedUntil == nil) {
            (filter.openedFrom, filter.openedUntil) = window.clamped(to: now)
        } else {
            let updates = Window(from: filter.updatedFrom, until: filter.updatedUntil).clamped(to: now)
            (filter.updatedFrom, filter.updatedUntil) = updates
        }
        filter.box = box(&faults)
        (filter.limit, filter.offset) = page(&faults)
        guard faults.isEmpty else { throw Open311Failure(.badRequest, faults) }
        return filter
    }

    /// Of updates: without dates, the last day's.
    func updates(
        now: Timestamp
    ) throws(Open311Failure) -> (from: Timestamp, until: Timestamp, limit: Int, offset: Int) {
        var faults: [String] = []
        let window = window(&faults)
        let (limit, offset) = page(&faults)
        guard faults.isEmpty else { throw Open311Failure(.badRequest, faults) }
        let span = window.isGiven ? window.clamped(to: now) : (now + .seconds(-86_400), now)
        return (span.0, span.1, limit, offset)
    }

    // MARK: Parts

    private func list(_ name: String) -> [String]? {
        query[name].map { $0.split(separator: ",").map(\.trimmingSpaces).filter { !$0.isEmpty } }
    }

    private func isClosed(_ faults: inout [String]) -> Bool? {
        guard let words = list("status").map({ Set($0.map { $0.lowercased() }) }), !words.isEmpty else { return nil }
        if !words.isSubset(of: ["open", "closed"]) { faults.append("status: expected open, closed") }
        return words.count == 1 ? words.contains("closed") : nil
    }

    private func moment(_ name: String, _ faults: inout [String]) -> Timestamp? {
        guard let text = query[name] else { return nil }
        let moment = Open311Query.moment(text)
        if moment == nil { faults.append("\(name): expected a time such as 2026-11-21T09:30:00Z") }
        return moment
    }

    /// The protocol's times, as senders write them: a plus sign that was not percent-encoded has become a space; a day
    /// alone is its beginning, in UTC.
    static func moment(_ text: String) -> Timestamp? {
        if let moment = Timestamp(rfc3339: text) { return moment }
        guard text.utf8.count <= 40 else { return nil }
        if let space = text.lastIndex(of: " "),
            let moment = Timestamp(rfc3339: text[..<space] + "+" + text[text.index(after: space)...])
        {
            return moment
        }
        return CivilDate(text).flatMap { _ in Timestamp(rfc3339: text + "T00:00:00Z") }
    }

    private struct Window {
        var from: Timestamp?
        var until: Timestamp?
        var isGiven: Bool { from != nil || until != nil }

        func clamped(to now: Timestamp) -> (Timestamp, Timestamp) {
            let longest = Open311Query.longest
            switch (from, until) {
            case (nil, nil): return (now + (.zero - longest), now)
            case (let from?, nil): return (from, from + longest)
            case (nil, let until?): return (until + (.zero - longest), until)
            case (let from?, let until?): return (max(from, until + (.zero - longest)), until)
            }
        }
    }

    private func window(_ faults: inout [String]) -> Window {
        let window = Window(from: moment("start_date", &faults), until: moment("end_date", &faults))
        if let from = window.from, let until = window.until, until < from {
            faults.append("end_date: it lies before start_date")
        }
        return window
    }

    /// `page_size` requests, and those before them. Without it as many as there may be.
    private func page(_ faults: inout [String]) -> (limit: Int, offset: Int) {
        func number(_ name: String, _ range: ClosedRange<Int>, _ standard: Int) -> Int {
            guard let text = query[name] else { return standard }
            guard let number = Int(text), range.contains(number) else {
                faults.append("\(name): expected \(range.lowerBound) to \(range.upperBound)")
                return standard
            }
            return number
        }
        let size = number("page_size", 1...Open311Query.most, Open311Query.most)
        return (size, (number("page", 1...Open311Query.lastPage, 1) - 1) * size)
    }

    /// `bbox`: west, south, east, north.
    private func box(_ faults: inout [String]) -> Tickets.PublishedFilter.Box? {
        guard let text = query["bbox"] else { return nil }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
            Open311Report.number(String($0))
        }
        guard numbers.count == 4, let west = numbers[0], let south = numbers[1], let east = numbers[2],
            let north = numbers[3], west <= east, south <= north
        else {
            faults.append("bbox: expected west,south,east,north in degrees")
            return nil
        }
        return Tickets.PublishedFilter.Box(west: west, south: south, east: east, north: north)
    }
}
