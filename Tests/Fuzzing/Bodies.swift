import Civic
import Foundation

@testable import Intake
@testable import Settings

// What is posted to the city: JSON of ours, forms and JSON of anybody's.
extension FuzzTarget {
    static let bodies = [webhook, event, looseJSON, form, foreign]

    private static let webhook = FuzzTarget("webhook", "JSON posted to the generic webhook") { bytes in
        let posted: WebhookBody
        do { posted = try JSONBody.decode(bytes) } catch { return }
        let bounds = WebhookBody.Bounds(text: 5000, attachments: 3)
        guard let message = try? posted.message(channel: "portale", attests: [], bounds: bounds, now: FuzzCity.now)
        else { return }
        try must(message.text.unicodeScalars.count <= 5000, "a longer text than there may be")
        try must(!message.text.utf8.contains(0), "U+0000, which PostgreSQL does not take")
        try must(message.fields.allSatisfy { !($0.key + $0.value).utf8.contains(0) }, "U+0000 in a field")
        try must(message.attachments.count <= 3, "more files than there may be")
    }

    private static let event = FuzzTarget("event", "JSON of an office's system: events, payments") { bytes in
        guard let event = try? EventBody.read(bytes) else { return }
        if let notice = try? event.payment?.notice() { try must(notice.amount > 0, "a payment of nothing") }
        _ = try? event.files(most: 3)
    }

    private static let looseJSON = FuzzTarget("loose-json", "JSON whose shape nobody vouches for") { bytes in
        let elements = JSONElements.split(bytes)
        guard let json = try? LooseJSON(bytes) else { return }
        if case .list(let list) = json {
            try must(elements?.count == list.count, "\(list.count) elements, split into \(elements?.count ?? -1)")
        }
        try must(json.digest == json.digest, "two digests")
        _ = (json.moment, json.integer, json.text)
        for value in json.list + json.members.values { _ = (value.moment, value.integer, value.text) }
    }

    /// The first line is the content type.
    private static let form = FuzzTarget("form", "urlencoded and multipart forms, with their content type") { bytes in
        let (type, body) = bytes.headed
        guard let form = try? FormBody(body, type: type) else { return }
        try must(form.fields.count + form.files.count <= FormBody.most + 1, "more parts than there may be")
        let whole = Open311Form(form)
        let kept = whole.kept(from: "fms")
        guard let again = try? Open311Form.reading(kept) else {
            throw FuzzFinding(description: "what is kept of a form cannot be read again")
        }
        // Names lose what cannot stand in a header; what the citizen said does not.
        let said = whole.fields.filter { $0.name != "api_key" }.map(\.value).sorted()
        let read = again.fields.filter { $0.name != "api_key" }.map(\.value).sorted()
        try must(said == read, "what is kept of a form says something else")
        try must(whole.files.map(\.content) == again.files.map(\.content), "a file that is kept is another")
    }

    /// The first line is the content type; empty if there is none.
    private static let foreign = FuzzTarget("foreign", "JSON and forms of foreign senders, by a channel's `fields`") {
        bytes in
        let (type, body) = bytes.headed
        let channel = try FuzzCity.channel("estero")
        guard let mapper = MessageMapper(channel, bounds: .init(text: 5000, attachments: 3), zone: .utc) else {
            throw FuzzFinding(description: "the channel maps nothing")
        }
        guard let mapped = try? mapper.map(body, type: type.isEmpty ? nil : type, now: FuzzCity.now) else { return }
        let message = mapped.message
        try must(!(message.text + message.externalID).utf8.contains(0), "U+0000, which PostgreSQL does not take")
        try must(message.fields.allSatisfy { !($0.key + $0.value).utf8.contains(0) }, "U+0000 in a field")
        try must(message.fields.values.allSatisfy { !$0.contains("segreto-1") }, "the token in a field")
    }
}
