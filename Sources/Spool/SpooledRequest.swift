import Civic
import Foundation

/// What was posted to a channel, with all that is needed to take it in later.
///
/// The request is kept as it came, not what was decided of it: a decision needs a ticket's number and the citizen's
/// standing, which only PostgreSQL has, and its parts change from version to version. Its proof was examined and is
/// not kept.
public struct SpooledRequest: Sendable, Equatable {
    /// The id under which it was acknowledged, and that the message will have.
    public var message: Identifier
    public var channel: String
    /// The content type as declared.
    public var type: String?
    public var receivedAt: Timestamp
    public var body: [UInt8]

    public init(message: Identifier, channel: String, type: String?, receivedAt: Timestamp, body: [UInt8]) {
        self.message = message
        self.channel = channel
        self.type = type
        self.receivedAt = receivedAt
        self.body = body
    }

    /// What stands before the body. Members that are not known are those of a later version.
    private struct Head: Codable {
        var message: String
        var channel: String
        var type: String?
    }

    /// The payload of a record: the length of the head (four bytes, little-endian), the head in JSON, the body.
    func payload() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let head = try encoder.encode(Head(message: message.description, channel: channel, type: type))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + head.count + body.count)
        bytes.append(little: UInt32(head.count))
        bytes += head
        bytes += body
        return bytes
    }

    /// Nil if it is none.
    init?(payload: ArraySlice<UInt8>, receivedAt: Timestamp) {
        guard let length: UInt32 = payload.little(at: 0), Int(length) <= payload.count - 4 else { return nil }
        let start = payload.startIndex + 4
        let end = start + Int(length)
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(payload[start..<end])),
            let message = Identifier(head.message)
        else { return nil }
        self.init(
            message: message, channel: head.channel, type: head.type, receivedAt: receivedAt,
            body: Array(payload[end...]))
    }
}

extension [UInt8] {
    mutating func append(little number: some FixedWidthInteger) {
        for place in stride(from: 0, to: number.bitWidth, by: 8) { append(UInt8(truncatingIfNeeded: number >> place)) }
    }
}

extension ArraySlice<UInt8> {
    /// The number at so many bytes from the beginning; nil beyond the end.
    func little<Number: FixedWidthInteger>(at offset: Int) -> Number? {
        let size = Number.bitWidth / 8
        guard offset >= 0, offset + size <= count else { return nil }
        var number: Number = 0
        for index in (0..<size).reversed() { number = number << 8 | Number(self[startIndex + offset + index]) }
        return number
    }
}
