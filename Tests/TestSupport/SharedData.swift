import Foundation

/// The package that is tested.
package enum Repository {
    package static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// Real data that lies beside the repository; tests that need it are skipped where it is missing.
package enum SharedData {
    package static let folder = Repository.root.deletingLastPathComponent().appending(path: "shared/data")

    package static func file(_ path: String) -> URL { folder.appending(path: path) }

    package static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }

    package static func read(_ path: String) throws -> Data { try Data(contentsOf: file(path)) }

    /// A gzipped file's content.
    package static func unzipped(_ path: String) throws -> Data { try Tool.output(["gzip", "-dc", file(path).path]) }

    /// - Parameter folder: need not be there.
    package static func unpack(_ archive: String, into folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try Tool.output(["tar", "-xJf", file(archive).path, "-C", folder.path])
    }

    /// Every file of an archive with its path in it, in the order of the paths.
    package static func files(of archive: String) throws -> [(path: String, bytes: Data)] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shared-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover there harms nobody
        try unpack(archive, into: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted().compactMap { path in
            let url = folder.appending(path: path)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return (path, try Data(contentsOf: url))
        }
    }

    /// The "big list of naughty strings"; empty if it is missing.
    package static let naughtyStrings: [String] = {
        guard let json = try? Tool.output(["tar", "-xJOf", file("adversarial/blns.tar.xz").path, "blns.json"]) else {
            return []
        }
        return (try? JSONDecoder().decode([String].self, from: json)) ?? []
    }()
}
