import Civic
import Foundation
import Settings
import Store
import Testing

@testable import Intake

@Suite("Open311: what is asked") struct Open311QueryTests {
    private static let everything = Tickets.Visibility(channel: "open311", categories: nil, words: false)

    private func filter(_ text: String) throws -> Tickets.PublishedFilter {
        try Open311Query(try FormBody(urlencoded: text)).requests(
            Open311QueryTests.everything, prefix: "RM", now: Rome.monday)
    }

    @Test("The last 90 days; 90 days from or up to a date; the last 90 between two")
    func window() throws {
        let days = { (count: Int64) in Duration.seconds(count * 86_400) }
        #expect(try filter("").openedFrom == Rome.monday + days(-90))
        #expect(try filter("").openedUntil == Rome.monday)
        #expect(try filter("start_date=2026-01-01T00:00:00Z").openedUntil == moment("2026-04-01T00:00:00Z"))
        #expect(try filter("end_date=2026-04-01T00:00:00Z").openedFrom == moment("2026-01-01T00:00:00Z"))
        let year = try filter("start_date=2025-01-01T00:00:00Z&end_date=2026-04-01T00:00:00Z")
        #expect(year.openedFrom == (try moment("2026-01-01T00:00:00Z")))
        let week = try filter("start_date=2026-03-25T00:00:00Z&end_date=2026-04-01T00:00:00Z")
        #expect(week.openedFrom == (try moment("2026-03-25T00:00:00Z")))
        #expect(week.limit == 1000)
    }

    @Test("Changes are asked for whenever the request was opened, unless that is asked too")
    func updated() throws {
        let changed = try filter("updated_after=2026-11-01T00:00:00Z")
        #expect(changed.openedFrom == nil)
        #expect(changed.updatedFrom == (try moment("2026-11-01T00:00:00Z")))
        #expect(changed.updatedUntil == (try moment("2027-01-30T00:00:00Z")))
        let both = try filter("updated_after=2026-11-01T00:00:00Z&start_date=2026-10-01T00:00:00Z")
        #expect(both.openedFrom == (try moment("2026-10-01T00:00:00Z")))
        #expect(both.updatedUntil == nil)
    }

    @Test("Codes override all else, and are read as people write them")
    func codes() throws {
        let code = try #require(TicketCode(prefix: "RM", number: 7, key: Array(0..<16))).text
        let asked = try filter("service_request_id=\(code.lowercased()),nonsense,,&status=x&start_date=y&page=0")
        #expect(asked.codes == [code])
        #expect(try filter("service_request_id=nonsense").codes == [])
    }

