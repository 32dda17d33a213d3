import Foundation
import TestSupport
import Testing

@testable import Settings

/// The documents of the YAML Test Suite (github.com/yaml/yaml-test-suite), as files of a configuration.
@Suite struct YAMLTestSuiteTests {
    static let archive = "adversarial/yaml-test-suite-src.tar.xz"

    /// The documents, with the suite's signs for invisible characters replaced.
    private func documents() throws -> [String] {
        var documents: [String] = []
        for (name, bytes) in try SharedData.files(of: Self.archive) where name.hasSuffix(".yaml") {
            documents.append(String(decoding: bytes, as: UTF8.self))
            guard case .sequence(let tests)? = try YAMLFile(name: name, bytes: bytes).root else { continue }
            documents += tests.compactMap { $0.mapping?["yaml"]?.text.map(plain) }
        }
        return documents
    }

    private func plain(_ text: String) -> String {
        var text = text
        for (sign, character) in [
            ("␣", " "), ("»", "\t"), ("—", ""), ("↵", ""), ("∎\n", ""), ("←", "\r"), ("⇔", "\u{FEFF}"),
        ] { text = text.replacing(sign, with: character) }
        return text
    }

    @Test(.enabled(if: SharedData.has(archive), "the YAML Test Suite is not here"))
    func everyDocumentIsReadOrRefused() throws {
        let documents = try documents()
        #expect(documents.count > 700)
        let folder = try ConfigurationFolder()
        for document in documents {
            try folder.write("rules/20-strade.yaml", document)
            let loaded = folder.load()
            // None of them is a file of rules.
            #expect(loaded.configuration == nil, "\(document)")
            let errors = loaded.findings.filter { $0.severity == .error }
            #expect(!errors.isEmpty && errors.allSatisfy { $0.line >= 1 && $0.column >= 1 }, "\(document)")
        }
    }
}
