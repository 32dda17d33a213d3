import Foundation

/// Data kept beside the package; tests that need it are skipped where it is missing.
enum SharedData {
    static let package = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let directory = package.appending(path: "../shared/data").standardizedFileURL

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: directory.appending(path: path).path)
    }

    struct Failure: Error {
        let status: Int32
    }

    /// The files of an archive, by their path in it.
    static func unpack(_ archive: String) throws -> [String: [UInt8]] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "intake-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover there harms nobody
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tar.arguments = ["tar", "-xJf", directory.appending(path: archive).path, "-C", folder.path]
        try tar.run()
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else { throw Failure(status: tar.terminationStatus) }
        var files: [String: [UInt8]] = [:]
        for case let name as String in FileManager.default.enumerator(atPath: folder.path) ?? .init() {
            if let data = FileManager.default.contents(atPath: folder.appending(path: name).path) {
                files[name] = Array(data)
            }
        }
        return files
    }
}
