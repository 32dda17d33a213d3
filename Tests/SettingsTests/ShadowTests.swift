import Foundation
import Testing

@testable import Settings

@Suite struct ShadowTests {
    private static let rules = """
        rules:
          - name: strade.buche
            when: {text: [voragine]}
            then: {category: strade.altro}
            examples: {match: [una voragine]}

        """

    private func folder(at name: String = "next") throws -> ConfigurationFolder {
        let folder = try ConfigurationFolder()
        try folder.write("pasquino.yaml", folder.read("pasquino.yaml") + "rules: {shadow: \(name)}\n")
        try folder.write("\(name)/10.yaml", Self.rules)
        return folder
    }

    private func load(_ folder: ConfigurationFolder) throws -> Configuration {
        let loaded = folder.load()
        #expect(loaded.findings.isEmpty)
        return try #require(loaded.configuration)
    }

    @Test(arguments: ["next", "next/", "drafts/next"]) func itIsTheSameCityUnderOtherRules(_ name: String) throws {
        let configuration = try load(folder(at: name))
        #expect(configuration.shadowRules?.directory == (name.hasSuffix("/") ? "next" : name))
        let shadow = try #require(configuration.shadow)
        #expect(configuration.rules.count == 4)
        #expect(shadow.rules.map(\.name) == ["strade.buche"])
        #expect(shadow.ruleSet.rules.count == 1)
        #expect(shadow.categories.count == configuration.categories.count)
        #expect(shadow.shadow == nil)
        #expect(shadow.hash != configuration.hash)
    }

    @Test func withoutAShadowThereIsNone() throws {
        let configuration = try load(ConfigurationFolder())
        #expect(configuration.shadowRules == nil)
        #expect(configuration.shadow == nil)
    }

    @Test func theLiveHashDoesNotDependOnTheShadowAndItsOwnIsTheOneItWillHave() throws {
        let folder = try folder()
        let before = try load(folder)
        try folder.write("next/10.yaml", Self.rules + "# other\n")
        let after = try load(folder)
        #expect(after.hash == before.hash)
        #expect(after.shadow?.hash != before.shadow?.hash)
        // Change places.
        let manager = FileManager.default
        try manager.moveItem(atPath: folder.path + "/rules", toPath: folder.path + "/aside")
        try manager.moveItem(atPath: folder.path + "/next", toPath: folder.path + "/rules")
        try manager.moveItem(atPath: folder.path + "/aside", toPath: folder.path + "/next")
        let promoted = try load(folder)
        #expect(promoted.hash == after.shadow?.hash)
        #expect(promoted.shadow?.hash == after.hash)
    }

    @Test func itsMistakesSpoilNothingWhereItIsLeftOut() throws {
        let folder = try folder()
        try folder.write("next/10.yaml", "rules: [")
        #expect(folder.load().configuration == nil)
        let loaded = ConfigurationLoader.load(
            directory: folder.path, environment: ConfigurationFolder.environment, secrets: .required,
            withShadow: false)
        #expect(loaded.configuration?.shadowRules == nil)
        #expect(loaded.configuration?.rules.count == 4)
    }

    @Test func anEmptyShadowIsAWarning() throws {
        let folder = try folder()
        try folder.remove("next/10.yaml")
        #expect(
            folder.findings() == ["next:1:1: warning: there are no rules: everything goes to the last resort"])
        #expect(folder.load().configuration?.shadow?.rules.isEmpty == true)
    }

    @Test func theDaemonIsFoundWhateverElseIsWrong() throws {
        let folder = try ConfigurationFolder()
        try folder.write("rules/20-strade.yaml", "rules: [")
        try folder.remove("offices.yaml")
        try folder.edit("pasquino.yaml", "prefix: BG", "prefix: bg")
        let place = ConfigurationLoader.whereabouts(
            directory: folder.path + "/", environment: ConfigurationFolder.environment)
        #expect(place?.database.connection == .string("host=/run/postgresql dbname=borgo"))
        #expect(place?.stateDirectory == "/var/lib/borgo")
        try folder.write("pasquino.yaml", "city: [")
        #expect(ConfigurationLoader.whereabouts(directory: folder.path, environment: [:]) == nil)
        #expect(ConfigurationLoader.whereabouts(directory: "/nonexistent", environment: [:]) == nil)
    }
}
