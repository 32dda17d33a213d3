import Foundation

@testable import Settings

/// A copy of the good configuration, to be spoilt; gone with the last reference.
final class ConfigurationFolder {
    static let fixtures = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "Fixtures")

    static let environment = [
        "IO_KEY": "io-key", "IO_KEY_2": "io-key-2", "PORTALE_TOKEN": "portale-token",
        "SPORTELLO_TOKEN": "sportello-token",
        "PORTALE_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", "OFFICE_TOKEN": "office",
        "CREDENTIALS_DIRECTORY": fixtures.appending(path: "credentials").path,
    ]

    let url: URL
    var path: String { url.path }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: ConfigurationFolder.fixtures.appending(path: "good"), to: url)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func read(_ file: String) throws -> String { try String(contentsOf: url.appending(path: file), encoding: .utf8) }

    func write(_ file: String, _ bytes: Data) throws {
        let target = url.appending(path: file)
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try bytes.write(to: target)
    }

    func write(_ file: String, _ text: String) throws { try write(file, Data(text.utf8)) }

    /// Replaces a text that stands in the file.
    func edit(_ file: String, _ old: String, _ new: String) throws {
        let text = try read(file)
        guard text.contains(old) else { throw Missing(text: old) }
        try write(file, text.replacing(old, with: new))
    }

    struct Missing: Error {
        let text: String
    }

    func remove(_ file: String) throws { try FileManager.default.removeItem(at: url.appending(path: file)) }

    /// Lays the files of another folder over this one; `remove.txt` names files to remove, `expect.txt` stays behind.
    func overlay(_ folder: URL) throws {
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
            let file = folder.appending(path: name)
            let isFolder = try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
            if isFolder || name == "expect.txt" { continue }
            let bytes = try Data(contentsOf: file)
            if name == "remove.txt" {
                for removed in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
                    try remove(String(removed))
                }
            } else {
                try write(name, bytes)
            }
        }
    }

    func load(
        _ environment: [String: String] = ConfigurationFolder.environment, secrets: SecretSource = .required
    ) -> (configuration: Configuration?, findings: [Finding]) {
        ConfigurationLoader.load(directory: path, environment: environment, secrets: secrets)
    }

    /// The findings as printed, with paths from the folder.
    func findings(
        _ environment: [String: String] = ConfigurationFolder.environment, secrets: SecretSource = .required
    ) -> [String] {
        load(environment, secrets: secrets).findings.map { $0.description.replacing(path + "/", with: "") }
    }
}
