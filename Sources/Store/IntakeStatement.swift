import Civic
import Postgres

/// One round trip for a batch: every row of every message as arrays, in one statement and so in one transaction.
///
/// Links, files and wishes have their steps only in a batch that has any: starting and ending a step that finds nothing to
/// write costs PostgreSQL as much as a row does.
struct IntakeStatement {
    let sql: String
    let parameters: [PostgresValue]

    /// - Parameter records: no two of the same channel and external id.
    /// - Parameter owner: the daemon that will deliver from memory; null leaves the notifications to the reconciler.
    init(_ records: [IntakeRecord], owner: Holder?) {
        var columns = Columns(capacity: records.count, holder: owner)
        for record in records { columns.append(record) }
        let isPlain = columns.hasNoExtras
        sql = isPlain ? IntakeStatement.plain : IntakeStatement.whole
        parameters = isPlain ? columns.values : columns.values + columns.extras
    }

    private static let plain = "\(common) select id from fresh"
    private static let whole = "\(common), \(extras), \(wishes) select id from fresh"

    private static let common = """
        with input as (
            select * from unnest(
                $1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::uuid[], $7::bigint[],
                $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[],
                $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::double precision[],
                $19::double precision[], $20::text[], $21::text[], $22::timestamptz[], $23::text[], $24::text[],
                $25::text[], $26::text[], $27::boolean[], $28::jsonb[], $29::text[], $30::uuid[],
                $31::text[], $32::text[], $33::text[], $34::text[], $35::text[], $36::jsonb[],
                $37::double precision[], $38::text[], $39::text[], $40::text[]
            ) as t (
                id, channel, external_id, received_at, sent_at, citizen, ticket,
                discarded, subject, body, language, raw,
                code, category, office, priority, area, latitude,
                longitude, address, ticket_language, due_at, contact_medium, contact,
                contact_fallback, tags, undecided, decision, config, event,
                kind, scope, mail_id, quoted, signature, certificate,
                accuracy, note, contact_why, contact_wish)
        ), fresh as (
            insert into message
                (id, channel, external_id, received_at, sent_at, citizen, ticket, discarded, subject, body, language, raw,
                 kind, scope, mail_id, quoted, signature, certificate)
            select id, channel, external_id, received_at, sent_at, citizen, ticket, discarded, subject, body, language, raw,
                kind, scope, mail_id, quoted, signature, certificate
            from input
            on conflict (scope, external_id) do nothing
            returning id
        ), taken as (
            select received_at, citizen, ticket, channel, code, category, office, priority, area, latitude, longitude,
                address, ticket_language, due_at, contact_medium, contact, contact_fallback, tags, undecided, decision,
                config, event, accuracy, note, contact_why, contact_wish
            from input join fresh using (id)
        ), new_ticket as (
            insert into ticket
                (number, code, status, category, office, priority, area, latitude, longitude, address, channel, language,
                 opened_at, due_at, citizen, contact_medium, contact, contact_fallback, tags, undecided, decision, config,
                 accuracy, contact_why, contact_wish)
            select ticket, code, 'open', category, office, priority, area, latitude, longitude, address, channel,
                ticket_language, received_at, due_at, citizen, contact_medium, contact, contact_fallback,
                case when tags is null then '{}' else string_to_array(tags, E'\\x1f') end, undecided, decision, config,
                accuracy, contact_why, contact_wish
            from taken
            where code is not null
        ), new_event as (
            insert into event (id, ticket, at, kind, actor, office, note)
            select event, ticket, received_at, 'opened', 'rules', office, note
            from taken
            where code is not null
        ), new_citizen as (
            insert into citizen (id, first_seen)
            select distinct on (citizen) citizen, received_at
            from taken
            where citizen is not null
            order by citizen
            on conflict do nothing
        ), new_identity as (
            insert into identity (kind, value, attested, citizen)
            select distinct kind, value, attested, citizen
            from unnest($41::uuid[], $42::text[], $43::text[], $44::boolean[], $45::uuid[])
                as t (message, kind, value, attested, citizen)
            join fresh on fresh.id = t.message
            order by value, kind, attested, citizen
            on conflict do nothing
        ), new_notification as (
            insert into notification
                (id, ticket, event, medium, recipient, fallback, template, language, created_at, next_attempt_at,
                 expires_at, owner, urgency)
            select t.id, t.ticket, t.event, t.medium, t.recipient, t.fallback, t.template, t.language, t.created_at,
                t.next_attempt_at, t.expires_at, t.owner, t.urgency
            from unnest(
                $46::uuid[], $47::uuid[], $48::bigint[], $49::uuid[], $50::text[], $51::text[], $52::text[], $53::text[],
                $54::text[], $55::timestamptz[], $56::timestamptz[], $57::bigint[], $58::timestamptz[], $59::int[]
            ) as t (id, message, ticket, event, medium, recipient, fallback, template, language, created_at, expires_at,
                owner, next_attempt_at, urgency)
            join fresh on fresh.id = t.message
        )
        """

