import Civic
import HTTPTypes
import Hummingbird
import Observability
import Postgres
import Settings
import Store

extension Open311Route {
    /// A form of more than 1 MiB is read away from the threads that answer.
    func read(_ body: [UInt8], _ type: String?, _ query: FormBody) async throws -> Open311Form {
        @Sendable func form() -> Result<Open311Form, Problem> {
            Result { () throws(Problem) in Open311Form(try FormBody(body, type: type), query: query) }
        }
        return try (body.count > 1 << 20 ? await desk.fileRoom.run(form) : form()).get()
    }

    /// A form that has come whole.
    func take(_ form: Open311Form, as address: Open311Address, _ format: Open311Format) async throws -> Response {
        let started = ContinuousClock.now
        let rulebook = desk.current
        let server = try Open311Server.meant(by: form["jurisdiction_id"], among: rulebook.open311)
        let post = Open311Post(
            form: form, server: server, rulebook: rulebook, desk: desk, started: started)
        do {
            guard let key = server.sender(form["api_key"]) else { throw Open311Failure.forbidden }
            if let seconds = server.rate.take(at: desk.now()) { throw Open311Failure.tooOften(after: seconds) }
            switch address {
            case .updates:
                return try format.response(try await post.update(from: key), root: "service_request_updates")
            default: return try format.response(try await post.report(from: key), root: "service_requests")
            }
        } catch let failure as Open311Failure {
            desk.observe(
                .messageRefused(
                    channel: server.channel.name, status: failure.status.code,
                    reason: failure.reasons.map(\.description).joined(separator: "; ")))
            throw failure
        } catch let error as PostgresError {
            desk.observe(
                .messageRefused(channel: server.channel.name, status: 503, reason: String(describing: error)))
            throw Problem.unavailable("the message could not be made durable; it is safe to send it again")
        }
    }
}

/// One form on its way in.
private struct Open311Post {
    let form: Open311Form
    let server: Open311Server
    let rulebook: Desk.Rulebook
    let desk: Desk
    let started: ContinuousClock.Instant

    private var configuration: Configuration { rulebook.configuration }
    private var limits: Limits { configuration.limits }

    // MARK: Reports

    func report(from key: Open311Intake.Key) async throws -> Open311Value {
        let now = desk.now()
        let kept = form.kept(from: key.name)
        let fingerprint = Open311Fingerprint(kept, at: now)
        let message = try Open311Report(form: form, server: server).message(
            from: key, externalID: fingerprint.now, text: limits.text, now: now)
        let account = form["account_id"]
        if let earlier = try await desk.tickets.earlier(
            scope: server.channel.name, externalIDs: [fingerprint.now, fingerprint.before], since: fingerprint.since)
        {
            return server.answer(ticket: earlier.ticket, message: earlier.message, account: account)
        }
        let received = try await desk.receive(
            message, raw: kept, on: server.channel, by: rulebook, started: started)
        return server.answer(ticket: received.ticket, message: received.message, account: account)
    }

    // MARK: Updates

    func update(from key: Open311Intake.Key) async throws -> Open311Value {
        let update = try Open311Update(form, from: key, text: limits.text)
        guard let code = TicketCode(parsing: update.ticket, prefix: configuration.city.prefix)?.text else {
            throw Open311Failure.noTicket
        }
        let id =
            if let office = key.office {
                try await step(update, of: code, by: office)
            } else {
                try await append(update, to: code, from: key)
            }
        var members: [(String, Open311Value)] = [("update_id", .text(id.description))]
        if let account = form["account_id"] { members.append(("account_id", .text(account))) }
        return .list(of: "request_update", [.object(members)])
    }

