import Foundation

/// This same program as a child process, for the bench. It ends when this process does, however that ends (`liveWithParent`).
final class Child {
    private let process = Process()
    private let output = Pipe()
    /// Nothing is written to it: it closes when this process is no more.
    private let life = Pipe()

    /// Starts `pasquino` with these arguments; its standard error goes to ours only if the bench fails.
    init(_ arguments: [String], log: String) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardOutput = output
        try Data().write(to: URL(fileURLWithPath: log))
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardInput = life
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }

    /// The first line it prints; empty if it ends without one.
    func firstLine() -> String {
        var line = Data()
        while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte != Data([0x0A]), !byte.isEmpty {
            line += byte
        }
        return String(decoding: line, as: UTF8.self)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// In the child: asks this process to stop once its parent is gone.
    static func liveWithParent() {
        Thread.detachNewThread {
            // Nothing comes but the end.
            while let bytes = try? FileHandle.standardInput.read(upToCount: 1), !bytes.isEmpty {}
            kill(getpid(), SIGTERM)
        }
    }
}
