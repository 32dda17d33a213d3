import Civic
import Settings
import Testing

@testable import Intake

@Suite("In which language, and where") struct ClassifierTests {
    private static let rules = """
        rules:
          - {name: luogo.confine, when: {area: [boundary]}, then: {tags: [confine]}}
          - {name: luogo.fuori, when: {area: [outside]}, then: {tags: [fuori]}}
          - {name: luogo.ignoto, when: {area: [unknown]}, then: {tags: [ignoto]}}
          - {name: luogo.sette, when: {area: [municipio-vii]}, then: {tags: [sette]}}
          - {name: lingua.inglese, when: {language: [en]}, then: {tags: [english]}}
        """

    private func decide(_ json: String) throws -> Verdict {
        try Rome.decide(json, in: OtherRome(rules: Self.rules).configuration())
    }

    @Test(
        "What the sender says, if the city speaks it; else the words; else the channel",
        arguments: [
            (#"{"text":"There is a big hole in the road near my house","language":"en"}"#, "en"),
            (#"{"text":"Il lampione di via Appia non si accende da giorni","language":"en-GB"}"#, "en"),
            (#"{"text":"There is a big hole in the road near my house"}"#, "en"),
            (#"{"text":"Il lampione di via Appia non si accende da giorni"}"#, "it"),
            // The city does not speak French: what was declared is not guessed again.
            (#"{"text":"There is a big hole in the road near my house","language":"fr"}"#, "it"),
            (#"{"text":"Il y a un trou dans la rue depuis des jours, merci de faire vite"}"#, "it"),
            (#"{"text":"AMA 060606"}"#, "it"),
        ])
    func language(_ json: String, _ language: String) throws {
        let verdict = try decide(json)
        #expect(verdict.language == language)
        #expect(verdict.tags.contains("english") == (language == "en"))
    }

    @Test("Where the words do not tell, the channel's language, and without one the city's")
    func languageOfChannel() throws {
        var configuration = try Rome.configuration()
        configuration.channels["callcenter"]?.language = "en"
        #expect(try Rome.decide(#"{"text":"AMA"}"#, channel: "callcenter", in: configuration).language == "en")
        #expect(try Rome.decide(#"{"text":"AMA"}"#, channel: "portale", in: configuration).language == "it")
        configuration.channels["callcenter"]?.language = nil
        configuration.city.language = "en"
        #expect(try Rome.decide(#"{"text":"AMA"}"#, channel: "callcenter", in: configuration).language == "en")
    }

    @Test(
        "A form names an area as people write it",
        arguments: [
            "7", " 7 ", "VII", "vii", "Municipio VII", "MUNICIPIO  ROMA vii", "municipio-vii", "Municipio Roma VII.",
        ])
    func form(_ text: String) throws {
        let verdict = try decide(#"{"text":"a","fields":{"municipio":"\#(text)"}}"#)
        #expect(verdict.place == .certain("municipio-vii"))
        #expect(verdict.area == "municipio-vii")
        #expect(verdict.tags == ["sette"])
    }

    @Test("A form that names no area leaves the place unknown", arguments: ["", " ", "XX", "0", "Ostia", "7 e 8", "-"])
    func unknownArea(_ text: String) throws {
        let verdict = try decide(#"{"text":"a","fields":{"municipio":"\#(text)"}}"#)
        #expect(verdict.place == .unknown)
        #expect(verdict.area == nil)
        #expect(verdict.tags == ["ignoto"])
    }

    @Test("A number does as well as a text, and each channel has its own field")
    func field() throws {
        #expect(try decide(#"{"text":"a","fields":{"municipio":7}}"#).area == "municipio-vii")
        #expect(try decide(#"{"text":"a","fields":{"quartiere":7}}"#).area == nil)
        var configuration = try Rome.configuration()
        configuration.channels["portale"]?.areaField = "luogo.quartiere"
        let nested = #"{"text":"a","fields":{"luogo":{"quartiere":7},"municipio":8}}"#
        #expect(try Rome.decide(nested, in: configuration).area == "municipio-vii")
    }

    @Test("Coordinates count more than the form; an address alone does not")
    func coordinates() throws {
        let there = try decide(#"{"text":"a","location":{"lat":41.8485,"lon":12.5735},"fields":{"municipio":1}}"#)
        #expect(there.area == "municipio-vii")
        let outside = try decide(#"{"text":"a","location":{"lat":45.46,"lon":9.19},"fields":{"municipio":1}}"#)
        #expect(outside.place == .outside)
        #expect(outside.tags == ["fuori"])
        let address = try decide(#"{"text":"a","location":{"address":"via Appia"},"fields":{"municipio":1}}"#)
        #expect(address.area == "municipio-i")
    }

    @Test("Near a boundary the place is not certain, even if the form names it")
    func boundary() throws {
        // A corner that municipi VII and VIII share.
        let verdict = try decide(#"{"text":"a","location":{"lat":41.87,"lon":12.502},"fields":{"municipio":7}}"#)
        guard case .boundary(let areas) = verdict.place else {
            Issue.record("\(verdict.place)")
            return
        }
        #expect(Set(areas).isSuperset(of: ["municipio-vii", "municipio-viii"]))
        #expect(verdict.area == nil)
        #expect(verdict.tags == ["confine"])
        #expect(verdict.json.text.contains("\"place\":\"boundary municipio-"))
    }
}
