import EventLoop
import Glibc

/// Posts prepared requests over keep-alive connections, each waiting for its answer before it sends the next: a closed
/// loop, for capacity.
///
/// Limits: HTTP/1.1 with `Content-Length` on 127.0.0.1; it is a measuring device, not a client.
public actor LoadClient {
    public struct Report: Sendable {
        public var seconds = 0.0
        /// Microseconds from the first byte sent to the last byte of the answer, in order of arrival.
        public var latencies: [UInt32] = []
        public var statuses: [Int: Int] = [:]
        public var failures = 0
    }

    private struct Connection {
        var descriptor: Int32
        var out: [UInt8] = []
        var sent = 0
        var answer: [UInt8] = []
        var started: ContinuousClock.Instant
    }

    private let loop: EventLoop
    private let port: UInt16
    private let requests: [[UInt8]]
    private var next = 0
    private var open = 0
    private var connections: [Int32: Connection] = [:]
    private var report = Report()
    private var done: CheckedContinuation<Void, Never>?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// - Parameter requests: whole HTTP requests, head and body.
    public init(port: Int, requests: [[UInt8]]) throws {
        loop = try EventLoop(label: "pasquino.bench")
        self.port = UInt16(port)
        self.requests = requests
    }

    public func run(connections count: Int) async -> Report {
        let start = ContinuousClock.now
        report.latencies.reserveCapacity(requests.count)
        for _ in 0..<min(count, requests.count) { connect() }
        if open > 0 { await withCheckedContinuation { done = $0 } }
        report.seconds = Double((ContinuousClock.now - start) / .microseconds(1)) / 1e6
        return report
    }

    private func connect() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else {
            report.failures += 1
            return
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        guard connected == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
            close(descriptor)
            report.failures += 1
            return
        }
        connections[descriptor] = Connection(descriptor: descriptor, started: .now)
        do {
            try loop.watch(descriptor, for: .read) { [weak self] _ in
                guard let self else { return }
                self.assumeIsolated { $0.readable(descriptor) }
            }
        } catch {
            close(descriptor)
            connections[descriptor] = nil
            report.failures += 1
            return
        }
        open += 1
        sendNext(descriptor)
    }

    private func sendNext(_ descriptor: Int32) {
        guard next < requests.count else { return finish(descriptor) }
        let request = requests[next]
        next += 1
        connections[descriptor]?.started = .now
        connections[descriptor]?.answer.removeAll(keepingCapacity: true)
        // A request of some hundred bytes always fits an idle loopback socket's buffer.
        let sent = request.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent != request.count { fail(descriptor) }
    }

    private func readable(_ descriptor: Int32) {
        guard connections[descriptor] != nil else { return }
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                connections[descriptor]?.answer.append(contentsOf: buffer[0..<count])
                if count < buffer.count { break }
            } else if count < 0, errno == EAGAIN {
                break
            } else {
                return fail(descriptor)
            }
        }
        guard let connection = connections[descriptor], let status = complete(connection.answer) else { return }
        let latency = (ContinuousClock.now - connection.started) / .microseconds(1)
        report.latencies.append(UInt32(clamping: Int64(latency)))
        report.statuses[status, default: 0] += 1
        sendNext(descriptor)
    }

    private func fail(_ descriptor: Int32) {
        report.failures += 1
        finish(descriptor)
        if next < requests.count { connect() }
    }

    private func finish(_ descriptor: Int32) {
        guard connections.removeValue(forKey: descriptor) != nil else { return }
        loop.unwatch(descriptor)
        close(descriptor)
        open -= 1
        if open == 0, next >= requests.count {
            done?.resume()
            done = nil
        }
    }

    /// The status if the whole answer is here.
    private func complete(_ answer: [UInt8]) -> Int? {
        guard answer.count > 12 else { return nil }
        let marker: [UInt8] = [13, 10, 13, 10]
        var end: Int?
        for index in 0..<(answer.count - 3) where answer[index] == 13 && answer[index..<index + 4].elementsEqual(marker)
        {
            end = index + 4
            break
        }
        guard let end else { return nil }
        let head = String(decoding: answer[0..<end], as: UTF8.self).lowercased()
        guard let field = head.range(of: "content-length: ") else { return nil }
        let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
        guard answer.count >= end + length else { return nil }
        return Int(String(decoding: answer[9..<12], as: UTF8.self))
    }
}
