import Civic
import Mail
import Observability
import Settings
import Store

/// One mail on its way in.
struct MailEntry: Sendable {
    let raw: [UInt8]
    let channel: Channel
    let intake: EmailIntake
    let rulebook: Desk.Rulebook
    let mail: MailDesk

    var desk: Desk { mail.desk }
    var configuration: Configuration { rulebook.configuration }
    var correspondence: Correspondence { mail.correspondence }
    private var limits: Limits { configuration.limits }

    func take() async throws -> MailDesk.Outcome {
        let started = ContinuousClock.now
        let (outcome, verdict) = try await decide()
        desk.observe(
            .messageAccepted(
                channel: channel.name, outcome: outcome.word, ticket: outcome.ticket, category: verdict?.category,
                office: verdict?.office, rule: verdict?.explanation.because.first { $0.field == .category }?.rule,
                undecided: verdict?.undecided ?? false, seconds: (ContinuousClock.now - started).inSeconds))
        return outcome
    }

    /// What became of it; with the verdict, if the rules were asked.
    private func decide() async throws -> (MailDesk.Outcome, Verdict?) {
        let letter = await desk.mailRoom.run { [self] in
            Letter(
                MailReader().read(raw), raw: raw, certified: intake.isCertified, own: configuration.ownAddresses,
                prefix: configuration.city.prefix, instance: desk.instance)
        }
        guard !letter.isEmpty else {
            return (try await mail.keep(raw, on: channel.name, reason: "it has neither a sender nor any text"), nil)
        }
        if let earlier = try await correspondence.earlier(scope: Letter.scope, externalID: letter.externalID) {
            return (.duplicate(ticket: earlier.ticket), nil)
        }
        switch letter.mail.kind {
        case .personal, .unanswerable:
            if !letter.isOurs { return try await hear(letter) }
            return (try await file(letter, as: .automatic, note: "a mail of ours came back"), nil)
        case .automatic(let reason):
            return (try await file(letter, as: .automatic, note: "an automatic reply (\(reason))"), nil)
        case .disposition:
            return (try await file(letter, as: .disposition, note: "a notice that a mail was displayed"), nil)
        case .delivery(let report): return (try await apply(report, letter), nil)
        case .receipt(let receipt): return (try await apply(receipt, letter), nil)
        }
    }

    private func hear(_ letter: Letter) async throws -> (MailDesk.Outcome, Verdict?) {
        let now = desk.now()
        let author = letter.author?.text
        if let author, desk.preferences.mayBeUnreached(on: .email, at: now) {
            let identity = Identity(kind: .email, value: author, attested: false)
            try await desk.tickets.preferences.heard(from: identity, on: .email)
        }
        var links: [TicketLink] = []
        // Whoever has read a mail knows its Message-ID, and anybody may copy it: without our token only who is known on the
        // ticket joins it.
        let proven = try await proven(by: letter, sender: author)
        let referred = try await correspondence.threads(mailIDs: letter.references, sender: author)
        let named = try await correspondence.threads(codes: letter.named, sender: author)
        for thread in [proven].compactMap(\.self) + referred.filter(\.knowsSender) + named.filter(\.knowsSender) {
            if links.isEmpty, isAlive(thread, now) { return (try await reply(letter, to: thread, note: nil), nil) }
            links.append(TicketLink(other: thread.number, kind: .follows))
        }
        for thread in referred + named where !thread.knowsSender {
            links.append(TicketLink(other: thread.number, kind: .possibly))
        }
        let isAnswerable = if case .personal = letter.mail.kind { letter.replyTo != nil } else { false }
        let allowance = try await allowance(for: letter, wantsAnswer: isAnswerable)
        if !allowance.ticket, let author, let last = try await correspondence.openThreads(of: author).first {
            let note = "more than \(intake.ticketsPerHour) mails within an hour: joined"
            return (try await reply(letter, to: last, note: note), nil)
        }
        return try await open(letter, links: links, answers: allowance.answer)
    }

