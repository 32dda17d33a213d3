import Civic
import Testing

@testable import Postgres
@testable import Store

/// What others may see of tickets.
@Suite("published tickets", .enabled(if: PostgresServer.isInstalled, TestDatabase.missing), .timeLimit(.minutes(30)))
struct PublishedTests {
    private static let all = Tickets.Visibility(channel: nil, categories: nil, words: false)
    private static let words = Tickets.Visibility(channel: nil, categories: nil, words: true)

    @discardableResult
    private func open(
        _ id: String, in database: TestDatabase, channel: String = "portale", category: String = "strade.buche",
        after seconds: Int64 = 0, point: GeoPoint? = nil, accuracy: Double? = nil,
        _ change: (inout IntakeRecord) -> Void = { _ in }
    ) async throws -> NewTicket {
        let at = Sample.moment + .seconds(seconds)
        let ticket = Sample.ticket(category: category, openedAt: at)
        var record = Sample.record(id, outcome: .ticket(ticket))
        record.message.channel = channel
        record.message.scope = channel
        record.message.receivedAt = at
        record.message.location = Location(point: point, accuracy: accuracy, address: "via Tuscolana 512")
        change(&record)
        try await database.open(record)
        return ticket
    }

    private func codes(
        _ database: TestDatabase, _ visibility: Tickets.Visibility = all,
        _ change: (inout Tickets.PublishedFilter) -> Void = { _ in }
    ) async throws -> [String] {
        var filter = Tickets.PublishedFilter()
        change(&filter)
        return try await database.tickets.published(filter, visibility).map(\.code)
    }

