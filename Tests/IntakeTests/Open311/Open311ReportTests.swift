import Civic
import Foundation
import Settings
import Testing

@testable import Intake

@Suite("Open311: a report") struct Open311ReportTests {
    private static let car = "service_code=manutenzione.veicolo-abbandonato&lat=41.9&long=12.5&attribute[tipo]=auto"

    @Test("Becomes a message with the category that its sender chose")
    func message() throws {
        let message = try Open311World.message(
            Open311ReportTests.car
                + "&description=un%27auto&first_name=Anna&last_name=-&email=anna@example.org&phone=347+1234567&account_id=7"
                + "&attribute[targa]=AB123CD&media_url=https://a/1&media_url=https://a/2&address_string=via+X&deviceid=d&api_key=z"
        )
        #expect(message.declaredCategory == "manutenzione.veicolo-abbandonato")
        #expect(message.channel == "open311")
        #expect(message.text == "un'auto")
        #expect(message.location == Location(point: GeoPoint(latitude: 41.9, longitude: 12.5), address: "via X"))
        #expect(message.sender.name == "Anna")
        #expect(message.sender.email == "anna@example.org")
        #expect(message.sender.phone == "+393471234567")
        #expect(message.sender.attested == [.email])
        #expect(
            message.fields == [
                "tipo": "auto", "targa": "AB123CD", "account_id": "7", "deviceid": "d",
                "media_url": "https://a/1 https://a/2",
            ])
    }

    @Test("Nobody's address, no place on a map and no telephone number are taken for what they are")
    func placeholders() throws {
        let message = try Open311World.message(
            "service_code=manutenzione.buche&address_id=%23NOTPINPOINTED%23&email=DO-NOT-REPLY@fms.example&phone=interno+7"
        )
        #expect(message.location == nil)
        #expect(message.sender == Sender(attested: [.email]))
        #expect(message.fields == ["phone": "interno 7"])
        #expect(message.text == "Buche e dissesto stradale")
        let id = try Open311World.message("service_code=manutenzione.buche&address_id=4711")
        #expect(id.fields == ["address_id": "4711"])
    }

    @Test(
        "Is refused with every reason",
        arguments: [
            ("", 400, ["service_code: it is missing"]), ("service_code=", 400, ["service_code: it is missing"]),
            ("service_code=manutenzione.nulla", 404, ["service_code: it is not offered here"]),
            ("service_code=tributi.tari", 404, ["service_code: it is not offered here"]),
            (
                "service_code=manutenzione.buche", 400,
                ["lat and long, address_string or address_id: a place is missing"]
            ),
            (
                "service_code=manutenzione.veicolo-abbandonato&lat=91&long=nan&email=@", 400,
                [
                    "lat: expected degrees from -90 to 90", "long: expected degrees from -180 to 180",
                    "email: it is not an e-mail address in ASCII letters", "attribute[tipo]: it is missing",
                ]
            ),
            ("service_code=manutenzione.buche&long=12", 400, ["lat: it is missing beside long"]),
            (car.replacing("=auto", with: "=carro"), 400, ["attribute[tipo]: expected one of auto, moto, altro"]),
            (car + "&attribute[tipo]=moto", 400, ["attribute[tipo]: expected one value"]),
        ] as [(String, Int, [String])])
    func refusals(_ text: String, _ status: Int, _ reasons: [String]) throws {
        let failure = try Open311World.failure { try Open311World.message(text) }
        #expect(failure.status.code == status)
        #expect(failure.reasons.map(\.description) == reasons)
    }

    @Test("A long text is refused, a long name too")
    func long() throws {
        let text = String(repeating: "a", count: 10_001)
        let name = String(repeating: "n", count: 201)
        let failure = try Open311World.failure {
            try Open311World.message("service_code=manutenzione.buche&address_string=x&description=\(text)&\(name)=1")
        }
        #expect(failure.reasons.count == 2)
    }

    @Test(
        "Numbers are plain decimals",
        arguments: [
            ("41.902800", 41.9028), (" -0.5 ", -0.5), ("+1", 1), ("1e1", 10), ("", nil), ("nan", nil), ("inf", nil),
            ("0x1p3", nil), ("1,5", nil), ("1e999", nil), ("--1", nil),
        ] as [(String, Double?)])
    func numbers(_ text: String, _ number: Double?) { #expect(Open311Report.number(text) == number) }

    @Test(
        "Answers by their kind",
        arguments: [
            (Category.Attribute.Kind.number, "3,5", true), (.number, "tre", false), (.datetime, "2026-11-21", true),
            (.datetime, "2026-11-21T09:30", true), (.datetime, "2026-11-21 09:30:00", true),
            (.datetime, "2026-11-21T09:30:00+01:00", true), (.datetime, "2026-13-21", false),
            (.datetime, "2026-11-21T25:00", false), (.datetime, "ieri", false), (.datetime, "2026-11-21T", false),
            (.string, "x", true), (.text, "", true), (.singlevaluelist, "a", true), (.multivaluelist, "b", false),
        ])
    func answers(_ kind: Category.Attribute.Kind, _ value: String, _ taken: Bool) {
        let attribute = Category.Attribute(
            code: "c", kind: kind, names: [:], values: [Category.Attribute.Value(key: "a", names: [:])])
        #expect(attribute.takes(value) == taken)
    }

    @Test("Several values of one answer")
    func several() throws {
        let rome = try OtherRome(rules: "rules: []\n")
        try rome.edit("categories.yaml", "datatype: singlevaluelist", "datatype: multivaluelist")
        let server = try Open311World.server(in: try rome.configuration())
        let form =
            "service_code=manutenzione.veicolo-abbandonato&address_string=x&attribute[tipo][]=auto&attribute[tipo][]=altro"
        #expect(try Open311World.message(form, to: server).fields["tipo"] == "auto, altro")
    }

    @Test("Keys, jurisdictions and services")
    func server() throws {
        let server = try Open311World.server()
        #expect(server.sender("k-fms")?.name == "fixmystreet")
        #expect(server.sender("k-office")?.office == "polizia-locale-comando")
        for wrong in [nil, "", "k-fm", "k-fms ", String(repeating: "k", count: 5000)] as [String?] {
            #expect(server.sender(wrong) == nil)
        }
        #expect(try Open311Server.meant(by: nil, among: [server]).channel.name == "open311")
        #expect(try Open311Server.meant(by: "Comune.Roma.it", among: [server]).channel.name == "open311")
        #expect(try Open311World.failure { try Open311Server.meant(by: "x", among: [server]) }.status == .notFound)
        #expect(try Open311World.failure { try Open311Server.meant(by: nil, among: []) }.status == .notFound)
        let other = try Open311World.server { $0.jurisdiction = "other" }
        #expect(try Open311Server.meant(by: "other", among: [server, other]).intake.jurisdiction == "other")
        #expect(
            try Open311World.failure { try Open311Server.meant(by: nil, among: [server, other]) }.status == .badRequest)
        let any = try Open311World.server { $0.jurisdiction = nil }
        #expect(try Open311Server.meant(by: "whatever", among: [any]).intake.jurisdiction == nil)
    }

    @Test("Explain and backtest read what is kept of a report as it was taken")
    func reader() throws {
        let configuration = try Rome.configuration()
        let channel = try #require(configuration.channels["open311"])
        let kept = try Open311World.form(Open311ReportTests.car + "&description=buca").kept(from: "fixmystreet")
        let message = try MessageReader(channel: channel, in: configuration).read(kept, now: Rome.monday)
        #expect(message.declaredCategory == "manutenzione.veicolo-abbandonato")
        #expect(message.text == "buca")
        let json = try MessageReader(channel: channel, in: configuration).read(
            Array(#" {"text":"buca"}"#.utf8), now: Rome.monday)
        #expect(json.declaredCategory == nil)
        #expect(
            try problem {
                try MessageReader(channel: channel, in: configuration).read(Array("a".utf8), now: Rome.monday)
            }
            .status == .badRequest)
    }
}
