import Foundation
import Hummingbird
import NIOCore

/// What stands before every App IO call: the gateway's keys and rate, and the faults asked for.
struct AppIOGate: RouterMiddleware {
    let desk: ControlDesk

    func handle(
        _ request: Request, context: SandboxContext,
        next: (Request, SandboxContext) async throws -> Response
    ) async throws -> Response {
        let admission = desk.admit(
            key: request.headers[.subscriptionKey],
            isMessage: request.method == .post && request.uri.path.contains("/messages"))
        var response: Response
        switch admission.verdict {
        case .refuse(let status, let message): response = try gatewayError(status, message)
        case .reset:
            try? await context.channel.close()
            throw SilentError()
        case .pass:
            do {
                var context = context
                context.service = admission.service
                response = try await next(request, context)
            } catch let refusal as AppIORefusal {
                response = try Answer.problem(refusal)
            }
        }
        if response.status.code >= 400 { desk.appIO.countRefusal(Int(response.status.code)) }
        if let wait = admission.retryAfter { response.headers[.rateRetryAfter] = String(wait) }
        if let remaining = admission.remaining { response.headers[.rateRemaining] = String(remaining) }
        try await disturb(admission, context)
        return admission.isHalf ? half(response) : response
    }

    /// The faults that come after the work was done: the sender cannot know that it was.
    private func disturb(_ admission: AppIOAdmission, _ context: SandboxContext) async throws {
        if admission.delay > .zero { try await Task.sleep(for: admission.delay) }
        if admission.silent {
            try? await context.channel.close()
            throw SilentError()
        }
    }

    /// Says how long it is, and ends before.
    private func half(_ response: Response) -> Response {
        var response = response
        response.body = ResponseBody(contentLength: 1000) { writer in
            try await writer.write(ByteBuffer(string: #"{"id":"#))
            throw SilentError()
        }
        response.headers[.contentLength] = "1000"
        return response
    }

    /// The gateway's own shape of an error, unlike that of the service behind it.
    private func gatewayError(_ status: Int, _ message: String) throws -> Response {
        try Answer.json(GatewayError(statusCode: status, message: message), status: status)
    }
}

private struct GatewayError: Encodable {
    let statusCode: Int
    let message: String
}

/// The connection was closed on purpose; nothing can be answered any more.
struct SilentError: Error {}

/// How one App IO call is to be treated.
struct AppIOAdmission {
    enum Verdict: Equatable {
        case pass
        case refuse(status: Int, message: String)
        /// Closed, and nothing done.
        case reset
    }

    var verdict: Verdict
    /// Whose key was used; nil if it was refused.
    var service: AppIOSandboxService? = nil
    var remaining: Int?
    var retryAfter: Int?
    var delay: Duration = .zero
    var silent = false
    /// The answer is cut off.
    var isHalf = false
}
