import Foundation
import Synchronization

/// The real binary as a child process, its output read line by line.
final class Program: Sendable {
    /// What the test run built, beside the test bundle.
    static let path: String = {
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("pasquino").path
    }()

    private let process = Process()
    private let lines = LineCollector()

    init(_ arguments: [String], environment: [String: String], executable: String = Program.path) throws {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        let lines = lines
        try process.run()
        // A thread that blocks: readability handlers are Dispatch sources, which lose the last event on Linux.
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count > 0 { lines.append(Data(buffer[0..<count])) } else { break }
            }
            withExtendedLifetime(pipe) { lines.end() }
        }
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var output: String { lines.text }

    /// Waits for a line that contains `text`. Nil if the program ended without one.
    func line(containing text: String) async -> String? { await lines.first { $0.contains(text) } }

    /// Waits for the end, and gives the exit status (or the signal's number, negative).
    func wait() async -> Int32 {
        await lines.ended()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Runs to the end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> (status: Int32, output: String) {
        let program = try Program(arguments, environment: environment)
        return (await program.wait(), program.output)
    }
}

/// Lines as they come, and those who wait for one.
private final class LineCollector: Sendable {
    private struct State {
        var lines: [String] = []
        var rest = Data()
        var ended = false
        var waiters: [(test: @Sendable (String) -> Bool, continuation: CheckedContinuation<String?, Never>)] = []
    }
    private let state = Mutex(State())

    var text: String { state.withLock { $0.lines.joined(separator: "\n") } }

    func append(_ data: Data) {
        let found = state.withLock { state -> [(CheckedContinuation<String?, Never>, String)] in
            state.rest.append(data)
            var found: [(CheckedContinuation<String?, Never>, String)] = []
            var start = state.rest.startIndex
            while let newline = state.rest[start...].firstIndex(of: 0x0A) {
                let line = String(decoding: state.rest[start..<newline], as: UTF8.self)
                start = state.rest.index(after: newline)
                state.lines.append(line)
                state.waiters.removeAll { waiter in
                    guard waiter.test(line) else { return false }
                    found.append((waiter.continuation, line))
                    return true
                }
            }
            state.rest = Data(state.rest[start...])
            return found
        }
        for (continuation, line) in found { continuation.resume(returning: line) }
    }

    func end() {
        let waiters = state.withLock { state in
            if !state.rest.isEmpty { state.lines.append(String(decoding: state.rest, as: UTF8.self)) }
            state.ended = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }

    func first(_ test: @escaping @Sendable (String) -> Bool) async -> String? {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state -> String?? in
                if let line = state.lines.first(where: test) { return .some(line) }
                if state.ended { return .some(nil) }
                state.waiters.append((test, continuation))
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    func ended() async { _ = await first { _ in false } }
}
