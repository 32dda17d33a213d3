import Foundation
import Glibc

/// A connection on which a test says exactly what it wants to, whole requests or not.
final class RawConnection {
    private let descriptor: Int32

    /// - Parameter patience: for how many seconds an answer is waited for.
    init(port: Int, patience: Int = 300) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard answer == 0 else { throw City.Failure("cannot connect: \(errno)") }
        // A daemon that never answers fails the test rather than hanging it.
        var patience = timeval(tv_sec: patience, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Ends what is sent, and goes on reading.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads up to the text, or to the end if there is none; nil if the other side stayed silent.
    func receive(until text: String? = nil) -> String? {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if let text, String(decoding: all, as: UTF8.self).contains(text) { break }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            // Reset: the other side ended it with bytes unread.
            if count == 0 || (count < 0 && errno == ECONNRESET) { break }
            guard count > 0 else { return nil }
            all += buffer[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
