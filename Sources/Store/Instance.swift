import Civic
import Crypto
import Postgres
import Synchronization

/// What the installation keeps for itself, read once at start.
public struct Instance: Sendable {
    /// Permutes ticket numbers into codes.
    public let ticketKey: [UInt8]
    /// Keyed once: each code takes half the work.
    private let keyed: HMAC<SHA256>

    public init(ticketKey: [UInt8], statusKey: [UInt8]) {
        self.ticketKey = ticketKey
        keyed = HMAC<SHA256>(key: SymmetricKey(data: statusKey))
    }

    public static func read(from pool: PostgresPool) async throws -> Instance {
        let rows = try await pool.query("select ticket_key, status_key from instance")
        guard let row = rows.first, let ticketKey = row.bytes(0), let statusKey = row.bytes(1) else {
            throw PostgresError(.usage, "the table `instance` is empty: the migration did not finish")
        }
        return Instance(ticketKey: ticketKey, statusKey: statusKey)
    }

    /// The key of a ticket's status page: 128 bits of an HMAC over its code, in lower-case hexadecimal.
    public func statusKey(of code: String) -> String {
        let digest = authentication(of: code)
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest.prefix(16) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    func authentication(of text: String) -> HMAC<SHA256>.MAC {
        var code = keyed
        code.update(data: Array(text.utf8))
        return code.finalize()
    }

    /// Compares in constant time.
    public func accepts(key: String, for code: String) -> Bool {
        let expected = Array(statusKey(of: code).utf8)
        let given = Array(key.utf8)
        guard given.count == expected.count else { return false }
        return zip(expected, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Identifier {
    /// The citizen whom an identity stands for: a digest, so that daemons agree without asking, and an attested identity
    /// and a declared one are never the same citizen.
    public init(citizenOf identity: Identity) {
        var hash = SHA256()
        hash.update(data: Array("\(identity.kind.rawValue)\u{0}\(identity.attested)\u{0}\(identity.value)".utf8))
        let bytes = Array(hash.finalize().prefix(16))
        let words = stride(from: 0, to: 16, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        // Version 8 (RFC 9562): a UUID by our own recipe.
        self.init(
            high: words[0] & ~0xF000 | 0x8000, low: words[1] & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000)
    }
}

/// Hands out ticket numbers from blocks that the database's sequence reserves; unique among all daemons.
public final class TicketNumbers: Sendable {
    private static let blockSize: Int64 = 4096

    fileprivate struct State {
        var ranges: [Range<Int64>] = []
        var left: Int64 = 0
        var fetching = false
    }

    private let pool: PostgresPool
    private let state = Mutex(State())

    public init(pool: PostgresPool) { self.pool = pool }

    /// The next number. Waits for PostgreSQL only when a block has run out before the next one came.
    public func next() async throws -> Int64 {
        while true {
            let (number, low) = state.withLock { state -> (Int64?, Bool) in
                let number = state.take()
                let low = state.left < TicketNumbers.blockSize && !state.fetching
                if low { state.fetching = true }
                return (number, low)
            }
            if let number {
                if low { Task { try? await self.fetch() } }  // a failure shows when the block has run out
                return number
            }
            try await fetch()
        }
    }

    private func fetch() async throws {
        defer { state.withLock { $0.fetching = false } }
        let rows = try await pool.query("select nextval('ticket_block')")
        guard let last = rows.first?.int(0) else { return }
        state.withLock { state in
            state.ranges.append(last - TicketNumbers.blockSize + 1..<last + 1)
            state.left += TicketNumbers.blockSize
        }
    }
}

extension TicketNumbers.State {
    fileprivate mutating func take() -> Int64? {
        guard let range = ranges.first else { return nil }
        left -= 1
        if range.count == 1 {
            ranges.removeFirst()
        } else {
            ranges[0] = range.lowerBound + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
