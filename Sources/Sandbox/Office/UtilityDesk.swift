import Foundation
import Synchronization

/// A request at the utility.
struct UtilityRequest: Sendable {
    var id: String
    /// While the id is promised only.
    var token: String?
    var fields: [String: String]
    var isClosed = false
    var notes: String?
    let requested: Date
    var updated: Date
}

/// The memory of the utility's Open311 server.
final class UtilityDesk: Sendable {
    private struct State {
        var requests: [UtilityRequest] = []
        /// The ids that were promised and are given.
        var given: [String: String] = [:]
    }

    private let state = Mutex(State())

    /// Beyond them the oldest are forgotten.
    private static let capacity = 10_000

    func reset() { state.withLock { $0 = State() } }

    var all: [UtilityRequest] { state.withLock { $0.requests } }

    func add(_ fields: [String: String], promised: Bool, at now: Date) -> UtilityRequest {
        state.withLock { state in
            let id = "U-\(state.requests.count + 1)"
            let request = UtilityRequest(
                id: id, token: promised ? "T-\(UUID().uuidString.prefix(8))" : nil, fields: fields, requested: now,
                updated: now)
            state.requests.append(request)
            if state.requests.count > Self.capacity { state.requests.removeFirst() }
            return request
        }
    }

    /// The id that a token promised, once it is given.
    func id(of token: String) -> String? { state.withLock { $0.given[token] } }

    /// - Returns: false if there is none of that id.
    func give(_ id: String) -> Bool {
        state.withLock { state in
            guard let index = state.requests.firstIndex(where: { $0.id == id }) else { return false }
            if let token = state.requests[index].token { state.given[token] = id }
            state.requests[index].token = nil
            return true
        }
    }

    /// - Returns: false if there is none of that id.
    func change(_ id: String, at now: Date, _ change: (inout UtilityRequest) -> Void) -> Bool {
        state.withLock { state in
            guard let index = state.requests.firstIndex(where: { $0.id == id }) else { return false }
            change(&state.requests[index])
            state.requests[index].updated = now
            return true
        }
    }
}
