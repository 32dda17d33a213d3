import Civic
import Postgres
import Spool
import Store

/// Takes in what was kept in the spool, as its channel takes it now: the rules and the mapping in force decide.
///
/// Whatever can no longer be read (its channel is gone, a limit was lowered, the mapping changed) is kept for an operator,
/// like anything else that cannot be understood: somebody was told that it is kept.
struct SpoolIntake: Sendable {
    let mail: MailDesk

    private enum Step: Sendable {
        case message(Desk.Prepared)
        case ignored(Message, reason: String)
        case unread(reason: String)
    }

    /// Decides one after the other, so that tickets are numbered in order; writes them together.
    /// - Returns: why some could be stored in no way; empty if all is in PostgreSQL.
    /// - Throws: PostgreSQL, or something else, cannot take them now: the same ones may come again.
    func take(_ requests: [SpooledRequest]) async throws -> [String] {
        let rulebook = mail.desk.current
        var steps: [(SpooledRequest, Step)] = []
        for request in requests { steps.append((request, try await step(for: request, by: rulebook))) }
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for (request, step) in steps { group.addTask { try await store(request, step, by: rulebook) } }
            return try await group.reduce(into: []) { refused, reason in if let reason { refused.append(reason) } }
        }
    }

    private func step(for request: SpooledRequest, by rulebook: Desk.Rulebook) async throws -> Step {
        guard let channel = rulebook.channels[request.channel] else {
            return .unread(reason: "it was kept while PostgreSQL was away, and its channel is no open webhook any more")
        }
        var message: Message
        do throws(Problem) {
            if let mapper = channel.mapper {
                switch try mapper.map(request.body, type: request.type, now: request.receivedAt) {
                case .message(let mapped, _): message = mapped
                case .ignored(let mapped, let reason): return .ignored(mapped, reason: reason)
                }
            } else {
                message = try JSONBody.decode(request.body, as: WebhookBody.self).message(
                    channel: request.channel, attests: channel.settings.attests, bounds: channel.bounds,
                    now: request.receivedAt)
            }
        } catch {
            return .unread(reason: error.detail)
        }
        message.id = request.message
        do {
            return .message(
                try await mail.desk.prepare(message, raw: request.body, on: channel.settings, by: rulebook))
        } catch let error as PostgresError where !error.isRetriable {
            return .unread(reason: "PostgreSQL does not take it: \(error.message)")
        }
    }

    /// - Returns: why it can be stored in no way.
    private func store(_ request: SpooledRequest, _ step: Step, by rulebook: Desk.Rulebook) async throws -> String? {
        do {
            switch step {
            case .message(let prepared): _ = try await mail.desk.store(prepared, by: rulebook, started: .now)
            case .ignored(let message, let reason):
                _ = try await mail.desk.keep(message, raw: request.body, reason: reason, started: .now)
            case .unread(let reason): _ = try await mail.keep(request.body, on: request.channel, reason: reason)
            }
            return nil
        } catch let error as PostgresError where !error.isRetriable {
            if case .unread = step { return "\(request.channel), \(request.message): \(error)" }
            return try await store(
                request, .unread(reason: "PostgreSQL does not take it: \(error.message)"), by: rulebook)
        }
    }
}
