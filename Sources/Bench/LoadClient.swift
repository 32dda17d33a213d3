import Foundation
import Glibc

/// Posts prepared requests over keep-alive connections, each waiting for its answer before it sends the next: a closed
/// loop, for capacity. One thread that polls, so that the measuring costs little beside what is measured.
///
/// Limits: HTTP/1.1 with `Content-Length` on 127.0.0.1; it is a measuring device, not a client.
public struct LoadClient: Sendable {
    public struct Report: Sendable {
        public var seconds = 0.0
        /// Microseconds from the first byte sent to the last byte of the answer, in order of arrival.
        public var latencies: [UInt32] = []
        public var statuses: [Int: Int] = [:]
        public var failures = 0
    }

    private let port: UInt16
    private let requests: [[UInt8]]

    /// - Parameter requests: whole HTTP requests, head and body.
    public init(port: Int, requests: [[UInt8]]) {
        self.port = UInt16(port)
        self.requests = requests
    }

    public func run(connections: Int) async -> Report {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var run = LoadRun(port: port, requests: requests)
                continuation.resume(returning: run.run(connections: connections))
            }
        }
    }
}

/// One run, on its own thread.
private struct LoadRun {
    private struct Connection {
        var answer: [UInt8] = []
        var started = ContinuousClock.now
    }

    private let port: UInt16
    private let requests: [[UInt8]]
    private var next = 0
    /// Side by side, as poll(2) wants it. A descriptor of -1 is finished.
    private var polled: [pollfd] = []
    private var connections: [Connection] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var report = LoadClient.Report()

    init(port: UInt16, requests: [[UInt8]]) {
        self.port = port
        self.requests = requests
    }

    mutating func run(connections count: Int) -> LoadClient.Report {
        let start = ContinuousClock.now
        report.latencies.reserveCapacity(requests.count)
        for index in 0..<min(count, requests.count) {
            polled.append(pollfd(fd: connect(), events: Int16(POLLIN), revents: 0))
            connections.append(Connection())
            sendNext(index)
        }
        while polled.contains(where: { $0.fd >= 0 }) {
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 { receive(index) }
        }
        report.seconds = Double((ContinuousClock.now - start) / .microseconds(1)) / 1e6
        return report
    }

    /// - Returns: -1 if there is no connection to be had.
    private func connect() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            return -1
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private mutating func sendNext(_ index: Int) {
        let descriptor = polled[index].fd
        guard descriptor >= 0, next < requests.count else {
            if descriptor >= 0 { close(descriptor) } else { report.failures += 1 }
            polled[index].fd = -1
            return
        }
        connections[index].answer.removeAll(keepingCapacity: true)
        connections[index].started = .now
        // A request of some hundred bytes always fits an idle loopback socket's buffer.
        let sent = requests[next].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        next += 1
        if sent != requests[next - 1].count { replace(index) }
    }

    /// A failed connection costs its message, and the run goes on with a new one.
    private mutating func replace(_ index: Int) {
        report.failures += 1
        close(polled[index].fd)
        polled[index].fd = next < requests.count ? connect() : -1
        if polled[index].fd >= 0 { sendNext(index) }
    }

    private mutating func receive(_ index: Int) {
        let count = recv(polled[index].fd, &buffer, buffer.count, 0)
        guard count > 0 else { return replace(index) }
        connections[index].answer += buffer[0..<count]
        guard let status = complete(connections[index].answer) else { return }
        let latency = (ContinuousClock.now - connections[index].started) / .microseconds(1)
        report.latencies.append(UInt32(clamping: Int64(latency)))
        report.statuses[status, default: 0] += 1
        sendNext(index)
    }

    /// The status if the whole answer is here.
    private func complete(_ answer: [UInt8]) -> Int? {
        answer.withUnsafeBytes { bytes in
            guard let end = Self.find("\r\n\r\n", in: bytes, from: 12),
                let field = Self.find("content-length: ", in: bytes, from: 12), field < end
            else { return nil }
            var length = 0
            for byte in bytes[(field + 16)...] {
                guard (0x30...0x39).contains(byte) else { break }
                length = length * 10 + Int(byte - 0x30)
            }
            guard bytes.count >= end + 4 + length else { return nil }
            return bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 0x30 }
        }
    }

    /// - Parameter text: in lower case; letters of either case are found.
    private static func find(_ text: StaticString, in bytes: UnsafeRawBufferPointer, from: Int) -> Int? {
        text.withUTF8Buffer { wanted in
            var start = from
            while start + wanted.count <= bytes.count {
                var length = 0
                while length < wanted.count, lower(bytes[start + length]) == wanted[length] { length += 1 }
                if length == wanted.count { return start }
                start += 1
            }
            return nil
        }
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}
