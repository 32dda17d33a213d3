import Foundation
import Hummingbird
import NIOCore

/// A utility's own system, as a GeoReport v2 server below `/utility/open311/v2`, in JSON and XML.
///
/// | request | |
/// |---|---|
/// | `GET services`, `POST requests`, `GET requests`, `GET requests/{id}`, `GET tokens/{token}` | GeoReport v2 |
/// | `POST /api/utility/{id}` | what its people do: `{"status": "open"\|"closed", "status_notes", "give": true}`; `give`: the id that a token promises |
/// | `GET /api/utility` | what it has |
struct UtilityRoutes {
    let desk: ControlDesk

    private static let services = [("acqua", "Guasto alla rete idrica"), ("rifiuti", "Raccolta dei rifiuti")]

    func add(to router: Router<SandboxContext>) {
        let group = router.group("utility/open311/v2")
        for format in ["json", "xml"] {
            group.get(RouterPath("services.\(format)")) { _, context in
                try await self.answer(context, format, "services", "service") {
                    Self.services.map { code, name in
                        [
                            ("service_code", code), ("service_name", name), ("description", name),
                            ("metadata", "false"), ("type", desk.utilityFaults.tokens ? "batch" : "realtime"),
                            ("keywords", ""), ("group", ""),
                        ]
                    }
                }
            }
            group.post(RouterPath("requests.\(format)")) { request, context in
                let bytes = try await request.body.collect(upTo: 1 << 20)
                let form = Self.form(String(decoding: bytes.readableBytesView, as: UTF8.self))
                return try await self.answer(context, format, "service_requests", "request") { try self.post(form) }
            }
            group.get(RouterPath("requests.\(format)")) { request, context in
                let query = Query(request)
                return try await self.answer(context, format, "service_requests", "request") { self.list(query) }
            }
        }
        group.get("requests/:file") { _, context in
            let (id, format) = Self.parts(try context.parameters.require("file"))
            return try await self.answer(context, format, "service_requests", "request") {
                guard let found = desk.utility.all.first(where: { $0.id == id && $0.token == nil }) else {
                    throw Refusal(status: 404, description: "service_request_id: there is none such")
                }
                return [Self.record(found)]
            }
        }
        group.get("tokens/:file") { _, context in
            let (token, format) = Self.parts(try context.parameters.require("file"))
            return try await self.answer(context, format, "service_requests", "request") {
                guard let id = desk.utility.id(of: token) else {
                    throw Refusal(status: 404, description: "token: there is none such")
                }
                return [[("service_request_id", id), ("token", token)]]
            }
        }
        router.get("api/utility") { _, _ in
            try Answer.json(.array(desk.utility.all.map { Self.json(Self.record($0) + [("token", $0.token ?? "")]) }))
        }
        router.post("api/utility/:id") { request, context in
            try await self.change(request, try context.parameters.require("id"))
        }
    }

    struct Refusal: Error {
        let status: Int
        let description: String
    }

    private typealias Record = [(name: String, value: String)]

    // MARK: Protocol

    private func post(_ form: [String: String]) throws -> [Record] {
        guard let service = form["service_code"], Self.services.contains(where: { $0.0 == service }) else {
            throw Refusal(status: 404, description: "service_code: it is not offered here")
        }
        guard form["lat"] != nil && form["long"] != nil || form["address_string"] != nil else {
            throw Refusal(status: 400, description: "a place is missing")
        }
        guard (form["description"] ?? "").unicodeScalars.count <= 4000 else {
            throw Refusal(status: 400, description: "description: it is longer than 4000 characters")
        }
        let taken = desk.utility.add(form, promised: desk.utilityFaults.tokens, at: desk.now())
        return [[taken.token.map { ("token", $0) } ?? ("service_request_id", taken.id)]]
    }

    private func list(_ query: Query) -> [Record] {
        let ids = query.text("service_request_id").map { Set($0.split(separator: ",").map(String.init)) }
        return desk.utility.all.filter { $0.token == nil && (ids?.contains($0.id) ?? true) }.suffix(1000)
            .map(Self.record)
    }

    private static func record(_ request: UtilityRequest) -> Record {
        let style = Date.ISO8601FormatStyle()
        var record: Record = [
            ("service_request_id", request.id), ("status", request.isClosed ? "closed" : "open"),
            ("status_notes", request.notes ?? ""),
            ("requested_datetime", request.requested.formatted(style)),
            ("updated_datetime", request.updated.formatted(style)),
        ]
        for name in ["service_code", "description", "lat", "long", "address_string", "email", "phone"] {
            record.append((name == "address_string" ? "address" : name, request.fields[name] ?? ""))
        }
        return record
    }

    // MARK: Shapes

    private func answer(
        _ context: SandboxContext, _ format: String, _ root: String, _ item: String, _ work: () throws -> [Record]
    ) async throws -> Response {
        let (failure, faults) = desk.takeUtilityFailure()
        var response: Response
        if let failure {
            desk.chats.countRefusal("utility", failure)
            response = try Self.refused(Refusal(status: failure, description: "asked for"), format)
        } else {
            do {
                response = try Self.shaped(try work(), format, root, item)
            } catch let refusal as Refusal {
                response = try Self.refused(refusal, format)
            }
        }
        return try await faults.finished(response, failure, "utility", context)
    }

    private static func refused(_ refusal: Refusal, _ format: String) throws -> Response {
        try shaped(
            [[("code", String(refusal.status)), ("description", refusal.description)]], format, "errors", "error",
            status: refusal.status)
    }

    private static func shaped(
        _ records: [Record], _ format: String, _ root: String, _ item: String, status: Int = 200
    ) throws -> Response {
        guard format == "xml" else { return try Answer.json(.array(records.map(json)), status: status) }
        let items = records.map { record in
            "<\(item)>" + record.map { "<\($0.name)>\(escaped($0.value))</\($0.name)>" }.joined() + "</\(item)>"
        }
        let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<\(root)>\(items.joined())</\(root)>\n"
        return Answer.bytes(text.utf8, type: "text/xml; charset=utf-8", status: status)
    }

    private static func json(_ record: Record) -> JSONValue {
        .object(
            Dictionary(
                record.map { ($0.name, $0.value.isEmpty ? .null : .string($0.value)) },
                uniquingKeysWith: { first, _ in first }))
    }

    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }

    private static func parts(_ file: String) -> (String, String) {
        for format in ["json", "xml"] where file.hasSuffix(".\(format)") {
            return (String(file.dropLast(format.count + 1)), format)
        }
        return (file, "json")
    }

    private static func form(_ text: String) -> [String: String] {
        var form: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func decoded(_ part: Substring) -> String {
                part.replacingOccurrences(of: "+", with: " ").removingPercentEncoding ?? ""
            }
            if parts.count == 2 { form[decoded(parts[0])] = decoded(parts[1]) }
        }
        return form
    }

    // MARK: Its people

    private func change(_ request: Request, _ id: String) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 20)
        guard let wanted = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)) else {
            return try Answer.problem(AppIORefusal(status: 400, title: "Bad Request", detail: "the body is not JSON"))
        }
        let isThere = desk.utility.change(id, at: desk.now()) { request in
            if let status = wanted["status"]?.string { request.isClosed = status == "closed" }
            if let notes = wanted["status_notes"]?.string { request.notes = notes }
        }
        if wanted["give"]?.bool == true { _ = desk.utility.give(id) }
        guard isThere else {
            return try Answer.problem(
                AppIORefusal(status: 404, title: "Not Found", detail: "there is no such request"))
        }
        return try Answer.json(["id": .string(id)])
    }
}
