import Civic
import Settings

extension Configuration {
    /// When a target is over, by the calendar of the office that answers, else by the city's.
    public func due(target: TargetTime, office: String, from start: Timestamp) -> Timestamp {
        let name = directory.offices[office]?.calendar ?? city.calendar
        let calendar =
            name.flatMap { calendars[$0] } ?? WorkCalendar(name: "always", zone: city.zone, week: [:], holidays: [])
        return calendar.due(target, from: start)
    }

    /// The due time of a ticket by its category's target: the same facts always give the same time.
    public func due(category: String?, office: String, from start: Timestamp) -> Timestamp {
        due(target: category.flatMap { categories[$0]?.target } ?? city.target, office: office, from: start)
    }
}
