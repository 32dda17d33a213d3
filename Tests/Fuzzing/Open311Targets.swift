import Civic
import Foundation
import Store

@testable import Delivery
@testable import Intake

// Open311: what other reporting systems post to us, ask of us, and answer.
extension FuzzTarget {
    static let open311 = [form311, query311, records]

    private static let form311 = FuzzTarget("open311-form", "reports and updates of other systems, urlencoded or not") {
        bytes in
        let configuration = try FuzzCity.configuration.get()
        guard let server = Open311Server(try FuzzCity.channel("open311"), in: configuration) else {
            throw FuzzFinding(description: "no Open311 server")
        }
        guard let form = try? Open311Form.reading(bytes) else { return }
        let key = server.intake.keys[0]
        _ = Open311Fingerprint(form.kept(from: key.name), at: FuzzCity.now)
        if let update = try? Open311Update(form, from: key, text: 5000) { _ = update.note }
        let report = Open311Report(form: form, server: server)
        guard let message = try? report.message(from: key, externalID: "1", text: 5000, now: FuzzCity.now) else {
            return
        }
        try must(!message.text.utf8.contains(0), "U+0000, which PostgreSQL does not take")
        try must(message.text.unicodeScalars.count <= 5000, "a longer text than there may be")
    }

    private static let query311 = FuzzTarget("open311-query", "what other systems ask: an address's query") { bytes in
        guard let form = try? FormBody(urlencoded: bytes.text) else { return }
        let query = Open311Query(form)
        if let filter = try? query.requests(
            Tickets.Visibility(channel: nil, categories: nil, words: false), prefix: "BG", now: FuzzCity.now)
        {
            try must(filter.limit <= Open311Query.most, "more requests than are told of at once")
        }
        if let updates = try? query.updates(now: FuzzCity.now) {
            try must(updates.limit <= Open311Query.most, "more updates than are told of at once")
        }
    }

    private static let records = FuzzTarget("open311-records", "XML or JSON of an office's Open311 server") { bytes in
        let records = Open311Records.read(bytes)
        try must((records?.count ?? 0) <= 2000, "more records than are looked at")
        // What we write ourselves can be read, whatever is said in it.
        let said = XMLText.sayable(bytes.text)
        let written = try XMLText.bytes { text throws(XMLText.Failed) in
            try text.element("requests") { () throws(XMLText.Failed) in
                try text.element("request") { () throws(XMLText.Failed) in
                    try text.element("description") { () throws(XMLText.Failed) in try text.text(said) }
                    try text.element("status") { () throws(XMLText.Failed) in try text.text("open") }
                }
            }
        }
        try must(Open311Records.read(written)?.first?["status"] == "open", "our own XML cannot be read")
    }
}
