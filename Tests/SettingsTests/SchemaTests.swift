import Foundation
import Testing

@testable import Settings

/// The schemas that editors get agree with what is read.
@Suite struct SchemaTests {
    private func schema(_ file: String) throws -> SchemaValidator {
        let json = try #require(ConfigurationSchema.all.first { $0.file == file }?.json)
        let root = try JSONSerialization.jsonObject(with: Data(json.utf8))
        return SchemaValidator(root: try #require(root as? [String: Any]))
    }

    private func validate(_ text: String, by file: String) throws -> [String] {
        let root = try #require(try YAMLFile(name: file, bytes: Data(text.utf8)).root)
        return try schema(file).problems(root)
    }

    private func schemaName(_ name: String) -> String {
        for folder in ["rules", "precedents"] where name.hasPrefix(folder + "/") { return folder + ".yaml" }
        return name
    }

    @Test func everyFileHasOne() throws {
        #expect(
            ConfigurationSchema.all.map(\.file) == [
                "pasquino.yaml", "channels.yaml", "offices.yaml", "categories.yaml", "calendars.yaml", "rules.yaml",
                "precedents.yaml",
            ])
        for (file, _) in ConfigurationSchema.all {
            let root = try schema(file).root
            #expect(root["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
            #expect(root["additionalProperties"] as? Bool == false)
        }
    }

    @Test(arguments: [
        ("pasquino.yaml", "pasquino.yaml"), ("channels.yaml", "channels.yaml"), ("offices.yaml", "offices.yaml"),
        ("categories.yaml", "categories.yaml"), ("calendars.yaml", "calendars.yaml"),
        ("rules/10-pericoli.yaml", "rules.yaml"), ("rules/20-strade.yaml", "rules.yaml"),
    ]) func goodFilesAreValid(_ file: String, _ schema: String) throws {
        #expect(try validate(try ConfigurationFolder().read(file), by: schema) == [])
    }

    @Test func shippedCityIsValid() throws {
        let roma = ConfigurationFolder.fixtures.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Config/roma")
        var count = 0
        for case let name as String in FileManager.default.enumerator(atPath: roma.path) ?? .init()
        where name.hasSuffix(".yaml") {
            let text = try String(contentsOf: roma.appending(path: name), encoding: .utf8)
            #expect(try validate(text, by: schemaName(name)) == [], "\(name)")
            count += 1
        }
        #expect(count > 5)
    }

    @Test(arguments: [
        ("unknown-key", "pasquino.yaml"), ("missing-key", "pasquino.yaml"), ("wrong-type-mapping", "pasquino.yaml"),
        ("wrong-type-list", "pasquino.yaml"), ("wrong-type-text", "pasquino.yaml"), ("empty-value", "pasquino.yaml"),
        ("number-out-of-range", "pasquino.yaml"), ("number-not-whole", "pasquino.yaml"),
        ("unknown-choice", "pasquino.yaml"), ("literal-secret", "pasquino.yaml"), ("retention", "pasquino.yaml"),
        ("literal-secrets-in-list", "channels.yaml"), ("channel-type", "channels.yaml"),
        ("channel-attests", "channels.yaml"), ("category-without-name", "categories.yaml"),
        ("category-priority", "categories.yaml"), ("calendar-weekday", "calendars.yaml"),
        ("truth-value", "rules/20-strade.yaml"), ("rule-without-then", "rules/20-strade.yaml"),
        ("rule-condition-misspelled", "rules/20-strade.yaml"), ("rule-merge", "rules/20-strade.yaml"),
        ("rule-unknown-feature", "rules/20-strade.yaml"), ("rule-pattern-mapping", "rules/20-strade.yaml"),
    ]) func mistakesAreInvalid(_ name: String, _ file: String) throws {
        let text = try String(
            contentsOf: MistakeTests.bad.appending(path: "\(name)/\(file)"), encoding: .utf8)
        #expect(try !validate(text, by: file.hasPrefix("rules/") ? "rules.yaml" : file).isEmpty)
    }
}
