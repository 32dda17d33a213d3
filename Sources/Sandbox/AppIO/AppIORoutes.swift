import Foundation
import Hummingbird
import NIOCore

/// App IO's message API for senders, below `/io/api/v1`.
struct AppIORoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        let group = router.group("io/api/v1").add(middleware: AppIOGate(desk: desk))
        group.post("profiles") { request, _ in try await self.postProfile(request) }
        group.get("profiles/:code") { _, context in
            desk.appIO.countDiscouraged()
            return try self.profile(try context.parameters.require("code"))
        }
        group.post("messages") { request, context in
            try await self.postMessage(request, pathCode: nil, by: context.service)
        }
        group.post("messages/:code") { request, context in
            desk.appIO.countDiscouraged()
            return try await self.postMessage(
                request, pathCode: try context.parameters.require("code"), by: context.service)
        }
        group.get("messages/:code/:id") { _, context in
            try self.message(
                try context.parameters.require("code"), try context.parameters.require("id"), for: context.service)
        }
    }

    private func postProfile(_ request: Request) async throws -> Response {
        guard let code = try await body(request)["fiscal_code"]?.string else { throw AppIORefusal.badFiscalCode }
        return try profile(code)
    }

    private func profile(_ code: String) throws -> Response {
        let profile = try desk.appIO.profile(code, withoutApp: desk.withoutApp)
        return try Answer.json([
            "sender_allowed": .bool(profile.senderAllowed), "preferred_languages": [.string(profile.language)],
        ])
    }

    private func postMessage(
        _ request: Request, pathCode: String?, by service: AppIOSandboxService?
    ) async throws -> Response {
        let message = try AppIOMessage(
            try await body(request), pathCode: pathCode, maximumAmount: desk.maximumPayment,
            isPremium: service?.premium == true)
        let id = desk.appIO.accept(message, by: service?.name ?? "", withoutApp: desk.withoutApp)
        var response = try Answer.json(["id": .string(id)], status: 201)
        // Relative, as the real one: a sender that treats it as an absolute address stumbles here first.
        response.headers[.location] = "/api/v1/messages/\(message.fiscalCode)/\(id)"
        return response
    }

    private func message(_ code: String, _ id: String, for service: AppIOSandboxService?) throws -> Response {
        guard AppIOPatterns.isFiscalCode(code) else { throw AppIORefusal.badFiscalCode }
        let (message, status, content) = try desk.appIO.look(id, of: code, for: service?.name ?? "")
        var members: [String: JSONValue] = [
            "id": .string(id), "fiscal_code": .string(code), "created_at": .string(Answer.time(message.at)),
            "sender_service_id": .string(message.service), "feature_level_type": .string(message.featureLevel),
        ]
        if let seconds = message.timeToLive { members["time_to_live"] = JSONValue(seconds) }
        if let content { members["content"] = withPayee(content) }
        var answer: [String: JSONValue] = ["message": .object(members), "status": .string(status)]
        if status == "PROCESSED" { answer["notification"] = ["email": "SENT", "webhook": "SENT"] }
        if message.featureLevel == "ADVANCED" {
            answer["read_status"] = .string(message.readStatus)
            if message.isPayment { answer["payment_status"] = .string(message.isPaid ? "PAID" : "NOT_PAID") }
        }
        return try Answer.json(.object(answer))
    }

    /// The payee of a payment is the service's organisation unless the sender named one.
    private func withPayee(_ content: JSONValue) -> JSONValue {
        guard var members = content.object, var payment = content["payment_data"]?.object else { return content }
        payment["payee"] = payment["payee"] ?? ["fiscal_code": "00000000000"]
        members["payment_data"] = .object(payment)
        return .object(members)
    }

    /// Requests are far smaller; more is refused before it fills the memory.
    private static let maximumBody = 1 << 20

    private func body(_ request: Request) async throws -> JSONValue {
        let bytes = try await request.body.collect(upTo: Self.maximumBody)
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)),
            value.object != nil
        else { throw AppIORefusal.notJSON }
        return value
    }
}
