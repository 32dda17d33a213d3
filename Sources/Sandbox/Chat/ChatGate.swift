import Foundation
import Hummingbird
import NIOCore

/// How the messengers' APIs are to behave, all of them alike.
struct ChatFaults: Sendable, Equatable {
    enum Mode: String, Sendable, CaseIterable {
        case normal
        /// The work is done, the answer comes late.
        case slow
        /// Every call is answered 500.
        case broken
        /// The work is done, the connection closed without an answer.
        case silent
        /// Every call is answered 429.
        case throttle
    }

    var mode = Mode.normal
    var delay = 3000
    var failNext = 0
    var failStatus = 500
}

extension ChatFaults {
    /// The status with which the next call fails; nil: it goes its way.
    mutating func takeFailure() -> Int? {
        if failNext > 0 {
            failNext -= 1
            return failStatus
        }
        switch mode {
        case .broken: return 500
        case .throttle: return 429
        case .normal, .slow, .silent: return nil
        }
    }
}

/// What stands before each messenger's API: the faults asked for, in that messenger's own shape of an error.
struct ChatGate: RouterMiddleware {
    let desk: ControlDesk
    /// Under which refusals are counted.
    let messenger: String
    /// The error that the messenger's API answers with that status, for which only the control API is to blame.
    let failure: @Sendable (_ status: Int) throws -> Response

    func handle(
        _ request: Request, context: SandboxContext,
        next: (Request, SandboxContext) async throws -> Response
    ) async throws -> Response {
        let response: Response
        if let status = desk.takeChatFailure() {
            response = try failure(status)
        } else {
            response = try await next(request, context)
        }
        if response.status.code >= 400 { desk.chats.countRefusal(messenger, Int(response.status.code)) }
        let faults = desk.chatFaults
        if faults.mode == .slow { try await Task.sleep(for: .milliseconds(faults.delay)) }
        if faults.mode == .silent {
            try? await context.channel.close()
            throw SilentError()
        }
        return response
    }
}
