import CLinux
import Foundation
import Glibc

/// Posts requests over keep-alive connections. One thread that polls, so that the measuring costs little beside what is
/// measured.
///
/// Without a rate it is a closed loop, for capacity: each connection waits for its answer before it sends the next. With
/// one it is an open loop, for latency: requests fall due at even intervals whatever became of those before, and a request's
/// time counts from when it was due, so that a pause of the server is seen by all who would have come in it.
///
/// Limits: HTTP/1.1 with `Content-Length` on 127.0.0.1; it is a measuring device, not a client.
public struct LoadClient: Sendable {
    public struct Report: Sendable {
        public var seconds = 0.0
        /// Microseconds from the first byte sent, or from when it was due, to the last byte of the answer, in order of
        /// arrival.
        public var latencies: [UInt32] = []
        public var statuses: [Int: Int] = [:]
        public var failures = 0
        /// Answers in each second of the run; the last may be a part of one.
        public var perSecond: [Int] = []
        public var sent = 0
    }

    /// How much, and how fast.
    public struct Plan: Sendable {
        /// The most requests.
        public var count: Int
        /// Nothing is sent afterwards; of a closed loop. In an open one what fell due is sent, however late.
        public var seconds: Double?
        /// Requests a second; nil: a closed loop.
        public var rate: Double?
        public init(count: Int, seconds: Double? = nil, rate: Double? = nil) {
            self.count = count
            self.seconds = seconds
            self.rate = rate
        }
    }

    private let port: UInt16
    private let plan: Plan
    private let request: @Sendable (Int) -> [UInt8]

    /// - Parameter request: whole HTTP requests by their number, head and body.
    public init(port: Int, plan: Plan, request: @escaping @Sendable (Int) -> [UInt8]) {
        self.port = UInt16(port)
        self.plan = plan
        self.request = request
    }

    public init(port: Int, requests: [[UInt8]]) {
        self.init(port: port, plan: Plan(count: requests.count)) { requests[$0] }
    }

    public func run(connections: Int) async -> Report {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var run = LoadRun(port: port, plan: plan, request: request)
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
        var isIdle = true
    }

    private let port: UInt16
    private let plan: LoadClient.Plan
    private let request: @Sendable (Int) -> [UInt8]
    private var start = ContinuousClock.now
    private var next = 0
    /// Side by side, as poll(2) wants it. A descriptor of -1 is finished.
    private var polled: [pollfd] = []
    private var connections: [Connection] = []
    private var idle: [Int] = []
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var report = LoadClient.Report()

    init(port: UInt16, plan: LoadClient.Plan, request: @escaping @Sendable (Int) -> [UInt8]) {
        self.port = port
        self.plan = plan
        self.request = request
    }

    mutating func run(connections count: Int) -> LoadClient.Report {
        report.latencies.reserveCapacity(min(plan.count, 10_000_000))
        for index in 0..<min(count, plan.count) {
            polled.append(pollfd(fd: connect(), events: Int16(POLLIN), revents: 0))
            connections.append(Connection())
            if polled[index].fd < 0 { report.failures += 1 } else { idle.append(index) }
        }
        idle.reverse()
        start = .now
        while true {
            let wait = sendDue()
            if isOver, idle.count == polled.count(where: { $0.fd >= 0 }) { break }
            guard answers(within: wait) else { continue }
            for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 { receive(index) }
        }
        report.seconds = elapsed
        report.sent = next
        for one in polled where one.fd >= 0 { close(one.fd) }
        return report
    }

    private var elapsed: Double { Double((ContinuousClock.now - start) / .microseconds(1)) / 1e6 }

    private var isOver: Bool {
        let isLate = plan.rate == nil && plan.seconds.map { elapsed >= $0 } ?? false
        return next >= plan.count || isLate || polled.allSatisfy { $0.fd < 0 }
    }

    /// Sends what is due, as far as connections are idle.
    /// - Returns: microseconds until the next is due; nil if an answer must come first.
    private mutating func sendDue() -> Int? {
        while !idle.isEmpty, !isOver {
            var due = ContinuousClock.now
            if let rate = plan.rate {
                due = start + .microseconds(Int64(Double(next) / rate * 1e6))
                let ahead = (due - .now) / .microseconds(1)
                if ahead > 0 { return Int(ahead) }
            }
            send(idle.removeLast(), due: due)
        }
        return nil
    }

    /// Whether there are any. Not poll(2): it counts in milliseconds.
    private mutating func answers(within microseconds: Int?) -> Bool {
        let most = min(microseconds ?? 100_000, 100_000)
        return clinux_poll(&polled, polled.count, Int32(most)) > 0
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

    private mutating func send(_ index: Int, due: ContinuousClock.Instant) {
        let bytes = request(next)
        next += 1
        connections[index].answer.removeAll(keepingCapacity: true)
        connections[index].started = due
        connections[index].isIdle = false
        // A request of some hundred bytes always fits an idle loopback socket's buffer.
        let sent = bytes.withUnsafeBytes { Glibc.send(polled[index].fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if sent != bytes.count { replace(index) }
    }

    /// A failed connection costs its message, and the run goes on with a new one. One that was idle for too long costs none.
    private mutating func replace(_ index: Int) {
        close(polled[index].fd)
        polled[index].fd = isOver ? -1 : connect()
        if connections[index].isIdle {
            idle.removeAll { $0 == index }
        } else {
            report.failures += 1
        }
        if polled[index].fd >= 0 { rest(index) }
    }

    private mutating func rest(_ index: Int) {
        connections[index].isIdle = true
        idle.append(index)
    }

    private mutating func receive(_ index: Int) {
        let count = recv(polled[index].fd, &buffer, buffer.count, 0)
        guard count > 0 else { return replace(index) }
        connections[index].answer += buffer[0..<count]
        guard let status = complete(connections[index].answer) else { return }
        let now = ContinuousClock.now
        report.latencies.append(UInt32(clamping: Int64((now - connections[index].started) / .microseconds(1))))
        report.statuses[status, default: 0] += 1
        let second = Int((now - start) / .seconds(1))
        while report.perSecond.count <= second { report.perSecond.append(0) }
        report.perSecond[second] += 1
        rest(index)
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
