import Civic
import Settings
import Store
import Transfer

/// Hands tickets on to other bodies' GeoReport v2 servers. What becomes of them there, `Open311Follower` brings back.
///
/// The table learns that a request is about to be made, and no request is repeated before the server was asked whether
/// it has one with our ticket's code. What neither side can tell is left to an operator.
struct Open311Carrier: Carrier {
    let work: [String: OfficeWork]
    let city: String
    let tasks: OfficeTasks
    let client: TransferClient
    let now: @Sendable () -> Timestamp

    let destination = "open311"
    let concurrency = 4

    /// In `remote_id`, what stands before a token for which there is no id yet.
    static let token = "token:"

    func attempt(_ owed: OwedNotification, markSending: @Sendable () async throws -> Void) async -> Verdict {
        guard let settings = work[owed.recipient]?.open311 else {
            return .unreachable(reason: "the office \(owed.recipient) has no Open311 server")
        }
        guard let service = settings.service(for: owed.category) else {
            return .unreachable(
                reason: "the office's server has no service for \(owed.category ?? "a ticket without a category")")
        }
        let server = Open311Client(settings: settings, client: client, now: now)
        // One that was attempted before, or that an operator sends again.
        if owed.attempts > 0 || now() - owed.createdAt > .seconds(60) {
            do throws(TransferError) {
                switch try await server.search(for: owed.code, service: service, since: owed.createdAt) {
                case .found(let id): return .delivered(remoteID: id)
                case .absent: break
                case .notNow(let reason): return .tryAgain(reason: reason, after: nil, pause: true)
                }
            } catch {
                return .tryAgain(reason: error.message, after: nil, pause: true)
            }
        }
        let task: OfficeTask
        do {
            guard let found = try await tasks(owed.code, owed.event) else {
                return .givenUp(reason: "the ticket is not there any more")
            }
            task = found
        } catch {
            return .tryAgain(reason: "the ticket cannot be read now", after: nil, pause: false)
        }
        do {
            try await markSending()
        } catch {
            return .tryAgain(reason: "the attempt could not be recorded", after: nil, pause: false)
        }
        let fields = Open311Request.fields(task, service: service, settings: settings, city: city)
        switch await post(fields, to: server) {
        case .taken(let id): return .delivered(remoteID: id)
        case .promised(let token): return .delivered(remoteID: Self.token + token)
        case .tryAgain(let reason, let after, let pause): return .tryAgain(reason: reason, after: after, pause: pause)
        case .refused(let reason): return .unreachable(reason: reason)
        case .stopped(let reason): return .stopped(reason: reason)
        case .uncertain(let reason):
            guard
                case .found(let id)? = try? await server.search(for: owed.code, service: service, since: owed.createdAt)
            else { return .uncertain(reason: reason) }  // not knowing is where this began
            return .delivered(remoteID: id)
        }
    }

    private func post(_ fields: [(name: String, value: String)], to server: Open311Client) async -> Open311Verdict {
        do throws(TransferError) {
            return Open311Verdict(try await server.post(fields))
        } catch {
            return Open311Verdict(OfficeFailure(error))
        }
    }
}
