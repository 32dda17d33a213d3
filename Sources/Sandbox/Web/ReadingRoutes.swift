import Foundation
import Hummingbird
import NIOCore

/// What arrived, for the page, for tests and for the quickstart.
struct ReadingRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        router.get("api/mails") { request, _ in try self.mails(request) }
        router.get("api/mails/:id") { _, context in try self.raw(try context.parameters.require("id")) }
        router.get("api/messages") { request, _ in try self.messages(request) }
        router.get("api/counts") { _, _ in try Answer.json(self.counts()) }
    }

    private func mails(_ request: Request) throws -> Response {
        let query = Query(request)
        let found = desk.mails.list(to: query.text("to"), since: query.since, limit: query.limit)
        return try Answer.json(.array(found.map { mail($0.number, $0.mail, $0.raw) }))
    }

    private func mail(_ number: Int, _ mail: StoredMail, _ raw: [UInt8]?) -> JSONValue {
        let content = raw.map { MIMEContent($0) }
        return [
            "id": JSONValue(number), "at": .string(Answer.time(mail.at)), "from": .string(mail.from),
            "to": .array(mail.to.map { .string($0) }), "subject": .string(EncodedWord.decode(mail.subject)),
            "sender": .string(EncodedWord.decode(mail.sender)), "message_id": .string(mail.messageID),
            "user": JSONValue(mail.user), "size": JSONValue(mail.size),
            "text": JSONValue(content?.text), "html": JSONValue(content?.html),
        ]
    }

    private func raw(_ id: String) throws -> Response {
        guard let number = Int(id), number > 0, number <= desk.mails.counts.mails else {
            return try Answer.problem(AppIORefusal(status: 404, title: "Not Found", detail: "there is no such mail"))
        }
        guard let bytes = desk.mails.raw(number) else {
            return try Answer.problem(
                AppIORefusal(status: 410, title: "Gone", detail: "only the newest mails are kept whole"))
        }
        return Answer.bytes(bytes, type: "message/rfc822")
    }

    private func messages(_ request: Request) throws -> Response {
        let query = Query(request)
        let found = desk.appIO.list(fiscalCode: query.text("fiscal_code"), since: query.since, limit: query.limit)
        return try Answer.json(.array(found.map { message($0.number, $0.message, $0.status, $0.content) }))
    }

    private func message(
        _ number: Int, _ message: StoredMessage, _ status: String, _ content: JSONValue?
    ) -> JSONValue {
        let due: JSONValue = content?["due_date"] ?? .null
        let payment: JSONValue = content?["payment_data"] ?? .null
        let members: [String: JSONValue] = [
            "number": JSONValue(number), "id": .string(message.id), "fiscal_code": .string(message.fiscalCode),
            "subject": .string(message.subject), "markdown": JSONValue(content?["markdown"]?.string),
            "due_date": due, "payment": payment, "status": .string(status), "delivered": .bool(message.delivers),
            "at": .string(Answer.time(message.at)), "service": .string(message.service),
            "feature_level": .string(message.featureLevel), "read": .string(message.readStatus),
            "paid": .bool(message.isPaid),
        ]
        return .object(members)
    }

    private func counts() -> JSONValue {
        let mail = desk.mails.counts
        let io = desk.appIO.counts
        let chat = desk.chats.counts
        let office = desk.offices.counts
        var refused: [String: JSONValue] = [:]
        for (status, count) in io.refused { refused["io_\(status)"] = JSONValue(count) }
        for (status, count) in mail.refused { refused["smtp_\(status)"] = JSONValue(count) }
        for (name, count) in chat.refused { refused[name] = JSONValue(count) }
        return [
            "mails": JSONValue(mail.mails), "distinct_message_ids": JSONValue(mail.distinct),
            "chats": JSONValue(chat.chats), "office_posts": JSONValue(office.posts),
            "distinct_office_posts": JSONValue(office.distinct), "messages": JSONValue(io.messages),
            "profiles": JSONValue(io.profiles), "discouraged": JSONValue(io.discouraged), "looks": JSONValue(io.looks),
            "without_profile_call": JSONValue(io.unchecked), "refused": .object(refused),
            "shown": .object(desk.shown.mapValues { JSONValue($0) }),
        ]
    }
}

/// The parameters of a listing.
struct Query {
    private let parameters: [String: String]

    init(_ request: Request) {
        parameters = Dictionary(
            request.uri.queryParameters.map { (String($0.key), String($0.value)) },
            uniquingKeysWith: { first, _ in first })
    }

    func text(_ name: String) -> String? { parameters[name] }

    var since: Int? { text("since").flatMap { Int($0) } }

    var limit: Int { min(max(text("limit").flatMap { Int($0) } ?? 100, 0), 10_000) }
}
