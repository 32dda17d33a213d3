import Civic
import Foundation
import Settings
import Testing

@testable import Daemon

/// What `check` says beyond what reading the files tells: each mistake is planted in the good configuration of the
/// settings' tests, and the one new finding is as expected.
@Suite("What no part of a configuration can tell alone") struct CompositionCheckTests {
    /// A copy of the good configuration, mended where it leaves something open on purpose; gone with the last reference.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: "check-\(UUID().uuidString)")

        init() throws {
            let good = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "SettingsTests/Fixtures/good")
            try FileManager.default.copyItem(at: good, to: url)
            try edit("offices.yaml", "areas: [nord]", "areas: [nord, sud]")
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        struct Missing: Error {
            let text: String
        }

        func edit(_ file: String, _ old: String, _ new: String) throws {
            let target = url.appending(path: file)
            let text = (try? String(contentsOf: target, encoding: .utf8)) ?? ""
            guard text.contains(old) || old.isEmpty else { throw Missing(text: old) }
            let changed = old.isEmpty ? text + new : text.replacing(old, with: new)
            try changed.write(to: target, atomically: true, encoding: .utf8)
        }

        func findings(on date: CivilDate) throws -> [String] {
            let loaded = ConfigurationLoader.load(
                directory: url.path,
                environment: [
                    "IO_KEY": "k", "IO_KEY_2": "l", "PORTALE_TOKEN": "p", "SPORTELLO_TOKEN": "s", "OFFICE_TOKEN": "o",
                    "PORTALE_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
                ], secrets: .optional)
            let configuration = try #require(loaded.configuration, "\(loaded.findings)")
            return CompositionCheck.findings(in: configuration, directory: url.path, on: date)
                .map { $0.description.replacing(url.path + "/", with: "") }
        }
    }

    struct Planted: Sendable, CustomTestStringConvertible {
        let file: String
        let old: String
        let new: String
        let expected: [String]
        var testDescription: String { "\(file): \(new.prefix(60))" }
    }

    private static let today = CivilDate("2026-03-01")

    @Test("the good configuration has no findings")
    func good() throws {
        #expect(try Folder().findings(on: #require(Self.today)).isEmpty)
    }

    private static let square = """
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "est", "name": "Est"},
        "geometry": {"type": "Polygon", "coordinates": [[[12.15, 44.6], [12.4, 44.6], [12.4, 44.65], [12.15, 44.65], [12.15, 44.6]]]}}]}
        """

    private static func rules(_ text: String) -> String { "rules:\n" + text }

    @Test(
        "a planted fault is found, with its place",
        arguments: [
            Planted(
                file: "categories.yaml", old: "      - code: alberi\n",
                new: "      - {code: aiuole, name: Aiuole, office: lavori}\n      - code: alberi\n",
                expected: [
                    "categories.yaml:18:16: warning: no rule sets the category verde.aiuole, and no channel has it as default: only a person can choose it; write a rule, or remove it"
                ]),
            Planted(
                file: "offices.yaml", old: "  - code: lavori\n",
                new: "  - {code: anagrafe, name: Anagrafe}\n  - code: lavori\n",
                expected: [
                    "offices.yaml:18:12: warning: nothing reaches the office anagrafe: no rule, category, role in use, parent, forward or last resort names it; name it, or remove it"
                ]),
            Planted(
                file: "offices.yaml", old: "areas: [nord, sud]", new: "areas: [nord]",
                expected: [
                    "categories.yaml:6:15: warning: nobody plays the role quartiere in sud, and strade.buche needs it: such tickets go to the last resort; name who answers in offices.yaml"
                ]),
            Planted(
                file: "offices.yaml", old: "2090-12-31", new: "2020-12-31",
                expected: [
                    "categories.yaml:6:15: warning: nobody plays the role quartiere in nord, sud, and strade.buche needs it: such tickets go to the last resort; name who answers in offices.yaml"
                ]),
            Planted(
                file: "areas/est.geojson", old: "", new: square,
                expected: [
                    "areas/quartieri.geojson:1:1: warning: the areas est and nord overlap, for example at 44.601, 12.175: no role is resolved there; correct one of the outlines",
                    "categories.yaml:6:15: warning: nobody plays the role quartiere in est, and strade.buche needs it: such tickets go to the last resort; name who answers in offices.yaml",
                ]),
            Planted(
                file: "templates/it/opened.html", old: "", new: "<p>{{code}}</p>\n",
                expected: [
                    "templates/en/opened.html:1:1: warning: the template is missing: e-mails in en are plain text, those in another language are not"
                ]),
            Planted(
                file: "rules/30-prova.yaml", old: "",
                new: rules(
                    "  - {name: p, when: {text: buche, subject: vinci un premio oggi}, then: {category: verde.alberi}}\n"
                ),
                expected: [
                    "rules/30-prova.yaml:2:12: error: p is never reached: spam (rules/20-strade.yaml:34:11) holds wherever it does, and discards the message; put p before it, or remove it; for example “buche”, subject “vinci un premio oggi”"
                ]),
            Planted(
                file: "rules/30-prova.yaml", old: "",
                new: rules("  - {name: p, when: {area: nord, not: {area: sud}}, then: {tags: a}}\n"),
                expected: [
                    "rules/30-prova.yaml:2:46: warning: this exception of p never applies: `area nord` and `area sud` exclude each other (2:28, 2:46); remove it"
                ]),
            Planted(
                file: "rules/30-prova.yaml", old: "",
                new: rules("  - {name: p, when: {text: [fosso, foss*], not: {text: [/.*/]}}, then: {tags: a}}\n"),
                expected: [
                    "rules/30-prova.yaml:2:29: warning: `fosso` is needless: `foss*` in the same list matches wherever it does; remove it",
                    "rules/30-prova.yaml:2:57: warning: the regular expression /.*/ matches every message, even an empty one; write what must occur",
                ]),
            Planted(
                file: "rules/30-prova.yaml", old: "",
                new: rules("  - {name: p, when: {channel: portale, not: {channel: [portale]}}, then: {tags: a}}\n"),
                expected: [
                    "rules/30-prova.yaml:2:31: error: no message fulfils the condition of p: `channel portale` and not `channel portale` exclude each other (2:31, 2:56); change or remove one of them"
                ]),
        ])
    func planted(_ fault: Planted) throws {
        let folder = try Folder()
        try folder.edit(fault.file, fault.old, fault.new)
        let found = try folder.findings(on: #require(Self.today))
        #expect(found == fault.expected)
    }
}
