import Foundation

/// The shared archives of real input.
enum TestArchive {
    /// Every file of an archive, by its path in it.
    static func files(in archive: String) throws -> [(name: String, bytes: Data)] {
        let folder = "/tmp/pasquino-archive-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // a leftover in /tmp harms nobody
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/bin/tar")
        tar.arguments = ["xJf", "\(RealInput.data)/\(archive)", "-C", folder]
        try tar.run()
        tar.waitUntilExit()
        guard tar.terminationStatus == 0 else { throw City.Failure("\(archive) cannot be unpacked") }
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        return try paths.compactMap { path in
            let url = URL(fileURLWithPath: folder + "/" + path)
            guard try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { return nil }
            return (path, try Data(contentsOf: url))
        }
    }
}
