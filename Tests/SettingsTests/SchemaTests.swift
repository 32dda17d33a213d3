import Foundation
import TestSupport
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
            #expect(root["$schema"] as? String == "http://json-schema.org/draft-07/schema#")
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

    private static let cities = Repository.root.appending(path: "Config")

    @Test(arguments: ["roma", "fidenza"]) func shippedCityIsValidAndPointsToItsSchemas(_ name: String) throws {
        let city = SchemaTests.cities.appending(path: name)
        var count = 0
        for case let name as String in FileManager.default.enumerator(atPath: city.path) ?? .init()
        where name.hasSuffix(".yaml") {
            let file = city.appending(path: name)
            let text = try String(contentsOf: file, encoding: .utf8)
            let schema = schemaName(name)
            #expect(try validate(text, by: schema) == [], "\(name)")
            // Relative to the file, so that it holds wherever the city is installed.
            let first = try #require(text.split(separator: "\n").first)
            let pointer = try #require(
                first.wholeMatch(of: /# yaml-language-server: \$schema=(.+)/), "\(name) begins: \(first)")
            let target = file.deletingLastPathComponent().appending(path: String(pointer.output.1)).standardizedFileURL
            #expect(
                target == city.appending(path: "schema/\(schema.replacing(".yaml", with: ".json"))").standardizedFileURL
            )
            #expect(FileManager.default.fileExists(atPath: target.path))
            count += 1
        }
        #expect(count > 5)
    }

    @Test(
        "the schemas beside the cities are those of this version: `pasquino schema --config DIR --write`",
        arguments: ["roma", "fidenza"])
    func shippedSchemasAreFresh(_ name: String) throws {
        let city = SchemaTests.cities.appending(path: name)
        let shipped = try FileManager.default.contentsOfDirectory(atPath: city.appending(path: "schema").path)
        #expect(Set(shipped.map { "schema/\($0)" }) == Set(ConfigurationSchema.files.map(\.path)))
        for (path, text) in ConfigurationSchema.files {
            #expect(try String(contentsOf: city.appending(path: path), encoding: .utf8) == text, "\(path)")
        }
    }

    @Test("every key has a description for the editor's hover, and only draft-07's words are used")
    func keysAreDescribed() throws {
        let known: Set<String> = [
            "$schema", "$ref", "title", "description", "type", "properties", "required", "additionalProperties",
            "items",
            "enum", "minimum", "maximum", "pattern", "anyOf", "allOf", "definitions",
        ]
        func look(_ schema: [String: Any], _ path: String) {
            #expect(Set(schema.keys).subtracting(known) == [], "\(path)")
            #expect(schema["$ref"] == nil || schema.count == 1, "\(path): nothing counts beside $ref")
            for (name, inner) in schema["properties"] as? [String: [String: Any]] ?? [:] {
                #expect((inner["description"] as? String)?.isEmpty == false, "\(path)/\(name)")
                look(inner, "\(path)/\(name)")
            }
            for (name, inner) in schema["definitions"] as? [String: [String: Any]] ?? [:] { look(inner, name) }
            for one in ["anyOf", "allOf"].flatMap({ schema[$0] as? [[String: Any]] ?? [] }) { look(one, path) }
            for one in ["items", "additionalProperties"] {
                if let inner = schema[one] as? [String: Any] { look(inner, path) }
            }
        }
        for (file, _) in ConfigurationSchema.all { look(try schema(file).root, file) }
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
        ("rule-example-key", "rules/20-strade.yaml"),
        ("rule-example-without-text", "rules/20-strade.yaml"), ("rule-example-mapping", "rules/20-strade.yaml"),
        ("rule-example-sla", "rules/20-strade.yaml"),
    ]) func mistakesAreInvalid(_ name: String, _ file: String) throws {
        let text = try String(
            contentsOf: MistakeTests.bad.appending(path: "\(name)/\(file)"), encoding: .utf8)
        #expect(try !validate(text, by: file.hasPrefix("rules/") ? "rules.yaml" : file).isEmpty)
    }
}
