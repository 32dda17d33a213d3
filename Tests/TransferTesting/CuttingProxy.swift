import Foundation
import Glibc
import Synchronization

/// Stands between a client and a server on 127.0.0.1 and cuts connections where it is told.
package final class CuttingProxy: Sendable {
    /// What is counted, in both directions together.
    package enum Unit: Sendable {
        /// Up to an LF, in clear text.
        case lines
        /// Of TLS (RFC 8446, 5.1), from the first byte on.
        case records
    }

    private let server: LoopbackServer
    private let counted: Count

    /// - Parameter cutAfter: after how many units the connection of that number (from 1) is cut; 0 at once, nil never.
    package init(to port: UInt16, counting unit: Unit, cutAfter: @escaping @Sendable (Int) -> Int?) throws {
        let counted = Count()
        self.counted = counted
        server = try LoopbackServer { peer, number in
            guard let upstream = Self.connect(to: port) else { return }
            let cut = Cut(peer.fileDescriptor, upstream, after: cutAfter(number), counted)
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                cut.pump(from: cut.server, to: cut.client, unit)
                isDone.signal()
            }
            cut.pump(from: cut.client, to: cut.server, unit)
            isDone.wait()
            close(upstream)
        }
    }

    package var port: UInt16 { server.port }
    package var connections: Int { server.connections }
    /// That have passed so far.
    package var units: Int { counted.value.withLock { $0 } }

    private static func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}

private final class Count: Sendable {
    let value = Mutex(0)
}

/// One connection through the proxy.
private final class Cut: Sendable {
    let client: Int32
    let server: Int32
    private let left: Mutex<Int?>
    private let counted: Count

    init(_ client: Int32, _ server: Int32, after count: Int?, _ counted: Count) {
        self.client = client
        self.server = server
        self.counted = counted
        left = Mutex(count)
        if count == 0 { end() }
    }

    func pump(from: Int32, to: Int32, _ unit: CuttingProxy.Unit) {
        var splitter = Splitter(unit)
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(from, &chunk, chunk.count, 0)
            guard count > 0 else { return end() }
            var rest = chunk[..<count]
            while !rest.isEmpty {
                let (size, isWhole) = splitter.next(rest)
                guard forward(Array(rest.prefix(size)), to, isWhole) else { return end() }
                rest = rest.dropFirst(size)
            }
        }
    }

    /// - Returns: whether the connection goes on.
    private func forward(_ bytes: [UInt8], _ to: Int32, _ isWhole: Bool) -> Bool {
        // Under the lock: what one direction counts, the other must not overtake.
        left.withLock { left in
            if left == 0 { return false }
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard count > 0 else { return false }
                sent += count
            }
            guard isWhole else { return true }
            counted.value.withLock { $0 += 1 }
            left = left.map { $0 - 1 }
            return left != 0
        }
    }

    private func end() {
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(server, Int32(SHUT_RDWR))
    }
}

private struct Splitter {
    private let unit: CuttingProxy.Unit
    private var header: [UInt8] = []
    private var missing = 0

    init(_ unit: CuttingProxy.Unit) { self.unit = unit }

    /// How many of `bytes` belong to the unit under way, and whether they end it.
    mutating func next(_ bytes: ArraySlice<UInt8>) -> (Int, Bool) {
        switch unit {
        case .lines:
            guard let end = bytes.firstIndex(of: 0x0A) else { return (bytes.count, false) }
            return (end - bytes.startIndex + 1, true)
        case .records:
            var size = 0
            if missing == 0 {
                size = min(5 - header.count, bytes.count)
                header += bytes.prefix(size)
                guard header.count == 5 else { return (size, false) }
                missing = Int(header[3]) << 8 | Int(header[4])
                header = []
            }
            let body = min(missing, bytes.count - size)
            missing -= body
            return (size + body, missing == 0)
        }
    }
}