    private static let extras = """
        new_link as (
            insert into ticket_link (ticket, other, kind)
            select t.ticket, t.other, t.kind
            from unnest($60::uuid[], $61::bigint[], $62::bigint[], $63::text[]) as t (message, ticket, other, kind)
            join fresh on fresh.id = t.message
            on conflict do nothing
        ), new_blob as (
            insert into blob (hash, size, content)
            select distinct on (hash) hash, octet_length(content), content
            from unnest($64::uuid[], $65::bytea[], $66::bytea[]) as t (message, hash, content)
            join fresh on fresh.id = t.message
            order by hash
            on conflict do nothing
        ), new_attachment as (
            insert into attachment (owner, position, name, type, size, hash, shown, inline, facts)
            select t.message, t.position, t.name, t.type, t.size, t.hash, t.shown, t.inline, t.facts
            from unnest(
                $67::uuid[], $68::int[], $69::text[], $70::text[], $71::bigint[], $72::bytea[], $73::bytea[],
                $74::boolean[], $75::jsonb[]
            ) as t (message, position, name, type, size, hash, shown, inline, facts)
            join fresh on fresh.id = t.message
        )
        """

    /// Of one citizen's wishes the last counts.
    private static let wishes = PreferenceTable.set(
        from: """
            select distinct on (t.citizen) t.citizen, t.wish
            from unnest($76::uuid[], $77::uuid[], $78::text[]) with ordinality as t (message, citizen, wish, position)
            join fresh on fresh.id = t.message
            order by t.citizen, t.position desc
            """, actor: "'citizen'")
}

/// The arrays of one batch, column by column.
private struct Columns {
    typealias UUID = (UInt64, UInt64)
    var id: [UUID?] = [], channel: [String?] = [], externalID: [String?] = [], receivedAt: [Int64?] = []
    var sentAt: [Int64?] = [], citizen: [UUID?] = [], ticket: [Int64?] = [], discarded: [String?] = []
    var subject: [String?] = [], body: [String?] = [], language: [String?] = [], raw: [[UInt8]?] = []
    var code: [String?] = [], category: [String?] = [], office: [String?] = [], priority: [String?] = []
    var area: [String?] = [], latitude: [Double?] = [], longitude: [Double?] = [], address: [String?] = []
    var ticketLanguage: [String?] = [], dueAt: [Int64?] = [], contactMedium: [String?] = [], contact: [String?] = []
    var contactFallback: [String?] = [], tags: [String?] = [], undecided: [Bool?] = [], decision: [String?] = []
    var config: [String?] = [], event: [UUID?] = []
    var identityMessage: [UUID?] = [], identityKind: [String?] = [], identityValue: [String?] = []
    var identityAttested: [Bool?] = [], identityCitizen: [UUID?] = []
    var notificationID: [UUID?] = [], notificationMessage: [UUID?] = [], notificationTicket: [Int64?] = []
    var notificationEvent: [UUID?] = [], medium: [String?] = [], recipient: [String?] = [], fallback: [String?] = []
    var template: [String?] = [], notificationLanguage: [String?] = [], createdAt: [Int64?] = []
    var expiresAt: [Int64?] = [], nextAttemptAt: [Int64?] = [], owner: [Int64?] = [], urgency: [Int32?] = []
    let holder: Holder?
    var kind: [String?] = [], scope: [String?] = [], mailID: [String?] = [], quoted: [String?] = []
    var signature: [String?] = [], certificate: [String?] = [], accuracy: [Double?] = []
    var note: [String?] = [], contactWhy: [String?] = [], contactWish: [String?] = []
    var wishMessage: [UUID?] = [], wishCitizen: [UUID?] = [], wish: [String?] = []
    var linkMessage: [UUID?] = [], linkTicket: [Int64?] = [], linkOther: [Int64?] = [], linkKind: [String?] = []
    var attachments = AttachmentColumns()

    init(capacity: Int, holder: Holder?) {
        self.holder = holder
        id.reserveCapacity(capacity)
        raw.reserveCapacity(capacity)
        body.reserveCapacity(capacity)
    }

