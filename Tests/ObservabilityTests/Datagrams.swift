import Foundation
import Glibc

/// A Unix datagram socket that somebody sends to, as the journal and the service manager have.
final class Datagrams {
    let descriptor: Int32
    let name: String
    private let path: String?

    /// - Parameter abstract: a name in the abstract space (`@…`) instead of a file.
    init?(abstract: Bool) {
        let id = UUID().uuidString.prefix(8)
        let path = abstract ? "\0pasquino-test-\(id)" : "/tmp/pasquino-test-\(id)"
        name = abstract ? "@" + path.dropFirst() : path
        self.path = abstract ? nil : path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (abstract ? 0 : 1))
        let answer = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard answer == 0 else { return nil }
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }

    /// The datagrams that have come, without waiting: a datagram is there as soon as it was sent.
    func received() -> [[UInt8]] {
        var all: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return all }
            all.append(Array(buffer[..<count]))
        }
    }

    func texts() -> [String] { received().map { String(decoding: $0, as: UTF8.self) } }
}
