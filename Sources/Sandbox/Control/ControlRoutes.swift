import Foundation
import Hummingbird
import NIOCore

/// The control API: how tests and curious people make the outside world misbehave.
struct ControlRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        router.get("control") { _, _ in try Answer.json(desk.json) }
        router.post("control") { request, _ in try await self.change(request) }
        router.post("control/messages/:id") { request, context in
            try await self.settle(request, try context.parameters.require("id"))
        }
        router.post("control/reset") { _, _ in
            desk.reset()
            return try Answer.json(desk.json)
        }
    }

    /// `{"status": "REJECTED", "read": true, "paid": true}`: what happens to a message after it was accepted; `read` null:
    /// the citizen does not let senders know.
    private func settle(_ request: Request, _ id: String) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 1 << 16)
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)),
            let members = value.object
        else { return try bad("the body is not a JSON object") }
        var end: StoredMessage.End?
        for (name, value) in members {
            switch name {
            case "status":
                end = value.string.flatMap(StoredMessage.End.init)
                guard end != nil else {
                    let known = StoredMessage.End.allCases.map(\.rawValue).joined(separator: ", ")
                    return try bad("status must be one of \(known)")
                }
            case "read" where value.bool != nil || value == .null, "paid" where value.bool != nil: break
            default: return try bad("\(name) is not known, or not of its type")
            }
        }
        let found = desk.appIO.change(id) { [end] message in
            if let end { message.end = end }
            if let read = members["read"] {
                message.readStatus = read.bool.map { $0 ? "READ" : "UNREAD" } ?? "UNAVAILABLE"
            }
            if let paid = members["paid"]?.bool { message.isPaid = paid }
        }
        return found ? try Answer.json(["id": .string(id)]) : try Answer.problem(.noMessage)
    }

    private func bad(_ detail: String) throws -> Response {
        try Answer.problem(AppIORefusal(status: 400, title: "Bad Request", detail: detail))
    }

    private func change(_ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 16 << 20)
        do {
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)) else {
                throw ControlError(detail: "the body is not JSON")
            }
            try desk.apply(value)
        } catch let error as ControlError {
            return try bad(error.detail)
        }
        return try Answer.json(desk.json)
    }
}