    mutating func append(_ record: IntakeRecord) {
        let message = record.message
        let messageID = (message.id.high, message.id.low)
        id.append(messageID)
        channel.append(message.channel)
        externalID.append(message.externalID)
        receivedAt.append(message.receivedAt.microseconds)
        sentAt.append(message.sentAt?.microseconds)
        citizen.append(record.citizen?.pair)
        subject.append(message.subject)
        body.append(message.text)
        language.append(message.language)
        raw.append(record.raw)
        latitude.append(message.location?.point?.latitude)
        longitude.append(message.location?.point?.longitude)
        address.append(message.location?.address)
        accuracy.append(message.location?.accuracy)
        kind.append(record.kind.rawValue)
        scope.append(message.scope)
        mailID.append(record.mail?.id)
        quoted.append(record.mail?.quoted)
        signature.append(record.mail?.signature)
        certificate.append(record.mail?.certificate)
        attachments.append(record.attachments, owner: messageID)
        if let citizen = record.citizen {
            for identity in record.identities {
                identityMessage.append(messageID)
                identityKind.append(identity.kind.rawValue)
                identityValue.append(identity.value)
                identityAttested.append(identity.attested)
                identityCitizen.append(citizen.pair)
            }
            if let said = record.wish {
                wishMessage.append(messageID)
                wishCitizen.append(citizen.pair)
                wish.append(said.text)
            }
        }
        switch record.outcome {
        case .discarded(let reason):
            discarded.append(reason)
            ticket.append(nil)
            append(nil)
        case .appended(let number):
            discarded.append(nil)
            ticket.append(number)
            append(nil)
        case .ticket(let new):
            discarded.append(nil)
            ticket.append(new.number)
            append(new)
            for link in new.links {
                linkMessage.append(messageID)
                linkTicket.append(new.number)
                linkOther.append(link.other)
                linkKind.append(link.kind.rawValue)
            }
            for owed in new.notifications { append(owed, message: messageID) }
        }
    }

    private mutating func append(_ new: NewTicket?) {
        code.append(new?.code)
        category.append(new?.category)
        office.append(new?.office)
        priority.append(new?.priority.rawValue)
        area.append(new?.area)
        ticketLanguage.append(new?.language)
        dueAt.append(new?.dueAt?.microseconds)
        contactMedium.append(new?.contact?.medium.rawValue)
        contact.append(new?.contact?.address)
        contactFallback.append(new?.contact?.fallback)
        // PostgreSQL has no arrays of arrays of different lengths; U+001F cannot occur in a tag (see Settings).
        tags.append(new.flatMap { $0.tags.isEmpty ? nil : $0.tags.joined(separator: "\u{1F}") })
        undecided.append(new?.undecided)
        decision.append(new?.decision)
        config.append(new?.config)
        event.append(new?.openedEvent.pair)
        note.append(new?.note)
        contactWhy.append(new?.contactWhy)
        contactWish.append(new?.wish?.text)
    }

    private mutating func append(_ owed: OwedNotification, message: UUID) {
        notificationID.append(owed.id.pair)
        notificationMessage.append(message)
        notificationTicket.append(owed.ticket)
        notificationEvent.append(owed.event.pair)
        medium.append(owed.medium.rawValue)
        recipient.append(owed.recipient)
        fallback.append(owed.fallback)
        template.append(owed.template)
        notificationLanguage.append(owed.language)
        createdAt.append(owed.createdAt.microseconds)
        expiresAt.append(owed.expiresAt.microseconds)
        nextAttemptAt.append(owed.nextAttemptAt.microseconds)
        owner.append(owed.holder(holder))
        urgency.append(owed.urgency)
    }

    var hasNoExtras: Bool { linkMessage.isEmpty && attachments.isEmpty && wishMessage.isEmpty }

    var values: [PostgresValue] {
        [
            .uuidArray(id), .textArray(channel), .textArray(externalID), .timestamptzArray(receivedAt),
            .timestamptzArray(sentAt), .uuidArray(citizen), .int8Array(ticket), .textArray(discarded),
            .textArray(subject), .textArray(body), .textArray(language), .byteaArray(raw), .textArray(code),
            .textArray(category), .textArray(office), .textArray(priority), .textArray(area), .doubleArray(latitude),
            .doubleArray(longitude), .textArray(address), .textArray(ticketLanguage), .timestamptzArray(dueAt),
            .textArray(contactMedium), .textArray(contact), .textArray(contactFallback), .textArray(tags),
            .boolArray(undecided), .jsonbArray(decision), .textArray(config), .uuidArray(event),
            .textArray(kind), .textArray(scope), .textArray(mailID), .textArray(quoted), .textArray(signature),
            .jsonbArray(certificate), .doubleArray(accuracy), .textArray(note), .textArray(contactWhy),
            .textArray(contactWish),
            .uuidArray(identityMessage), .textArray(identityKind), .textArray(identityValue),
            .boolArray(identityAttested), .uuidArray(identityCitizen),
            .uuidArray(notificationID), .uuidArray(notificationMessage), .int8Array(notificationTicket),
            .uuidArray(notificationEvent), .textArray(medium), .textArray(recipient), .textArray(fallback),
            .textArray(template), .textArray(notificationLanguage), .timestamptzArray(createdAt),
            .timestamptzArray(expiresAt), .int8Array(owner), .timestamptzArray(nextAttemptAt), .int4Array(urgency),
        ]
    }

    /// What most batches have none of.
    var extras: [PostgresValue] {
        [.uuidArray(linkMessage), .int8Array(linkTicket), .int8Array(linkOther), .textArray(linkKind)]
            + attachments.values + [.uuidArray(wishMessage), .uuidArray(wishCitizen), .textArray(wish)]
    }
}

extension Identifier {
    var pair: (UInt64, UInt64) { (high, low) }
    init(_ pair: (UInt64, UInt64)) { self.init(high: pair.0, low: pair.1) }
}
