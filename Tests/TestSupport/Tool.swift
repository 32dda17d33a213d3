import Foundation

/// A program of this machine's.
package enum Tool {
    package struct Failure: Error, CustomStringConvertible {
        let command: [String]
        let status: Int32
        package var description: String { "\(command.joined(separator: " ")) ended with \(status)" }
    }

    /// What it prints on standard output.
    package static func output(_ command: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(command: command, status: process.terminationStatus)
        }
        return output
    }
}
