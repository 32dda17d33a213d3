import Civic
import Store

/// The body of a post to an office's system: `{"type", "timestamp", "data"}` as Standard Webhooks wants it, where `data` is
/// the ticket as `GET /v1/tickets/{code}` shows it, with the event, the place and the addresses of what belongs to it.
public enum WebhookPayload {
    /// Bytes. What would be longer is told in part, with `truncated`.
    public static let largest = 512 << 10

    private static let bounds = [
        TicketRecord.Bounds(messages: 50, events: 200, attachments: 200, text: 50_000, note: 5_000),
        TicketRecord.Bounds(messages: 20, events: 50, attachments: 50, text: 5_000, note: 1_000),
        TicketRecord.Bounds(messages: 3, events: 10, attachments: 10, text: 1_000, note: 200),
    ]

    /// `ticket.opened`, `ticket.moved`, `ticket.forwarded`, `ticket.message`, `ticket.reopened`, and so on: the event's kind.
    public static func type(of kind: TicketEvent.Kind) -> String { "ticket.\(kind.rawValue)" }

    /// - Parameters:
    ///   - office: to which it goes.
    ///   - baseURL: of the city's daemon.
    public static func body(_ task: OfficeTask, to office: String, baseURL: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for bounds in bounds {
            let (ticket, isCut) = task.ticket.bounded(bounds)
            bytes = json(task, ticket, isCut: isCut, to: office, baseURL: baseURL).bytes
            if bytes.count <= largest { break }
        }
        return bytes
    }

    /// What a post that tries the way says.
    public static func test(of office: String, city: String, now: Timestamp) -> [UInt8] {
        JSON.object([
            ("type", .string("test")), ("timestamp", .moment(now)),
            ("data", .object([("recipient", .string(office)), ("city", .string(city))])),
        ]).bytes
    }

    private static func json(
        _ task: OfficeTask, _ ticket: TicketRecord, isCut: Bool, to office: String, baseURL: String
    ) -> JSON {
        let url = "\(baseURL)/v1/tickets/\(ticket.code)"
        var members: [(String, JSON)] = []
        if case .object(let own) = ticket.json(personal: true) {
            for (name, value) in own {
                switch name {
                // Who else was told is not the office's concern.
                case "notifications": continue
                case "attachments": members.append((name, linked(value, below: url)))
                default: members.append((name, value))
                }
            }
        }
        members.append(("url", .string(url)))
        members.append(("location", location(task.location)))
        members.append(("event", event(task.event)))
        members.append(("recipient", .string(office)))
        members.append(("truncated", .bool(isCut)))
        return .object([
            ("type", .string(type(of: task.event.kind))), ("timestamp", .moment(task.event.at)),
            ("data", .object(members)),
        ])
    }

    /// With the address of each, which an office's token opens.
    private static func linked(_ attachments: JSON, below url: String) -> JSON {
        guard case .array(let all) = attachments else { return attachments }
        return .array(
            all.enumerated().map { index, attachment in
                guard case .object(let members) = attachment else { return attachment }
                return .object(members + [("url", .string("\(url)/attachments/\(index + 1)"))])
            })
    }

    private static func location(_ location: Location?) -> JSON {
        guard let location else { return .null }
        return .object([
            ("lat", location.point.map { .double($0.latitude) } ?? .null),
            ("lon", location.point.map { .double($0.longitude) } ?? .null),
            ("accuracy_m", location.accuracy.map { .double($0) } ?? .null), ("address", .optional(location.address)),
        ])
    }

    private static func event(_ event: OfficeTask.Event) -> JSON {
        .object([
            ("id", .string(event.id.description)), ("kind", .string(event.kind.rawValue)), ("at", .moment(event.at)),
            ("by", .string(event.by)), ("note", .optional(event.note.map { String($0.prefix(5000)) })),
            ("office", .optional(event.office)),
        ])
    }
}