    @Test("the newest first; of a channel, of categories; by code, status, time, place and page")
    func filters() async throws {
        try await TestDatabase.with { database in
            let a = try await open("a", in: database, point: GeoPoint(latitude: 41.9, longitude: 12.5))
            let b = try await open("b", in: database, channel: "open311", category: "verde.alberi", after: 100)
            let c = try await open(
                "c", in: database, after: 200, point: GeoPoint(latitude: 41.9, longitude: 12.5), accuracy: 30)
            #expect(try await codes(database) == [c.code, b.code, a.code])
            let own = Tickets.Visibility(channel: "open311", categories: nil, words: false)
            #expect(try await codes(database, own) == [b.code])
            let some = Tickets.Visibility(channel: nil, categories: ["strade.buche"], words: false)
            #expect(try await codes(database, some) == [c.code, a.code])
            #expect(try await codes(database, some) { $0.categories = ["verde.alberi"] } == [])
            #expect(try await codes(database) { $0.codes = [a.code, "RM-NOBODY"] } == [a.code])
            #expect(try await codes(database, own) { $0.codes = [a.code] } == [])
            #expect(try await codes(database) { $0.openedFrom = Sample.moment + .seconds(100) } == [c.code, b.code])
            #expect(try await codes(database) { $0.openedUntil = Sample.moment + .seconds(100) } == [b.code, a.code])
            // Where only a photo tells the place, it is nobody's to see.
            let box = Tickets.PublishedFilter.Box(west: 12, south: 41, east: 13, north: 42)
            #expect(try await codes(database) { $0.box = box } == [a.code])
            #expect(
                try await codes(database) {
                    $0.limit = 1
                    $0.offset = 1
                } == [b.code])

            let step = Tickets.Step(code: b.code, at: Sample.moment + .seconds(1000), kind: .resolved, by: "urp")
            _ = try await database.tickets.take(step, owner: nil) { _, _ in nil }
            let note = Tickets.Step(
                code: a.code, at: Sample.moment + .seconds(2000), kind: .note, by: "urp", tells: false)
            _ = try await database.tickets.take(note, owner: nil) { _, _ in nil }
            #expect(try await codes(database) { $0.isClosed = true } == [b.code])
            #expect(try await codes(database) { $0.isClosed = false } == [c.code, a.code])
            #expect(try await codes(database) { $0.updatedFrom = Sample.moment + .seconds(900) } == [b.code])
            #expect(try await codes(database) { $0.updatedUntil = Sample.moment + .seconds(900) } == [c.code, a.code])
            let closed = try await database.tickets.published(Tickets.PublishedFilter(), own).first
            #expect(closed?.updatedAt == Sample.moment + .seconds(1000))
            #expect(closed?.status == .resolved)
        }
    }

    @Test("words, address and pictures only where they are published; never a position that only a photo tells")
    func words() async throws {
        try await TestDatabase.with { database in
            let picture = StoredAttachment(
                name: "a.jpg", type: "image/jpeg", hash: [1], content: [1, 2], shown: .copy(hash: [2], content: [3]),
                isInline: false, facts: "{}")
            let others = [
                StoredAttachment(
                    name: "a.pdf", type: "application/pdf", hash: [4], content: [4], shown: .itself, isInline: false,
                    facts: "{}"),
                StoredAttachment(
                    name: "a.svg", type: "image/svg+xml", hash: [5], content: [5], shown: .itself, isInline: false,
                    facts: "{}"),
                StoredAttachment(
                    name: "b.jpg", type: "image/jpeg", hash: [6], content: [6], shown: nil, isInline: false, facts: "{}"
                ),
            ]
            let ticket = try await open(
                "a", in: database, point: GeoPoint(latitude: 41.9, longitude: 12.5), accuracy: 30
            ) { $0.attachments = others + [picture] }
            let dark = try #require(try await database.tickets.published(Tickets.PublishedFilter(), Self.all).first)
            #expect(dark.text == nil)
            #expect(dark.address == nil)
            #expect(dark.picture == nil)
            #expect(dark.point == nil)
            let bright = try #require(try await database.tickets.published(Tickets.PublishedFilter(), Self.words).first)
            #expect(bright.text == "una buca")
            #expect(bright.address == "via Tuscolana 512")
            #expect(bright.picture == 3)
            let shown = try #require(try await database.tickets.picture(3, code: ticket.code, Self.words))
            #expect(shown.type == "image/jpeg")
            #expect(shown.bytes == [3])
            #expect(try await database.tickets.picture(3, code: ticket.code, Self.all) == nil)
            for other in [0, 1, 2, 4, -1, Int.max] {
                #expect(try await database.tickets.picture(other, code: ticket.code, Self.words) == nil)
            }
            let elsewhere = Tickets.Visibility(channel: "open311", categories: nil, words: true)
            #expect(try await database.tickets.picture(3, code: ticket.code, elsewhere) == nil)
        }
    }

    @Test("steps in order, within a time; not the reader's own, nor notes")
    func updates() async throws {
        try await TestDatabase.with { database in
            let ticket = try await open("a", in: database, channel: "open311")
            try await open("b", in: database)
            func take(_ kind: TicketEvent.Kind, _ seconds: Int64, by: String = "urp", id: String? = nil) async throws {
                let step = Tickets.Step(
                    code: ticket.code, at: Sample.moment + .seconds(seconds), kind: kind, by: by, externalID: id,
                    note: "fatto")
                _ = try await database.tickets.take(step, owner: nil) { _, _ in nil }
            }
            try await take(.acknowledged, 10)
            try await take(.note, 20)
            try await take(.inProgress, 30, by: "open311:fms")
            try await take(.resolved, 40, id: "e")
            func updates(
                _ from: Int64, _ until: Int64, _ visibility: Tickets.Visibility = Self.words, limit: Int = 10,
                offset: Int = 0
            ) async throws -> [TicketEvent.Kind] {
                try await database.tickets.updates(
                    from: Sample.moment + .seconds(from), until: Sample.moment + .seconds(until), for: "open311:fms",
                    visibility, limit: limit, offset: offset
                ).map(\.kind)
            }
            #expect(try await updates(0, 100) == [.acknowledged, .resolved])
            #expect(try await updates(0, 39) == [.acknowledged])
            #expect(try await updates(0, 100, limit: 1, offset: 1) == [.resolved])
            let portal = Tickets.Visibility(channel: "portale", categories: nil, words: true)
            #expect(try await updates(0, 100, portal) == [])
            let dark = try await database.tickets.updates(
                from: Sample.moment, until: Sample.moment + .seconds(100), for: "x", Self.all, limit: 10, offset: 0)
            #expect(dark.map(\.note) == [nil, nil, nil])
            #expect(try await database.tickets.event(code: ticket.code, by: "urp", externalID: "e") == dark.last?.id)
            #expect(try await database.tickets.event(code: ticket.code, by: "else", externalID: "e") == nil)
        }
    }

    @Test("the ticket of a message; the same content within a time")
    func messages() async throws {
        try await TestDatabase.with { database in
            var id: Identifier?
            let ticket = try await open("h@1", in: database, channel: "open311", after: 100) { id = $0.message.id }
            let message = try #require(id)
            let found = try await database.tickets.ticket(ofMessage: message, channel: "open311")
            #expect(found.found)
            #expect(found.code == ticket.code)
            #expect(try await !database.tickets.ticket(ofMessage: message, channel: "portale").found)
            func earlier(_ ids: [String], _ since: Int64) async throws -> String? {
                try await database.tickets.earlier(
                    scope: "open311", externalIDs: ids, since: Sample.moment + .seconds(since))?.ticket
            }
            #expect(try await earlier(["h@2", "h@1"], 0) == ticket.code)
            #expect(try await earlier(["h@2", "h@1"], 100) == nil)
            #expect(try await earlier(["h@2"], 0) == nil)
        }
    }
}