    @Test("Lists, pages, boxes")
    func others() throws {
        #expect(try filter("service_code=a.b,%20c.d,").categories == ["a.b", "c.d"])
        #expect(try filter("status=OPEN").isClosed == false)
        #expect(try filter("status=closed").isClosed == true)
        #expect(try filter("status=open,closed").isClosed == nil)
        let page = try filter("page=3&page_size=50")
        #expect(page.limit == 50)
        #expect(page.offset == 100)
        #expect(
            try filter("bbox=12.4,41.8,12.6,42").box
                == Tickets.PublishedFilter.Box(west: 12.4, south: 41.8, east: 12.6, north: 42))
    }

    @Test(
        "Times as senders write them",
        arguments: [
            ("2026-11-21T09:30:00+01:00", "2026-11-21T08:30:00Z"),
            ("2026-11-21T09:30:00 01:00", "2026-11-21T08:30:00Z"),
            ("2026-11-21", "2026-11-21T00:00:00Z"), ("2026-11-21T09:30:00.5Z", "2026-11-21T09:30:00.500000Z"),
            ("2026-11-21T09:30:00", nil), ("now", nil), ("", nil), ("2026-02-30", nil), ("2026-11-21 ", nil),
        ] as [(String, String?)])
    func times(_ text: String, _ wanted: String?) { #expect(Open311Query.moment(text)?.rfc3339 == wanted) }

    @Test(
        arguments: [
            ("start_date=x&end_date=y&status=z&page=0&page_size=1001&bbox=1&updated_after=q", 7),
            ("start_date=2026-02-01T00:00:00Z&end_date=2026-01-01T00:00:00Z", 1), ("bbox=2,0,1,1", 1),
            ("page=99999999999999999999", 1), ("page_size=-1", 1), ("bbox=nan,0,1,1", 1), ("status=open,fixed", 1),
        ])
    func refusals(_ text: String, _ count: Int) throws {
        let failure = try Open311World.failure { try filter(text) }
        #expect(failure.status == .badRequest)
        #expect(failure.reasons.count == count)
    }

    @Test("Updates: the last day, or the dates that are given")
    func updates() throws {
        func asked(_ text: String) throws -> (from: Timestamp, until: Timestamp, limit: Int, offset: Int) {
            try Open311Query(try FormBody(urlencoded: text)).updates(now: Rome.monday)
        }
        #expect(try asked("").from == Rome.monday + .seconds(-86_400))
        let given = try asked("start_date=2026-11-20T00:00:00Z&end_date=2026-11-21T00:00:00Z&page=2&page_size=10")
        #expect(given.from == (try moment("2026-11-20T00:00:00Z")))
        #expect(given.offset == 10)
    }

    @Test("Updates inwards: every fault at once; statuses in either case")
    func inwards() throws {
        func read(_ text: String, _ key: Open311Intake.Key = Open311World.fixMyStreet) throws -> Open311Update {
            try Open311Update(try Open311World.form(text), from: key, text: 100)
        }
        let update = try read(
            "service_request_id=RM-1&update_id=7&status=FIXED&updated_datetime=2026-11-21T09:30:00Z&description=fatto&media_url=https://x"
        )
        #expect(update.note == "FIXED\nfatto\nhttps://x")
        #expect(update.status.step == .resolved)
        let plain = try read(
            "service_request_id=RM-1&update_id_ext=7&status=open&updated_datetime=2026-11-21T09:30:00Z&email=no-reply@x.y"
        )
        #expect(plain.note == "")
        #expect(plain.id == "7")
        #expect(try Open311World.failure { try read("") }.reasons.count == 4)
        #expect(
            try Open311World.failure {
                try read(
                    "service_request_id=1&update_id=1&status=DONE&updated_datetime=ieri&email=x&description="
                        + String(repeating: "a", count: 101))
            }.reasons.count == 4)
        for status in Open311Update.Status.allCases {
            #expect(Open311Update.Status(rawValue: status.rawValue) == status)
        }
    }

    @Test(
        "Published texts reach nobody",
        arguments: [
            ("Scrivetemi a anna.rossi@example.org, grazie", "Scrivetemi a […] grazie"),
            ("tel. 347 12 34 567.", "tel. […]."), ("+39 06/0606123 (ore 9)", "[…] (ore 9)"),
            ("CF RSSNNA80A41H501Z!", "CF […]!"), ("cf. rss nna 80a41", "cf. rss nna 80a41"),
            ("via Tuscolana 512, il 21/11/2026 alle 9:30", "via Tuscolana 512, il 21/11/2026 alle 9:30"),
            ("buca di 30 cm\n\nal 7", "buca di 30 cm\n\nal 7"), ("", ""), ("@ casa", "@ casa"),
            ("2026-11-21 e 4111-1111-1111-1111", "[…]"),
        ])
    func texts(_ text: String, _ wanted: String) {
        if text.hasPrefix("2026") {
            #expect(!PublicText.cleaned(text).contains("1111"))
        } else {
            #expect(PublicText.cleaned(text) == wanted)
        }
    }

    @Test(
        "However it is written",
        arguments: [
            "CF:RSSMRA85T10A562S", "c.f.RSSMRA85T10A562S", "(RSSMRA85T10A562S)/Mario", "RSS MRA 85T10 A562S",
            "CF RSS MRA 85T10 A562S.", "rssmra85t10a562s", "RSS-MRA-85T10-A562S", "CFRSSMRA85T10A562S",
            "ＲＳＳＭＲＡ85Ｔ10Ａ562Ｓ", "RSSMRA\u{200B}85T10A562S", "RSSMRA85T10\nA562S",
            "333‑123‑4567", "333–123–4567", "333\u{2009}123\u{2009}4567", "+39\u{2009}333\u{2009}123\u{2009}4567",
            "333\u{202F}123\u{202F}4567", "+39\u{202F}333\u{202F}123\u{202F}4567", "333_123_4567", "333:123:4567",
            "333,123,4567", "333·123·4567", "Tel:06.48.8991", "06/48/8991", "333 12.34 567", "３３３ １２３ ４５６７",
            "333\u{200B}123\u{2060}4567", "٣٣٣١٢٣٤٥٦٧", "3\u{FE0F}\u{20E3}3\u{20E3}3\u{20E3}123 4567", "(06) 489 912",
            "333 123\n4567", "489912", "4111 1111 1111 1111", "IT60X0542811101000000123456", "333 - 1234567",
            "mario.rossi＠example.it", "mario @ example.it", "mario(at)x.it", "mario [at] x.it", "mario at example.it",
            "mario (AT) x.it", "mario ( at ) x.it", "mario@ example.it", "mario @example.it", "mario\n@ example.it",
            "mario chiocciola example.it", "mario@\u{200B}example.it", "<mario@example.it>",
        ])
    func hidden(_ text: String) {
        for (before, after) in [("", ""), ("sono ", " grazie"), ("(", ")"), ("il 21/11/2026 ", ".")] {
            let cleaned = PublicText.cleaned(before + text + after)
            #expect(cleaned.contains(PublicText.gap))
            for piece in [
                "RSS", "rss", "562", "33", "48", "4567", "567", "11 1", "054", "mario", "x.it", "example", "٣",
            ] {
                #expect(!cleaned.contains(piece), "\(cleaned)")
            }
            if before.hasPrefix("il") { #expect(cleaned.hasPrefix("il 21/11/2026 ")) }
        }
    }

    @Test(
        "What is nobody's stays",
        arguments: [
            "via Tuscolana 512", "21/11/2026", "alle 10:30", "linea 64", "RM-7Q4K2MXD", "dal 2019 al 2024",
            "00184 Roma",
            "via Tuscolana 512, 00184 Roma", "via Tuscolana 512 - 00184 Roma", "via Tuscolana 512\n00184 Roma",
            "civici 512, 514, 516", "via Appia 512-514", "il 21.11.2026 alle 10.30", "21/11/2026 10:30:15",
            "2026-11-21T10:30:00", "dalle 10:30-12:00", "dalle 10.30 - 12.30", "21/11/26", "2019-2024", "2025/26",
            "11/2026", "legge 241/1990", "€ 1.200,50", "1.234,56", "150.000 euro", "150000 €", "1.000.000 di buche",
            "12,50 €", "km 12+300", "30 cm", "50 m²", "½ metro", "@ casa", "@comune grazie", "ci vediamo at casa",
            "👩‍👩‍👧 perche\u{301}", "responsabilità della città", "5 alberi\n\n12 lampioni e 4 tombini",
            "via Roma 12 e 15 a 300 m", "fermata 70123, linea 512.", "21/11/2026-25/11/2026", "a.b (at) casa",
        ])
    func kept(_ text: String) { #expect(PublicText.cleaned(text) == text) }

    @Test("A ticket's code stays, whatever its digits")
    func ticketCodes() throws {
        for number in Int64(0)..<2000 {
            let code = try #require(TicketCode(prefix: "RM", number: number, key: Array("sixteen bytes ok".utf8))).text
            guard code.dropFirst(3).contains(where: \.isLetter) else { continue }
            #expect(PublicText.cleaned("Il \(code), 12") == "Il \(code), 12")
        }
    }

    @Test(
        "A long text takes no longer than its length",
        arguments: ["1", "1 ", "a", "A ", "@", " at ", "a@", "(", "1.", "٣"])
    func long(_ piece: String) {
        let spent = ContinuousClock().measure { _ = PublicText.cleaned(String(repeating: piece, count: 50_000)) }
        #expect(spent < .seconds(20))
    }

    @Test("Nothing that is sent does anything but be refused or taken", arguments: 0..<40)
    func hostile(_ seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed) &+ 311)
        let server = try Open311World.server()
        let pieces = [
            "lat", "long", "=", "&", "%", "%00", "%FF", "attribute[", "]", "[]", "tipo", "service_code",
            "manutenzione.veicolo-abbandonato", "manutenzione.buche", "41.9", "1e308", "-", "+", "email", "@", "a@b.it",
            "status", "REOPEN", "start_date", "2026-11-21T09:30:00Z", "bbox", "1,2,3,4", ",", "page", "phone",
            "media_url",
            "data:;base64,", "AAAA", "è", "\u{0}", "🕳️", "description", "api_key", "k-fms", "\n", "service_request_id",
        ]
        for _ in 0..<200 {
            var text = ""
            for _ in 0..<Int.random(in: 0..<40, using: &random) { text += pieces.randomElement(using: &random)! }
            guard let body = try? FormBody(urlencoded: text) else { continue }
            let form = Open311Form(body)
            _ = try? Open311Form.reading(form.kept(from: "fms"))
            do {
                let message = try Open311Report(form: form, server: server).message(
                    from: nil, externalID: "e", text: 1000, now: Rome.monday)
                #expect(!message.text.utf8.contains(0))
                #expect(message.declaredCategory != nil)
            } catch { #expect([400, 404].contains(error.status.code)) }
            do { _ = try Open311Update(form, from: Open311World.office, text: 1000) } catch {
                #expect(error.status == .badRequest)
            }
            do { _ = try filter(text) } catch let failure as Open311Failure { #expect(failure.status == .badRequest) }
            _ = PublicText.cleaned(text)
            _ = try Open311Value.text(text).xml(root: "t")
        }
    }
}

/// Sebastiano Vigna's SplitMix64: the same numbers every time.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
