import Civic
import Settings
import Store

/// The values that a notification's template may name, as the citizen reads them: names instead of codes, the city's
/// time zone.
struct Facts {
    let configuration: Configuration
    let statusURL: @Sendable (_ code: String) -> String
    /// Where the citizen says that they want no news of the ticket.
    let unsubscribeURL: @Sendable (_ code: String) -> String
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
        if let payment = owed.payment {
            variables["amount"] =
                owed.language == "en"
                ? "€" + payment.amountText(decimalPoint: ".") : payment.amountText(decimalPoint: ",") + " €"
            variables["notice_number"] = payment.noticeNumber
            variables["payment_due"] = payment.due.map(day)
        }
        variables["phone"] = city.phone
        variables["earlier"] = EarlierWords(language: owed.language).lines(owed.earlier) { day($0, zone) }
        // An office reads tickets in its own system; the key in this address is the citizen's.
        if owed.isToCitizen { variables["status_url"] = statusURL(owed.code) }
        variables["unsubscribe_url"] = unsubscribeURL(for: owed)
        return variables
    }

    /// Nil where nobody can be left out: offices, and an exchange by certified mail.
    func unsubscribeURL(for owed: OwedNotification) -> String? {
        owed.isToCitizen && owed.medium != .pec ? unsubscribeURL(owed.code) : nil
    }

    /// With `corrects`, the subject of what was told before, if this is an erratum.
    func variables(of owed: OwedNotification, in templates: TemplateLibrary) -> [String: String] {
        var variables = variables(of: owed)
        if let corrected = owed.corrects {
            // A template that is gone by now has no subject: the erratum then does without.
            variables["corrects"] =
                (try? templates.render(
                    name: corrected, language: owed.language, variables: variables, for: .email))?.subject
        }
        return variables
    }

    /// Names of files as they stand in a sentence; nil if there are none.
    static func list(_ names: [String]) -> String? {
        names.isEmpty ? nil : names.map(EmailMessage.File.safeName).joined(separator: ", ")
    }

    private func day(_ moment: Timestamp, _ zone: Zone) -> String { day(zone.local(moment).date) }

    /// `21/11/2026`.
    private func day(_ date: CivilDate) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(date.day))/\(two(date.month))/\(date.year)"
    }
}
