/// Where the files of a messenger are fetched, after their message is durable.
protocol MediaSource: Sendable {
    /// - Parameter limit: in bytes; more is not read.
    func fetch(_ media: ChatMedia, limit: Int) async throws(MediaFailure) -> [UInt8]
}

struct MediaFailure: Error, Hashable, CustomStringConvertible {
    /// Without secrets and personal data.
    let reason: String
    /// It may succeed later.
    let isRetriable: Bool
    var description: String { reason }
}
