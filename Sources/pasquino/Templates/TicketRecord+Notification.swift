import Civic
import Settings
import Store

extension TicketRecord {
    /// The notification that would tell a step of this ticket by the template `name`: the last step of that kind, else
    /// the last one that the city told.
    func notification(_ name: String, language: String) -> OwedNotification {
        let event =
            (name == "payment" ? events.last { $0.payment != nil } : nil) ?? events.last { $0.kind.rawValue == name }
            ?? events.last { $0.isTold } ?? events.last
            ?? TicketEvent(at: openedAt, kind: .opened, by: "rules")
        let isHeard = event.isTold || name.hasPrefix("office_")
        let id = Identifier(high: 0x7000, low: 0x8000_0000_0000_0000)
        var owed = OwedNotification(
            id: id, ticket: number, event: id, code: code, medium: contact?.medium ?? .email,
            recipient: contact?.address ?? "", fallback: nil, template: name, language: language, createdAt: event.at,
            nextAttemptAt: event.at, expiresAt: event.at, priority: Priority(rawValue: priority) ?? .normal,
            category: category, office: office, openedAt: openedAt, dueAt: dueAt, eventAt: event.at,
            note: isHeard ? event.note : nil, forwardedTo: event.kind == .forwarded ? event.office : nil)
        if name == "payment" { owed.payment = event.payment }
        if name == "corrected" {
            owed.corrects =
                notifications.filter {
                    !TemplateNames.isToOffice($0.template) && $0.template != name && $0.status != "cancelled"
                }.max { $0.createdAt < $1.createdAt }?.template
        }
        return owed
    }
}
