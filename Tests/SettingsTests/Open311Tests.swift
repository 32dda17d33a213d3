import Civic
import Foundation
import Testing

@testable import Settings

@Suite("Settings of Open311") struct Open311SettingsTests {
    private func folder(_ channel: String) throws -> ConfigurationFolder {
        let folder = try ConfigurationFolder()
        try folder.write("channels.yaml", try folder.read("channels.yaml") + channel)
        for suffix in ["subject", "txt"] { try folder.write("templates/it/office_reply.\(suffix)", "{{code}}\n") }
        return folder
    }

    @Test("A channel, and what is true where it says nothing") func channel() throws {
        let loaded = try folder(
            """
              - name: aperto
                type: open311
                open311: {contact: a@example.org, key_service: https://example.org}
              - name: altro
                type: open311
                language: en
                open311:
                  jurisdiction: borgo.it
                  contact: ${env:CONTACT:-b@example.org}
                  key_service: c
                  type: batch
                  publish: text
                  tickets: all
                  production: false
                  services: [strade.*, verde.alberi]
                  keys:
                    - {name: fms, key: "${env:IO_KEY}", attests: [email, phone]}
                    - {name: ufficio, key: "${env:IO_KEY_2}", office: lavori}

            """
        ).load()
        #expect(loaded.findings.map(\.description) == [])
        let configuration = try #require(loaded.configuration)
        let plain = try #require(configuration.channels["aperto"]?.open311)
        #expect(plain.jurisdiction == nil)
        #expect(plain.answer == .realtime)
        #expect(plain.publication == .category)
        #expect(plain.tickets == .own)
        #expect(plain.isProduction)
        #expect(plain.keys.isEmpty)
        #expect(plain.offers("verde.alberi"))
        let other = try #require(configuration.channels["altro"]?.open311)
        #expect(other.jurisdiction == "borgo.it")
        #expect(other.contact == "b@example.org")
        #expect(other.answer == .batch)
        #expect(other.publication == .text)
        #expect(other.tickets == .all)
        #expect(!other.isProduction)
        #expect(other.offers("strade.buche"))
        #expect(!other.offers("verde.siepi"))
        #expect(other.keys.map(\.name) == ["fms", "ufficio"])
        #expect(other.keys[0].attests == [.email, .phone])
        #expect(other.keys[0].key.value == "io-key")
        #expect(other.keys[1].office == "lavori")
        #expect(!"\(other)".contains("io-key"))
    }

    @Test("A closed channel needs no keys") func closed() throws {
        let loaded = try folder(
            """
              - name: aperto
                type: open311
                enabled: false
                open311: {contact: a, key_service: b, keys: [{name: fms, key: "${env:NOBODY}"}]}

            """
        ).load()
        #expect(loaded.findings.map(\.description) == [])
        #expect(loaded.configuration?.channels["aperto"]?.open311?.keys.isEmpty == true)
    }

    @Test("What a topic's form asks") func attributes() throws {
        let folder = try ConfigurationFolder()
        try folder.edit(
            "categories.yaml", "        urgent: true\n",
            """
                    urgent: true
                    description: {it: Buche nella strada, en: Holes in the road}
                    keywords: [asfalto, voragine]
                    attributes:
                      - code: dove
                        datatype: singlevaluelist
                        required: true
                        description: {it: Dove, en: Where}
                        values: [{key: s, name: {it: Strada, en: Road}}, {key: m, name: Marciapiede}]
                      - {code: quanto_e-larga, datatype: number, description: Larga, datatype_description: in cm}

            """)
        let loaded = folder.load()
        #expect(loaded.findings.map(\.description) == [])
        let category = try #require(loaded.configuration?.categories["strade.buche"])
        #expect(category.meanings["en"] == "Holes in the road")
        #expect(category.keywords == ["asfalto", "voragine"])
        #expect(category.areaNames == ["it": "Strade", "en": "Roads"])
        #expect(category.attributes.map(\.code) == ["dove", "quanto_e-larga"])
        #expect(category.attributes[0].isRequired)
        #expect(category.attributes[0].values.map(\.key) == ["s", "m"])
        #expect(category.attributes[0].values[1].names == ["it": "Marciapiede"])
        #expect(category.attributes[1].kind == .number)
        #expect(category.attributes[1].hints == ["it": "in cm"])
    }
}
