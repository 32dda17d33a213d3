import Civic
import Foundation
import Settings
import TestSupport
import Testing

@testable import Intake

/// The shipped city, loaded once.
enum Rome {
    private static let loaded = ConfigurationLoader.load(
        directory: Repository.root.appending(path: "Config/roma").path, environment: [:], secrets: .optional)

    static func configuration() throws -> Configuration {
        try #require(loaded.configuration, "\(loaded.findings)")
    }

    /// 2026-11-23T09:00:00Z, a Monday.
    static let monday = Timestamp(seconds: 1_795_424_400)

    /// What becomes of a message as the webhook takes it.
    static func decide(
        _ json: String, channel: String = "portale", in configuration: Configuration? = nil, at now: Timestamp = monday
    ) throws -> Verdict {
        let configuration = try configuration ?? self.configuration()
        let message = try message(json, channel: channel, in: configuration, at: now)
        return Classifier(configuration: configuration).decide(message)
    }

    static func message(
        _ json: String, channel: String = "portale", in configuration: Configuration? = nil, at now: Timestamp = monday
    ) throws -> Message {
        let configuration = try configuration ?? self.configuration()
        let settings = try #require(configuration.channels[channel])
        return try MessageReader(channel: settings, in: configuration).read(
            Array(json.utf8), now: now)
    }
}

/// A copy of Rome with rules of its own, to be changed; gone with the last reference.
final class OtherRome {
    let url = FileManager.default.temporaryDirectory.appending(path: "intake-rome-\(UUID().uuidString)")

    /// - Parameter rules: a file of rules instead of Rome's.
    init(rules: String) throws {
        try FileManager.default.copyItem(at: Repository.root.appending(path: "Config/roma"), to: url)
        try FileManager.default.removeItem(at: url.appending(path: "rules"))
        try FileManager.default.createDirectory(at: url.appending(path: "rules"), withIntermediateDirectories: false)
        try write("rules/10.yaml", rules)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func write(_ file: String, _ text: String) throws {
        try Data(text.utf8).write(to: url.appending(path: file))
    }

    /// Replaces a text that stands in the file.
    func edit(_ file: String, _ old: String, _ new: String) throws {
        let text = try String(contentsOf: url.appending(path: file), encoding: .utf8)
        try #require(text.contains(old))
        try write(file, text.replacing(old, with: new))
    }

    func configuration() throws -> Configuration {
        let loaded = ConfigurationLoader.load(directory: url.path, environment: [:], secrets: .optional)
        return try #require(loaded.configuration, "\(loaded.findings)")
    }
}

func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }

/// The problem with which something is refused; fails the test if it is not.
func problem<T>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> T
) throws -> Problem {
    do {
        _ = try body()
    } catch let problem as Problem {
        return problem
    }
    Issue.record("it was accepted", sourceLocation: sourceLocation)
    throw Accepted()
}

struct Accepted: Error {}
