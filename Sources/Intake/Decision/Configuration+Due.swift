import Civic
import Settings
import Store

extension Configuration {
    /// When a target is over, by the calendar of the office that answers, else by the city's.
    public func due(target: TargetTime, office: String, from start: Timestamp) -> Timestamp {
        calendar(of: office).due(target, from: start)
    }

    private func calendar(of office: String) -> WorkCalendar {
        let name = directory.offices[office]?.calendar ?? city.calendar
        return name.flatMap { calendars[$0] } ?? WorkCalendar(name: "always", zone: city.zone, week: [:], holidays: [])
    }

    /// The due time of a ticket by its category's target: the same facts always give the same time.
    public func due(category: String?, office: String, from start: Timestamp) -> Timestamp {
        due(target: category.flatMap { categories[$0]?.target } ?? city.target, office: office, from: start)
    }

    /// When citizens and offices are told, and what a wait for the citizen does to a ticket's time.
    public var timing: Timing {
        Timing(
            plan: { notifications.plan($0) },
            due: { due, wait, target, category, office in
                calendar(of: office).due(
                    due, afterWaitingFrom: wait.from, to: wait.to,
                    for: target ?? category.flatMap { categories[$0]?.target } ?? city.target)
            })
    }
}