    /// The ticket that its tokens name.
    private func proven(by letter: Letter, sender: String?) async throws -> Correspondence.Thread? {
        let threads = try await correspondence.threads(codes: letter.proven, sender: sender)
        return letter.proven.lazy.compactMap { code in threads.first { $0.code == code } }.first
    }

    /// The ticket of a machine's mail, which only keeps it.
    func thread(of letter: Letter) async throws -> Correspondence.Thread? {
        if let proven = try await proven(by: letter, sender: nil) { return proven }
        return try await correspondence.threads(mailIDs: letter.references, sender: nil).first
    }

    private func isAlive(_ thread: Correspondence.Thread, _ now: Timestamp) -> Bool {
        guard thread.status.isClosed, let closedAt = thread.closedAt else { return true }
        return now < closedAt + intake.reopenWithin
    }

    private func open(
        _ letter: Letter, links: [TicketLink], answers: Bool
    ) async throws -> (MailDesk.Outcome, Verdict?) {
        let (message, files) = await message(of: letter)
        let verdict = desk.decide(message, by: rulebook)
        let number = try await desk.numbers.next()
        var reply = message.sender
        reply.email = letter.replyTo.flatMap { $0.isASCII ? $0.text : nil }
        var record = try rulebook.registrar.record(
            message, raw: raw, verdict: verdict, number: number, contact: .person(reply, certified: letter.isCertified),
            answers: answers, standing: try await desk.standing(of: message.sender), files: files)
        record.mail = letter.facts(limits: limits)
        if case .ticket(var ticket) = record.outcome {
            ticket.links = links
            for index in ticket.notifications.indices { ticket.notifications[index].inReplyTo = record.mail?.id }
            record.outcome = .ticket(ticket)
        }
        let result = try await desk.writer.submit(record)
        let outcome: MailDesk.Outcome
        switch (result, record.outcome) {
        case (.duplicate(_, let ticket), _): outcome = .duplicate(ticket: ticket)
        case (.stored, .ticket(let ticket)): outcome = .opened(ticket: ticket.code)
        case (.stored, _): outcome = .kept(reason: verdict.discard ?? "")
        }
        if case .stored = result, let shadow = rulebook.shadow {
            desk.shadow.offer(message, decided: verdict, record: record, shadow: shadow)
        }
        return (outcome, verdict)
    }

    /// Who answers for it writes a note; anybody else speaks as the citizen does.
    private func reply(
        _ letter: Letter, to thread: Correspondence.Thread, note: String?
    ) async throws -> MailDesk.Outcome {
        let words = letter.mail.reading.fresh.storable.bounded(to: 2000)
        let text = note.map { "\($0)\n\n\(words)" } ?? words
        if let office = letter.author.flatMap({ configuration.office(writingFrom: $0) }) {
            return try await append(letter, as: .reply, to: thread) { addition in
                addition.by = office
                addition.note = text
            }
        }
        let isAnswerable = if case .personal = letter.mail.kind { true } else { false }
        // A robot that answers whatever it gets must not fill an office's mailbox.
        let isHeard = try await allowance(for: letter, wantsAnswer: false).ticket
        return try await append(letter, as: .reply, to: thread) { addition in
            addition.event = .message
            addition.by = "citizen"
            addition.note = text
            addition.reopens = true
            addition.tells = isAnswerable && isHeard
            if !isHeard { addition.offices = .none }
        }
    }

