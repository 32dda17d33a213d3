import Foundation
import Settings

/// A copy of a configuration with some files changed, loaded as the daemon would load it; gone with the last reference.
final class PatchedConfiguration {
    let configuration: Configuration
    private let copy: URL

    /// - Throws: `Outcome` if the copy cannot be made, or is no valid configuration.
    init(_ directory: String, _ files: [RulesPatch.File]) throws {
        copy = FileManager.default.temporaryDirectory.appendingPathComponent("pasquino-suggest-\(UUID().uuidString)")
        do {
            let original = URL(fileURLWithPath: directory).resolvingSymlinksInPath()
            try FileManager.default.copyItem(at: original, to: copy)
            for file in files {
                let target = copy.appendingPathComponent(PatchedConfiguration.inside(file.name, directory))
                try Data(file.after.utf8).write(to: target)
            }
        } catch {
            try? FileManager.default.removeItem(at: copy)  // a leftover in the temporary directory harms nobody
            throw Outcome.failed("the patched configuration cannot be tried: \(error.localizedDescription)")
        }
        let (loaded, findings) = ConfigurationLoader.load(
            directory: copy.path, environment: ProcessInfo.processInfo.environment, secrets: .optional)
        guard let loaded else {
            try? FileManager.default.removeItem(at: copy)  // as above
            let errors = findings.filter { $0.severity == .error }.map(\.description).joined(separator: "\n")
            throw Outcome.failed("the patched configuration would not load, so nothing is proposed:\n\(errors)")
        }
        configuration = loaded
    }

    deinit { try? FileManager.default.removeItem(at: copy) }

    private static func inside(_ name: String, _ directory: String) -> String {
        var base = directory
        while base.count > 1, base.hasSuffix("/") { base.removeLast() }
        return name.hasPrefix(base + "/") ? String(name.dropFirst(base.count + 1)) : name
    }

    /// A file's path as seen from the working directory; from the configuration directory if it lies elsewhere, for
    /// `patch` refuses to leave the place where it is called.
    static func path(of name: String, in directory: String) -> String {
        let here = URL(fileURLWithPath: FileManager.default.currentDirectoryPath).resolvingSymlinksInPath().path
        let file = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
        return file.hasPrefix(here + "/") ? String(file.dropFirst(here.count + 1)) : inside(name, directory)
    }
}
