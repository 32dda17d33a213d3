import Foundation
import Glibc
import Synchronization

/// A TCP server on 127.0.0.1 that does what a test tells it, one thread a connection, blocking.
package final class LoopbackServer: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let accepted = Mutex(0)

    /// - Parameter serve: gets each connection with its number, counted from 1; the connection closes when it returns.
    package init(_ serve: @escaping @Sendable (Peer, Int) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard code else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let peer = accept(descriptor, nil, nil)
                guard peer >= 0 else {
                    close(descriptor)  // here, not in deinit: the number must not be reused under accept
                    return
                }
                let number = self?.accepted.withLock { count in
                    count += 1
                    return count
                }
                Thread.detachNewThread {
                    let peer = Peer(peer)
                    serve(peer, number ?? 0)
                    peer.close()
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    package var connections: Int { accepted.withLock { $0 } }

    /// A port nobody listens on.
    package static func closedPort() throws -> UInt16 { try LoopbackServer { _, _ in }.port }
}

/// The server's end of one connection.
package final class Peer {
    private var descriptor: Int32
    private var buffer: [UInt8] = []

    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// For those who move the bytes themselves.
    package var fileDescriptor: Int32 { descriptor }

    package func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// The next bytes, at least one; nil at the end.
    package func more() -> [UInt8]? {
        if !buffer.isEmpty {
            defer { buffer = [] }
            return buffer
        }
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        return count > 0 ? Array(chunk.prefix(count)) : nil
    }

    package func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count {
            let have = buffer
            buffer = []
            guard let next = more() else { return nil }
            buffer = have + next
        }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    /// Without its line end.
    package func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<end].filter { $0 != 13 }, as: UTF8.self)
            }
            let have = buffer
            buffer = []
            guard let next = more() else { return nil }
            buffer = have + next
        }
    }

    package func send(_ text: String) { send(Array(text.utf8)) }

    package func send(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// One HTTP request: its head's lines and its body. Nil at the end.
    package func request() -> (head: [String], body: [UInt8])? {
        var head: [String] = []
        while let line = line() {
            guard line.isEmpty else {
                head.append(line)
                continue
            }
            let length = head.first { $0.lowercased().hasPrefix("content-length:") }
            guard let body = bytes(length.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0) else { return nil }
            return (head, body)
        }
        return nil
    }

    package func untilClosed() -> [UInt8] {
        var all: [UInt8] = []
        while let next = more() { all += next }
        return all
    }
}

/// Something happened on a server's thread; tests await it.
package final class Event: Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Void.self)

    package init() {}

    package func signal() { continuation.yield() }
    package func happened() async { for await _ in stream { return } }
}

/// Holds a server's thread until a test opens it.
package final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    package init() {}

    package func open() { semaphore.signal() }
    package func wait() { semaphore.wait() }
}

/// What a server noted on its threads.
package final class Notes<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    package init() {}

    package func add(_ element: Element) { list.withLock { $0.append(element) } }
    package var all: [Element] { list.withLock { $0 } }
}
