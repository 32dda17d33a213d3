import Foundation
import TestSupport
import Testing

@testable import Settings

/// With what others made: the real outlines of Rome's districts, and a JSON Schema validator.
@Suite(.timeLimit(.minutes(30))) struct RealDataTests {
    static let rome = Repository.root.appending(path: "Config/roma")
    static let outlines = "geo/municipi-roma.geojson.gz"

    @Test(.enabled(if: SharedData.has(outlines), "the real outlines are not here"))
    func outlinesOfRomeAreTaken() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: RealDataTests.rome, to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        func load() throws -> Configuration {
            let loaded = ConfigurationLoader.load(directory: folder.path, environment: [:], secrets: .optional)
            return try #require(loaded.configuration, "\(loaded.findings)")
        }
        let before = try load()
        let bytes = Array(try SharedData.unzipped(RealDataTests.outlines))
        // By number, and by Roman number.
        for property in ["municipio", "numero_romano"] {
            let result = try AreaImport.read(bytes, property: property, areas: before.areas)
            #expect(result.count == 15 && result.points > 10_000)
            try Data(result.geojson.utf8).write(
                to: folder.appending(path: "areas/\(try #require(before.areaFile))"))
            let after = try load()
            #expect(after.areas.map(\.code) == before.areas.map(\.code))
            #expect(after.areas.map(\.names) == before.areas.map(\.names))
            #expect(after.areas.map(\.aliases) == before.areas.map(\.aliases))
            #expect(after.areas.allSatisfy { !$0.polygons.isEmpty })
        }
        #expect(throws: AreaImport.Failure.self) {
            try AreaImport.read(bytes, property: "nome", areas: before.areas)
        }
        let failure = #expect(throws: AreaImport.Failure.self) {
            try AreaImport.read(bytes, property: "municipio", areas: Array(before.areas.dropLast()))
        }
        #expect(failure?.description.contains("no area is called") == true)
    }

    /// Dates stay text, as in YAML 1.2.
    private static let validator = """
        import json, sys, yaml, jsonschema
        class Loader(yaml.SafeLoader): pass
        Loader.yaml_implicit_resolvers = {
            first: [one for one in all if one[0] != 'tag:yaml.org,2002:timestamp']
            for first, all in yaml.SafeLoader.yaml_implicit_resolvers.items()}
        schema = json.loads(sys.argv[1])
        jsonschema.Draft7Validator.check_schema(schema)
        document = yaml.load(open(sys.argv[2], encoding='utf8'), Loader)
        for error in jsonschema.Draft7Validator(schema).iter_errors(document):
            print(error.json_path, error.message[:200])
        """

    private static let hasValidator =
        (try? Tool.output(["python3", "-c", "import yaml, jsonschema; jsonschema.Draft7Validator"])) != nil

    private func complaints(_ file: String, _ path: URL) throws -> String {
        let folder = ["rules", "precedents"].first { file.hasPrefix($0 + "/") }
        let schema = folder.map { "\($0).yaml" } ?? file
        let json = try #require(ConfigurationSchema.all.first { $0.file == schema }?.json)
        let output = try Tool.output(["python3", "-c", RealDataTests.validator, json, path.path])
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        .enabled(if: hasValidator, "python3 has no yaml or no jsonschema"),
        arguments: [
            ConfigurationFolder.fixtures.appending(path: "good"), rome,
            Repository.root.appending(path: "Config/fidenza"),
        ])
    func goodFilesFitTheSchema(_ city: URL) throws {
        for case let file as String in FileManager.default.enumerator(atPath: city.path) ?? .init()
        where file.hasSuffix(".yaml") {
            #expect(try complaints(file, city.appending(path: file)) == "", "\(file)")
        }
    }

    @Test(
        .enabled(if: hasValidator, "python3 has no yaml or no jsonschema"),
        arguments: [
            ("unknown-key", "pasquino.yaml"), ("missing-key", "pasquino.yaml"), ("retention", "pasquino.yaml"),
            ("literal-secret", "pasquino.yaml"), ("unknown-choice", "pasquino.yaml"),
            ("number-out-of-range", "pasquino.yaml"), ("calendar-weekday", "calendars.yaml"),
            ("rule-merge", "rules/20-strade.yaml"), ("rule-condition-misspelled", "rules/20-strade.yaml"),
            ("rule-example-key", "rules/20-strade.yaml"), ("rule-example-sla", "rules/20-strade.yaml"),
        ])
    func mistakesDoNot(_ name: String, _ file: String) throws {
        #expect(try complaints(file, MistakeTests.bad.appending(path: "\(name)/\(file)")) != "")
    }
}
