import NIOHTTP1

/// What a request's head says of the connection and of the body, beyond what the parser knows: two readers of one
/// connection, a proxy and we, must not disagree about where a request ends or for whom it is (RFC 9112, 11.2).
struct RequestFraming {
    /// Why it is refused, and the connection with it.
    private(set) var fault: Problem?
    /// Nothing may follow it on its connection: it wants another protocol, and the parser takes nothing more for HTTP; or
    /// its length is not to be trusted, as HTTP/1.0 knows no chunks (RFC 9112, 6.1).
    private(set) var isLast: Bool

    init(_ head: HTTPRequestHead) {
        isLast = head.method == .CONNECT
        var hosts = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.isWord("host"):
                hosts += 1
                if !RequestFraming.isHost(value.utf8) {
                    fault = .malformed("the Host is none: expected a name or an address, and perhaps a port")
                }
            case 7 where name.isWord("upgrade"): isLast = true
            case 17 where name.isWord("transfer-encoding"):
                if head.version == .http1_0 { isLast = true }
                // RFC 9112, 6.1: what is compressed on the way is not the body that we would read.
                guard !value.isWord("chunked") else { continue }
                fault = Problem(.notImplemented, "no Transfer-Encoding but chunked is known here")
            default: break
            }
        }
        // RFC 9112, 3.2.
        if hosts > 1 || (hosts == 0 && head.version != .http1_0) {
            fault = .malformed("expected one Host, and there \(hosts == 0 ? "is none" : "are \(hosts)")")
        }
    }

    /// `host [":" port]` of RFC 3986, 3.2.2, which may be empty: a proxy that reads another host out of what is none
    /// would be asked for somebody else (RFC 9112, 3.2).
    static func isHost(_ value: some BidirectionalCollection<UInt8>) -> Bool {
        // An address of version 6 has colons of its own.
        let isBracketed = value.first == UInt8(ascii: "[")
        var name = value[...]
        if let colon = value.lastIndex(of: UInt8(ascii: ":")),
            !isBracketed || colon > value.lastIndex(of: UInt8(ascii: "]")) ?? value.endIndex
        {
            guard value[colon...].dropFirst().allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
            name = value[..<colon]
        }
        guard isBracketed else { return name.allSatisfy(isOfName) }
        return name.count > 2 && name.last == UInt8(ascii: "]")
            && name.dropFirst().dropLast().allSatisfy { $0 == UInt8(ascii: ":") || isOfName($0) }
    }

    /// Unreserved, of an escape, or between parts of a name (RFC 3986, 2).
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "-._~%!$&'()*+,;=".utf8.contains(byte)
        }
    }
}

extension String {
    /// - Parameter word: ASCII in lower case.
    fileprivate func isWord(_ word: StaticString) -> Bool {
        utf8.count == word.utf8CodeUnitCount
            && zip(utf8, UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)).allSatisfy {
                $0 == $1 || ((0x41...0x5A).contains($0) && $0 | 0x20 == $1)
            }
    }
}
