import Foundation

/// The messages of a bench, as whole HTTP requests: the same ones in every run. Ids and senders differ, so that every
/// message is a new one, unless it repeats another.
public struct BenchMessages: Sendable {
    /// What may be said, and how often it is.
    public struct Kind: Sendable {
        public var weight: Int
        /// Members of a JSON object as the webhook takes it, without `id`, and without `from` where a sender is to be made up.
        public var bodies: [Data]
        public init(weight: Int, bodies: [Data]) {
            self.weight = weight
            self.bodies = bodies
        }
    }

    private struct Text {
        /// Without the braces.
        var members: [UInt8]
        var hasSender: Bool
        var hasFields: Bool
    }

    private let kinds: Weights<[Text]>
    private let channels: Weights<(head: [UInt8], isTelephone: Bool)>
    /// Values of the field `municipio`.
    private let areas: Weights<String?>
    /// One in so many repeats another; 0: none.
    private let repeated: Int
    private let people: UInt64
    private let run: String

    /// Messages as they come to Rome.
    /// - Parameters:
    ///   - people: who writes.
    ///   - run: tells the ids of one run from those of another.
    public static func rome(
        _ kinds: [Kind], areas: [String], people: Int, token: String, run: String
    ) throws -> BenchMessages {
        let known = zip(areas, RomeMix.municipi).map { (weight: $1, value: Optional($0)) }
        return try BenchMessages(
            kinds, channels: RomeMix.channels.map { ($0.1, $0.0) },
            areas: known + [(weight: RomeMix.nowhere, value: nil)],
            repeated: RomeMix.repeated, people: people, token: token, run: run)
    }

    /// Each of these messages in turn, and from a citizen of its own.
    public static func each(of bodies: [Data], channel: String, token: String, run: String) throws -> BenchMessages {
        try BenchMessages(
            bodies.map { Kind(weight: 1, bodies: [$0]) }, channels: [(1, channel)], areas: [(1, nil)], repeated: 0,
            people: 0, token: token, run: run)
    }

    private init(
        _ kinds: [Kind], channels: [(Int, String)], areas: [(weight: Int, value: String?)], repeated: Int, people: Int,
        token: String, run: String
    ) throws {
        self.kinds = Weights(try kinds.map { ($0.weight, try $0.bodies.map(BenchMessages.text)) })
        self.channels = Weights(
            channels.map { weight, name in
                let head =
                    "POST /v1/channels/\(name)/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: "
                return (weight, (Array(head.utf8), name == RomeMix.telephone))
            })
        self.areas = Weights(areas.map { ($0.weight, $0.value) })
        self.repeated = repeated
        self.people = UInt64(people)
        self.run = run
    }

    private static func text(_ body: Data) throws -> Text {
        guard var object = try JSONSerialization.jsonObject(with: body) as? [String: Any] else { throw NotAnObject() }
        object["id"] = nil
        let members = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys).dropFirst().dropLast()
        return Text(
            members: Array(members), hasSender: object["from"] != nil, hasFields: object["fields"] != nil)
    }

    /// Whether the request repeats one before it.
    public func isRepetition(_ index: Int) -> Bool { original(index) != index }

    private func original(_ index: Int) -> Int {
        var index = index
        while repeated > 0, index > 0 {
            var random = Sequence(index)
            guard random.next() % UInt64(repeated) == 0 else { break }
            index -= 1 + Int(random.next() % UInt64(min(index, 1000)))
        }
        return index
    }

    /// The whole request, head and body.
    public func request(_ index: Int) -> [UInt8] {
        let index = original(index)
        var random = Sequence(index)
        _ = random.next()
        let inTurn = repeated == 0
        let texts = inTurn ? kinds.values[index % kinds.values.count] : kinds.draw(&random)
        let text = texts[inTurn ? 0 : Int(random.next() % UInt64(texts.count))]
        let channel = channels.draw(&random)
        var body = Array("{\"id\":\"\(run)-\(index)\"".utf8)
        if !text.hasSender {
            let person = people == 0 ? UInt64(index) : random.next() % people
            body += Array(",\"from\":{\"email\":\"p\(person)@example.org\"".utf8)
            if channel.isTelephone { body += Array(",\"phone\":\"\(Self.phone(of: Int(person)))\"".utf8) }
            body.append(0x7D)
        }
        if !text.hasFields, let area = areas.draw(&random) {
            body += Array(",\"fields\":{\"municipio\":\"\(area)\"}".utf8)
        }
        if !text.members.isEmpty { body += [0x2C] + text.members }
        body.append(0x7D)
        return channel.head + Array("\(body.count)\r\n\r\n".utf8) + body
    }

    /// The telephone number of a person by number.
    public static func phone(of person: Int) -> String {
        let digits = String(person)
        return "+39" + "3900000000".dropLast(digits.count) + digits
    }

    public struct NotAnObject: Error, CustomStringConvertible {
        public var description: String { "a message of the input is not a JSON object" }
    }
}

/// Random numbers that belong to an index: the same in every run (SplitMix64).
private struct Sequence {
    private var state: UInt64

    init(_ index: Int) { state = UInt64(index) &* 0xD134_2543_DE82_EF95 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// Values that are drawn by their weights.
private struct Weights<Value: Sendable>: Sendable {
    let values: [Value]
    private let ends: [Int]

    init(_ weighted: [(Int, Value)]) {
        values = weighted.map(\.1)
        var sum = 0
        ends = weighted.map { weight, _ in
            sum += max(1, weight)
            return sum
        }
    }

    func draw(_ random: inout Sequence) -> Value {
        if values.count == 1 { return values[0] }
        let wanted = Int(random.next() % UInt64(ends[ends.count - 1]))
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return values[low]
    }
}
