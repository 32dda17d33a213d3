import Foundation
import Settings

/// A copy of the small city of the settings' tests, with rules that put every pothole into one category; gone with the
/// last reference.
final class Borgo {
    let url = FileManager.default.temporaryDirectory.appending(path: "borgo-\(UUID().uuidString)")
    var path: String { url.path }

    static let good = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "SettingsTests/Fixtures/good")

    static let environment = [
        "IO_KEY": "a", "IO_KEY_2": "b", "PORTALE_TOKEN": "c", "SPORTELLO_TOKEN": "d", "OFFICE_TOKEN": "e",
        "PORTALE_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
        "CREDENTIALS_DIRECTORY": good.deletingLastPathComponent().appending(path: "credentials").path,
    ]

    init(category: String) throws {
        try FileManager.default.copyItem(at: Borgo.good, to: url)
        try FileManager.default.removeItem(at: url.appending(path: "rules"))
        try write("rules/10.yaml", Borgo.rules(category: category))
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    static func rules(category: String, example: String = "una buca") -> String {
        """
        rules:
          - name: buche
            when: {text: [buca]}
            then: {category: \(category), office: urp}
            examples:
              match: [\(example)]

        """
    }

    func write(_ file: String, _ text: String) throws {
        let target = url.appending(path: file)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: target)
    }

    func addShadow(category: String, example: String = "una buca") throws {
        let main = try String(contentsOf: url.appending(path: "pasquino.yaml"), encoding: .utf8)
        try write("pasquino.yaml", main + "rules: {shadow: next}\n")
        try write("next/10.yaml", Borgo.rules(category: category, example: example))
    }
}
