import Civic
import Settings
import Store

/// Tickets as Open311 tells of them.
extension Open311Server {
    /// What is left in the dark, is not even read from the database.
    var visibility: Tickets.Visibility {
        Tickets.Visibility(
            channel: intake.tickets == .own ? channel.name : nil, categories: intake.tickets == .all ? services : nil,
            words: intake.publication == .text)
    }

    func list(_ tickets: [PublishedTicket], in configuration: Configuration) -> Open311Value {
        .list(of: "request", tickets.map { request($0, in: configuration) })
    }

    private func request(_ ticket: PublishedTicket, in configuration: Configuration) -> Open311Value {
        let category = ticket.category.flatMap { categories[$0] }
        let label = category.map { name($0.names, or: $0.code) } ?? ticket.category ?? ""
        let area = ticket.area.flatMap { code in configuration.areas.first { $0.code == code } }
        let place = area.map { name($0.names, or: $0.code) }
        let opened = configuration.city.zone.local(ticket.openedAt).date
        let office = configuration.directory.offices[ticket.office]
        return .object([
            ("service_request_id", .text(ticket.code)), ("status", .text(ticket.status.isClosed ? "closed" : "open")),
            ("status_notes", .text(StatusWords(language: language).status(ticket.status))),
            ("service_name", .text(label)), ("service_code", .text(ticket.category)),
            ("description", .text(ticket.text.map(PublicText.cleaned) ?? label)),
            (
                "agency_responsible",
                .text(office.map { $0.name(on: opened, in: language, fallback: fallback) } ?? ticket.office)
            ),
            ("service_notice", .text(nil)),
            ("requested_datetime", .moment(ticket.openedAt)), ("updated_datetime", .moment(ticket.updatedAt)),
            ("expected_datetime", .moment(ticket.dueAt)),
            ("address", .text(ticket.address.map(PublicText.cleaned) ?? place)), ("address_id", .text(nil)),
            ("zipcode", .text(nil)), ("lat", .number(ticket.point?.latitude)),
            ("long", .number(ticket.point?.longitude)),
            ("media_url", .text(ticket.picture.map { "\(url)/requests/\(ticket.code)/media/\($0)" })),
        ])
    }

    /// FixMyStreet's updates, outwards. What a citizen wrote by another way is no word of the city's.
    func list(_ updates: [PublishedUpdate]) -> Open311Value {
        let words = StatusWords(language: language)
        return .list(
            of: "request_update",
            updates.map { update in
                let isTold = TicketEvent(at: update.at, kind: update.kind, by: update.by).isTold
                let note = isTold ? update.note.map(PublicText.cleaned) : nil
                return .object([
                    ("update_id", .text(update.id.description)), ("service_request_id", .text(update.code)),
                    ("status", .text(Open311Update.Status(telling: update.kind).rawValue)),
                    ("description", .text(note ?? words.step(update.kind, office: nil))),
                    ("updated_datetime", .moment(update.at)), ("media_url", .text(nil)),
                    ("external_status_code", .text(update.kind.rawValue)),
                ])
            })
    }

    /// The answer to a report.
    /// - Parameter ticket: null if a rule discarded it; then it has a token all the same, under which nothing will come.
    func answer(ticket: String?, message: Identifier, account: String?) -> Open311Value {
        var members: [(String, Open311Value)] =
            switch (intake.answer, ticket) {
            case (.blackbox, _): []
            case (.realtime, let ticket?): [("service_request_id", .text(ticket))]
            case (.realtime, nil), (.batch, _): [("token", .text(message.description))]
            }
        if members.isEmpty { members.append(("service_notice", .text(nil))) }
        if let account { members.append(("account_id", .text(account))) }
        return .list(of: "request", [.object(members)])
    }
}

extension Open311Value {
    /// Whole seconds: FixMyStreet's adapter takes no fraction.
    static func moment(_ moment: Timestamp?) -> Open311Value {
        .text(moment.map { Timestamp(seconds: $0.seconds).rfc3339 })
    }
}
