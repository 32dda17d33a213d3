import Civic
import Settings

/// One of two configurations that are compared: how it reads a message, and how it decides it.
struct Side: Sendable {
    let classifier: Classifier
    private let readers: [String: MessageReader]

    init(_ configuration: Configuration) {
        classifier = Classifier(configuration: configuration)
        readers = configuration.channels.mapValues {
            MessageReader(channel: $0, in: configuration)
        }
    }

    /// - Throws: why the configuration would not take the message.
    func read(_ input: BacktestInput) throws(Unreadable) -> Message {
        guard let reader = readers[input.channel] else { throw Unreadable("there is no channel \(input.channel)") }
        do throws(Problem) {
            return try reader.read(input.raw, now: input.receivedAt)
        } catch {
            throw Unreadable([error.pointer, error.detail].compactMap(\.self).joined(separator: ": "))
        }
    }

    /// Whether both read the messages of a channel alike.
    func reads(_ channel: String, as other: Side) -> Bool { readers[channel] == other.readers[channel] }
}

struct Unreadable: Error, Hashable {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
