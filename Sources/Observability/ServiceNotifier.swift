import CLinux
import Glibc

/// Tells the service manager how the daemon is (sd_notify(3)): datagrams of `NAME=value` lines to the socket that
/// `$NOTIFY_SOCKET` names. Without it every call does nothing. Never waits.
public final class ServiceNotifier: Sendable {
    private let path: String?
    private let descriptor: Int32
    private let monotonic: @Sendable () -> UInt64
    /// How often the service manager expects a sign of life; nil if it does not, or not from this process.
    /// `watchdog()` should be called at least twice as often.
    public let watchdogInterval: Duration?

    /// - Parameters:
    ///   - environment: where `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
    ///   - monotonic: CLOCK_MONOTONIC in microseconds.
    public init(
        environment: [String: String], process: Int32 = getpid(),
        monotonic: @escaping @Sendable () -> UInt64 = ServiceNotifier.monotonicMicroseconds
    ) {
        self.monotonic = monotonic
        let named = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let descriptor = named == nil ? -1 : clinux_datagram_socket()
        self.descriptor = descriptor
        path = descriptor >= 0 ? named : nil
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(process)" } ?? true
        let interval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        watchdogInterval = isOurs ? interval.map { .microseconds($0) } : nil
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Started, or done with reloading.
    @discardableResult
    public func ready(status: String) -> Bool { send("READY=1\nSTATUS=\(line(status))") }

    /// A reload has begun; `ready` ends it. The time belongs in the same datagram (Type=notify-reload).
    @discardableResult
    public func reloading() -> Bool { send("RELOADING=1\nMONOTONIC_USEC=\(monotonic())\nSTATUS=reloading") }

    /// One line for `systemctl status`.
    @discardableResult
    public func status(_ text: String) -> Bool { send("STATUS=\(line(text))") }

    /// The daemon is alive.
    @discardableResult
    public func watchdog() -> Bool { send("WATCHDOG=1") }

    @discardableResult
    public func stopping() -> Bool { send("STOPPING=1\nSTATUS=stopping") }

    /// Asks for more time to start, reload or stop, counted from now.
    @discardableResult
    public func extendTimeout(_ time: Duration) -> Bool {
        let (seconds, attoseconds) = max(.zero, min(time, .seconds(1_000_000))).components
        return send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)")
    }

    /// - Returns: whether the service manager got it; false also if there is none.
    private func send(_ text: String) -> Bool {
        guard let path else { return false }
        let bytes = Array(text.utf8)
        return clinux_datagram_send(descriptor, path, bytes, bytes.count) == 0
    }

    /// A line end would begin another assignment.
    private func line(_ text: String) -> String { harmless(text, limit: 500) }

    @Sendable public static func monotonicMicroseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
    }
}
