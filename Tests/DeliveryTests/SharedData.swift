import Foundation

/// Data kept beside the package; tests that need it are skipped where it is missing.
enum SharedData {
    static let directory = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data").standardizedFileURL

    static func file(_ path: String) -> URL { directory.appendingPathComponent(path) }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: file(path).path) }

    /// The "big list of naughty strings"; empty if the archive or `tar` is missing.
    static let naughtyStrings: [String] = {
        guard exists("adversarial/blns.tar.xz"),
            let output = try? run("/usr/bin/env", ["tar", "-xJOf", file("adversarial/blns.tar.xz").path, "blns.json"]),
            let strings = try? JSONDecoder().decode([String].self, from: output)
        else { return [] }
        return strings
    }()

    static let hasPython: Bool = (try? run("/usr/bin/env", ["python3", "-c", "import email"])) != nil

    struct ProcessFailure: Error {
        let status: Int32
    }

    static func run(_ program: String, _ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ProcessFailure(status: process.terminationStatus) }
        return output
    }
}

/// Always the same numbers (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
