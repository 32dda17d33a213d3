import Civic
import Settings
import Store

/// The values that a notification's template may name, as the citizen reads them: names instead of codes, the city's
/// time zone.
struct Facts {
    let configuration: Configuration
    let statusURL: @Sendable (_ code: String) -> String
    /// See `Instance.threadToken`.
    let threadToken: @Sendable (_ code: String) -> String

    func variables(of owed: OwedNotification) -> [String: String] {
        let city = configuration.city
        let zone = city.zone
        func office(_ code: String) -> String {
            configuration.directory.offices[code]?
                .name(on: zone.local(owed.eventAt).date, in: owed.language, fallback: city.language) ?? code
        }
        var variables = [
            "code": owed.code, "city": city.name, "office": office(owed.office), "date": day(owed.eventAt, zone),
            "opened_date": day(owed.openedAt, zone),
        ]
        variables["category"] = owed.category.flatMap {
            configuration.categories[$0]?.name(in: owed.language, fallback: city.language)
        }
        variables["forwarded_to"] = owed.forwardedTo.map(office)
        variables["due_date"] = owed.dueAt.map { day($0, zone) }
        variables["note"] = owed.note
        variables["phone"] = city.phone
        // An office reads tickets in its own system; the key in this address is the citizen's.
        if owed.isToCitizen { variables["status_url"] = statusURL(owed.code) }
        return variables
    }

    /// `21/11/2026`.
    private func day(_ moment: Timestamp, _ zone: Zone) -> String {
        let date = zone.local(moment).date
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(date.day))/\(two(date.month))/\(date.year)"
    }
}
