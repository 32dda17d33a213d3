import Boundaries
import Civic
import Observability
import Settings
import Store

extension Desk {
    /// What became of one message.
    struct Received {
        enum Outcome: String { case opened, discarded, duplicate }
        let outcome: Outcome
        /// Null if a rule discarded it.
        let ticket: String?
        /// Of a duplicate: the one that came first.
        let message: Identifier
        let verdict: Verdict
    }

    /// Takes in one message that is a matter of its own: files looked into, decided, durable. Every channel whose
    /// messages each open a ticket ends here.
    /// - Parameters:
    ///   - raw: the bytes as they came.
    ///   - started: when the request was received, for the metrics.
    /// - Throws: `PostgresError` if it could not be made durable now: it may come again.
    func receive(
        _ posted: Message, raw: [UInt8], on channel: Channel, by rulebook: Rulebook, started: ContinuousClock.Instant,
        _ change: (inout IntakeRecord) -> Void = { _ in }
    ) async throws -> Received {
        var prepared = try await prepare(posted, raw: raw, on: channel, by: rulebook)
        change(&prepared.record)
        return try await store(prepared, by: rulebook, started: started)
    }

    /// A message that is decided and not durable yet.
    struct Prepared: Sendable {
        let message: Message
        let verdict: Verdict
        var record: IntakeRecord
    }

    /// - Throws: `PostgresError`.
    func prepare(_ posted: Message, raw: [UInt8], on channel: Channel, by rulebook: Rulebook) async throws -> Prepared {
        let files = await taken(posted.attachments, bounds: channel.files, by: rulebook)
        let message = posted.with(files)
        let verdict = decide(message, by: rulebook)
        let number = try await numbers.next()
        let standing = try await standing(of: message.sender)
        let record = try rulebook.registrar.record(
            message, raw: raw, verdict: verdict, number: number, standing: standing, files: files)
        Boundary.intakeDecided.pass()
        return Prepared(message: message, verdict: verdict, record: record)
    }

    /// - Throws: `PostgresError`.
    func store(
        _ prepared: Prepared, by rulebook: Rulebook, started: ContinuousClock.Instant
    ) async throws -> Received {
        let (message, verdict, record) = (prepared.message, prepared.verdict, prepared.record)
        let result = try await writer.submit(record)
        Boundary.intakeDurable.pass()
        if case .stored = result, let shadow = rulebook.shadow {
            self.shadow.offer(message, decided: verdict, record: record, shadow: shadow)
        }
        let received = Received(record, result, verdict: verdict)
        observe(
            .messageAccepted(
                channel: message.channel, outcome: received.outcome.rawValue, ticket: received.ticket,
                category: verdict.category, office: verdict.office,
                rule: verdict.decidingRule,
                undecided: verdict.undecided, seconds: (ContinuousClock.now - started).inSeconds))
        return received
    }

    /// Makes a message durable that opens no ticket, whatever the rules would say.
    /// - Returns: its id; of a duplicate, that of the one that came first.
    func keep(_ message: Message, raw: [UInt8], reason: String, started: ContinuousClock.Instant) async throws
        -> Identifier
    {
        let result = try await writer.submit(
            IntakeRecord(message: message, raw: raw, citizen: nil, identities: [], outcome: .discarded(reason: reason)))
        observe(
            .messageAccepted(
                channel: message.channel, outcome: Received.Outcome.discarded.rawValue, ticket: nil, category: nil,
                office: nil, rule: nil, undecided: false, seconds: (ContinuousClock.now - started).inSeconds))
        if case .duplicate(let earlier, _) = result { return earlier }
        return message.id
    }

    /// How whoever speaks wants to be told.
    func standing(of sender: Sender) async throws -> CitizenStanding {
        try await preferences.standing(of: sender.identities.first.map(Identifier.init(citizenOf:)))
    }

    /// Decides, and tells of rules that failed.
    func decide(_ message: Message, by rulebook: Rulebook) -> Verdict {
        let verdict = rulebook.classifier.decide(message)
        for failure in verdict.explanation.outcome.failed {
            observe(.ruleFailed(rule: "all", error: failure.message))
        }
        return verdict
    }

    /// Looks into files, away from the threads that answer.
    func taken(_ files: [Attachment], bounds: FileBounds, by rulebook: Rulebook) async -> FileDesk.Taken {
        guard !files.isEmpty else { return FileDesk.Taken() }
        let zone = rulebook.configuration.city.zone
        return await fileRoom.run { [self] in self.files.take(files, bounds: bounds, zone: zone) }
    }
}

extension Desk.Received {
    fileprivate init(_ record: IntakeRecord, _ result: IntakeResult, verdict: Verdict) {
        self.verdict = verdict
        switch (result, record.outcome) {
        case (.duplicate(let earlier, let ticket), _): (outcome, self.ticket, message) = (.duplicate, ticket, earlier)
        case (.stored, .ticket(let ticket)): (outcome, self.ticket, message) = (.opened, ticket.code, record.message.id)
        case (.stored, _): (outcome, ticket, message) = (.discarded, nil, record.message.id)
        }
    }
}
