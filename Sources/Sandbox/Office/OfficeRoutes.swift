import Foundation
import Hummingbird
import NIOCore

/// The systems of a city's offices, which take signed posts (Standard Webhooks).
///
/// | request | |
/// |---|---|
/// | `POST /offices/{name}` | a post; 401 if its signature is not right |
/// | `GET /api/offices?office=&since=&limit=` | what arrived |
struct OfficeRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        router.post("offices/:name") { request, context in
            try await self.take(request, try context.parameters.require("name"), context)
        }
        router.get("api/offices") { request, _ in try self.list(request) }
    }

    private func take(_ request: Request, _ name: String, _ context: SandboxContext) async throws -> Response {
        let bytes = Array(try await request.body.collect(upTo: 4 << 20).readableBytesView)
        func header(_ name: String) -> String? { HeaderName(name).flatMap { request.headers[$0] } }
        let (failure, faults) = desk.takeOfficeFailure(name)
        let isVerified = OfficeSignature.isValid(
            id: header("webhook-id"), timestamp: header("webhook-timestamp"), signatures: header("webhook-signature"),
            body: bytes, secret: desk.officeSecret, now: desk.now())
        let body = (try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))) ?? .null
        let status = failure ?? (isVerified ? 204 : 401)
        if status == 204 {
            desk.offices.add(
                OfficePost(
                    office: name, id: header("webhook-id") ?? "", type: body["type"]?.string ?? "",
                    isVerified: isVerified, status: status, at: desk.now()),
                body: body, size: bytes.count)
        } else {
            desk.chats.countRefusal("office", status)
        }
        return try await faults.finished(Answer.bytes([], type: "text/plain", status: status), failure, name, context)
    }

    private func list(_ request: Request) throws -> Response {
        let query = Query(request)
        let found = desk.offices.list(office: query.text("office"), since: query.since, limit: query.limit)
        return try Answer.json(
            .array(
                found.map { number, post, body in
                    [
                        "number": JSONValue(number), "office": .string(post.office), "id": .string(post.id),
                        "type": .string(post.type), "verified": .bool(post.isVerified),
                        "at": .string(Answer.time(post.at)), "ticket": JSONValue(body?["data"]?["code"]?.string),
                        "body": body ?? .null,
                    ]
                }))
    }
}

extension OfficeFaults {
    /// The answer as the fault has it: late, or never.
    /// - Parameter failure: the status that was asked for, if one was.
    func finished(
        _ response: Response, _ failure: Int?, _ name: String, _ context: SandboxContext
    ) async throws -> Response {
        var response = response
        if failure != nil, let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        guard concerns(name) else { return response }
        if mode == .slow { try await Task.sleep(for: .milliseconds(delay)) }
        if mode == .silent {
            try? await context.channel.close()  // the fault itself
            throw SilentError()
        }
        return response
    }
}