    private func allowance(for letter: Letter, wantsAnswer: Bool) async throws -> Correspondence.Allowance {
        guard let author = letter.author else { return Correspondence.Allowance(answer: false, ticket: true) }
        var allowance = try await correspondence.allowance(
            for: author.key, at: desk.now(), answers: intake.answersPerHour, tickets: intake.ticketsPerHour,
            wantsAnswer: wantsAnswer)
        // Who is answered has a budget too: a robot may sign each mail with another name.
        if allowance.answer, let reader = letter.replyTo, reader.key != author.key {
            allowance.answer = try await correspondence.allowance(
                for: reader.key, at: desk.now(), answers: intake.answersPerHour, tickets: intake.ticketsPerHour,
                wantsAnswer: true, opens: false
            ).answer
        }
        return allowance
    }

    private func message(of letter: Letter) async -> (Message, FileDesk.Taken) {
        let message = letter.message(channel: channel, limits: limits, now: desk.now())
        guard !message.attachments.isEmpty else { return (message, FileDesk.Taken()) }
        let files = await desk.mailRoom.run { [self] in
            desk.files.take(message.attachments, bounds: channel.files, zone: configuration.city.zone)
        }
        return (message.with(files), files)
    }

    func keep(_ letter: Letter, as kind: MessageKind, reason: String) async throws -> MailDesk.Outcome {
        let (record, _) = await record(letter, as: kind, outcome: .discarded(reason: reason.bounded(to: 500)))
        if case .duplicate(_, let ticket) = try await desk.writer.submit(record) {
            return .duplicate(ticket: ticket)
        }
        return .kept(reason: reason)
    }

    func append(
        _ letter: Letter, as kind: MessageKind, to thread: Correspondence.Thread,
        _ change: (inout Correspondence.Addition) -> Void
    ) async throws -> MailDesk.Outcome {
        let (record, refusal) = await record(letter, as: kind, outcome: .appended(to: thread.number))
        var addition = Correspondence.Addition(
            record: record, ticket: thread.number, event: .note, by: "mail",
            offices: configuration.officeNotices, timing: configuration.timing)
        addition.choice = rulebook.registrar.choice
        change(&addition)
        if let refusal { addition.note = [addition.note, refusal].compactMap(\.self).joined(separator: "\n\n") }
        // Asked once: what is written for nobody must not be delivered from memory, for others may take it.
        let owner = desk.owner()
        let configuration = configuration
        let result = try await correspondence.append(addition, owner: owner) { category, office, from in
            configuration.due(category: category, office: office, from: from)
        }
        switch result {
        case .duplicate: return .duplicate(ticket: thread.code)
        case .noSuchTicket: return try await keep(letter, as: kind, reason: "its ticket is gone")
        case .appended(let owed):
            if owner != nil, !owed.isEmpty { desk.deliver(owed) }
            return .appended(ticket: thread.code)
        }
    }

    /// A machine is nobody whom the city knows, and its parts are no files that people look at; the raw mail has all.
    /// - Returns: also what was left out of its files.
    private func record(
        _ letter: Letter, as kind: MessageKind, outcome: IntakeRecord.Outcome
    ) async -> (IntakeRecord, refusal: String?) {
        let isPerson = kind == .reply
        let (message, files) =
            isPerson
            ? await message(of: letter)
            : (letter.message(channel: channel, limits: limits, now: desk.now()), FileDesk.Taken())
        let identities = isPerson ? message.sender.identities : []
        var record = IntakeRecord(
            message: message, raw: raw, citizen: identities.first.map(Identifier.init(citizenOf:)),
            identities: identities, outcome: outcome)
        record.kind = kind
        record.mail = letter.facts(limits: limits)
        record.attachments = files.kept
        return (record, files.refusal)
    }
}

extension Configuration {
    /// The office whose address it is.
    fileprivate func office(writingFrom address: EmailAddress) -> String? {
        directory.offices.values.filter { $0.email?.lowercased() == address.key }.map(\.code).min()
    }

    /// Addresses that are ours, in lower case: what comes from them is no citizen.
    var ownAddresses: Set<String> {
        Set(
            [mail?.from.address, mail?.replies, certifiedMail?.from.address, certifiedMail?.replies]
                .compactMap { $0?.lowercased() })
    }
}
