import Foundation
import Hummingbird
import NIOCore

/// The control API: how tests and curious people make the outside world misbehave.
struct ControlRoutes {
    let desk: ControlDesk

    func add(to router: Router<SandboxContext>) {
        router.get("control") { _, _ in try Answer.json(desk.json) }
        router.post("control") { request, _ in try await self.change(request) }
        router.post("control/reset") { _, _ in
            desk.reset()
            return try Answer.json(desk.json)
        }
    }

    private func change(_ request: Request) async throws -> Response {
        let bytes = try await request.body.collect(upTo: 16 << 20)
        do {
            guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView)) else {
                throw ControlError(detail: "the body is not JSON")
            }
            try desk.apply(value)
        } catch let error as ControlError {
            return try Answer.problem(AppIORefusal(status: 400, title: "Bad Request", detail: error.detail))
        }
        return try Answer.json(desk.json)
    }
}
