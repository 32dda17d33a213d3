import Civic
import Testing

@Suite struct CatalogueTests {
    static let day = CivilDate(daysSinceEpoch: 20_000)
    static func office(_ code: String, roles: [Office.Role] = [], until: CivilDate? = nil) -> Office {
        Office(code: code, names: ["it": code], roles: roles, validUntil: until)
    }

    static let directory = OfficeDirectory(
        offices: [
            office("urp"), office("m1", roles: [.init(name: "municipio", areas: ["a1"])]),
            office("m2", roles: [.init(name: "municipio", areas: ["a2"])], until: day.adding(days: -1)),
            office("polizia", roles: [.init(name: "vigili", areas: [])]), office("old", until: day.adding(days: -1)),
        ], lastResort: "urp")

    @Test func resolves() {
        #expect(Self.directory.resolve("urp", area: nil, on: Self.day) == .office("urp"))
        #expect(Self.directory.resolve("municipio", area: "a1", on: Self.day) == .office("m1"))
        #expect(Self.directory.resolve("vigili", area: nil, on: Self.day) == .office("polizia"))
        #expect(Self.directory.resolve("vigili", area: "a9", on: Self.day) == .office("polizia"))
    }

    @Test(
        arguments: [
            ("municipio", nil, "municipio needs a place"), ("municipio", "a9", "nobody is municipio in area a9"),
            ("municipio", "a2", "nobody is municipio in area a2"), ("nessuno", "a1", "no office or role named nessuno"),
            ("old", nil, "office old is not valid on 2024-10-04"),
        ] as [(String, String?, String)])
    func doesNotResolve(_ name: String, _ area: String?, _ reason: String) {
        #expect(Self.directory.resolve(name, area: area, on: Self.day) == .unresolved(reason: reason))
    }

    @Test func forwardsByCategoryOrArea() {
        var office = Self.office("m1")
        office.forwards = [.init(category: "rifiuti.*", to: "ama"), .init(category: "strade.buche", to: "simu")]
        let directory = OfficeDirectory(offices: [office], lastResort: "m1")
        #expect(directory.forward(of: "rifiuti.cassonetti", at: "m1") == "ama")
        #expect(directory.forward(of: "strade.buche", at: "m1") == "simu")
        #expect(directory.forward(of: "rifiutispeciali.x", at: "m1") == nil)
        #expect(directory.forward(of: "strade.buchette", at: "m1") == nil)
    }

    @Test func officesHaveTheNameOfTheirDay() {
        var office = Self.office("m1")
        office.aliases = [.init(name: "Circoscrizione", until: Self.day), .init(name: "Primo")]
        #expect(office.name(on: Self.day, in: "it", fallback: "it") == "Circoscrizione")
        #expect(office.name(on: Self.day.adding(days: 1), in: "en", fallback: "it") == "m1")
    }

    @Test func closedTicketsOnlyReopen() {
        for status in TicketStatus.allCases {
            #expect(!status.allows(.open))
            #expect(status.allows(status) == (status != .open))
            #expect(status.isClosed == !status.allows(.inProgress))
            #expect(status.allows(.reopened) == (status.isClosed || status == .reopened))
        }
    }
}

@Suite struct JSONTests {
    @Test(arguments: [
        (JSON.null, "null"), (.double(.nan), "null"), (.int(.min), "-9223372036854775808"), (.bool(true), "true"),
        (.string("a\"\\\n\r\t\u{1}\u{7F}é😀"), #""a\"\\\n\r\t\u0001\u007fé😀""#), (.array([.null, .int(1)]), "[null,1]"),
        (.object([("b", .null), ("a", .optional(nil))]), #"{"b":null,"a":null}"#), (.optional("x"), "\"x\""),
        (.moment(Timestamp(seconds: 0)), "\"1970-01-01T00:00:00Z\""),
    ])
    func text(_ value: JSON, _ expected: String) { #expect(value.text == expected) }
}