    /// An office's word.
    private func step(_ update: Open311Update, of code: String, by office: String) async throws -> Identifier {
        let externalID = "open311/\(update.id)"
        var step = Tickets.Step(
            code: code, at: desk.now(), kind: update.status.step, by: office, externalID: externalID,
            note: update.text.isEmpty ? nil : update.text, tells: update.status.step != .note,
            timing: configuration.timing)
        if step.kind == .note { step.note = update.note.isEmpty ? nil : update.note }
        step.choice = rulebook.registrar.choice
        step.audited = .office(office)
        let directory = configuration.directory
        step.secondHop = { category, office in directory.forward(of: category, at: office) }
        step.attachments = await desk.taken(update.media.files, bounds: server.channel.files, by: rulebook).kept
        step.offices = configuration.officeNotices
        let owner = desk.owner()
        let configuration = configuration
        let result = try await desk.tickets.take(step, owner: owner) { category, from in
            configuration.due(category: category, office: office, from: from)
        }
        switch result {
        case .noSuchTicket: throw Open311Failure.noTicket
        case .notAllowed(let status):
            throw Open311Failure.wrong(
                "status: the report is \(status.rawValue), and cannot become \(step.kind.rawValue)")
        case .noDestination: throw Open311Failure.wrong("status: the office hands on such reports to nobody")
        case .done(let owed):
            desk.observe(.ticketStep(ticket: step.code, kind: step.kind, by: step.by))
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
        case .duplicate: break
        }
        guard let event = try await desk.tickets.event(code: code, by: office, externalID: externalID) else {
            throw Open311Failure.noTicket
        }
        return event
    }

    /// A citizen's word: on the tickets of the channel only, for whoever holds a key must not reach all others.
    private func append(
        _ update: Open311Update, to code: String, from key: Open311Intake.Key
    ) async throws -> Identifier {
        let scope = "\(server.channel.name)/\(key.name)"
        let externalID = "\(code)/\(update.id)"
        let correspondence = desk.tickets.correspondence
        if let earlier = try await correspondence.earlier(scope: scope, externalID: externalID) {
            return earlier.message
        }
        guard
            let thread = try await correspondence.threads(codes: [code], sender: nil).first,
            let ticket = try await desk.tickets.find(code: code), ticket.channel == server.channel.name
        else { throw Open311Failure.noTicket }
        let posted = Message(
            id: .timeOrdered(at: desk.now()), channel: server.channel.name, externalID: externalID,
            receivedAt: desk.now(), sentAt: update.sentAt, sender: update.sender, text: update.note,
            attachments: update.media.files, scope: scope)
        let files = await desk.taken(posted.attachments, bounds: server.channel.files, by: rulebook)
        let message = posted.with(files)
        let identities = message.sender.identities
        var record = IntakeRecord(
            message: message, raw: form.kept(from: key.name),
            citizen: identities.first.map(Identifier.init(citizenOf:)),
            identities: identities, outcome: .appended(to: thread.number))
        record.kind = .reply
        record.attachments = files.kept
        let note = [update.note.isEmpty ? nil : update.note, files.refusal].compactMap(\.self).joined(separator: "\n\n")
        var addition = Correspondence.Addition(
            record: record, ticket: thread.number, event: .message, by: key.actor, note: note.isEmpty ? nil : note,
            reopens: update.status == .reopen, tells: update.status == .reopen,
            offices: configuration.officeNotices, timing: configuration.timing)
        addition.choice = rulebook.registrar.choice
        // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
        let owner = desk.owner()
        let configuration = configuration
        let result = try await correspondence.append(addition, owner: owner) { category, office, from in
            configuration.due(category: category, office: office, from: from)
        }
        switch result {
        case .noSuchTicket: throw Open311Failure.noTicket
        case .duplicate:
            guard let earlier = try await correspondence.earlier(scope: scope, externalID: externalID) else {
                throw Open311Failure.noTicket
            }
            return earlier.message
        case .appended(let owed): if owner != nil, !owed.isEmpty { desk.deliver(owed) }
        }
        desk.observe(
            .messageAccepted(
                channel: server.channel.name, outcome: "appended", ticket: code, category: nil, office: nil, rule: nil,
                undecided: false, seconds: (ContinuousClock.now - started).inSeconds))
        return message.id
    }
}

extension Open311Failure {
    static let noTicket = Open311Failure.unknown("service_request_id: there is none such")
}
