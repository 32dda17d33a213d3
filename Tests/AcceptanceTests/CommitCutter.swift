import Foundation
import Glibc
import Synchronization
import TransferTesting

/// Stands between the daemon and PostgreSQL, and cuts a connection where it hurts most: the transaction is committed, and
/// its answer does not come.
final class CommitCutter: Sendable {
    enum Commit: CaseIterable, Sendable {
        /// A batch of messages: one statement, which is its own transaction.
        case batch
        /// COMMIT after several statements.
        case transaction
    }

    private struct State {
        var armed: Commit?
        var cuts: [Commit: Int] = [:]
    }

    private let server: LoopbackServer
    private let state: Shared

    private final class Shared: Sendable {
        let value = Mutex(State())
    }

    /// - Parameter path: of PostgreSQL's socket.
    init(to path: String) throws {
        let shared = Shared()
        state = shared
        server = try LoopbackServer { peer, _ in
            guard let upstream = UnixSocket.connect(path) else { return }
            let link = Link(peer.fileDescriptor, upstream, shared)
            let isDone = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                link.pumpAnswers()
                isDone.signal()
            }
            link.pumpQuestions()
            isDone.wait()
            close(upstream)
        }
    }

    var port: UInt16 { server.port }

    /// How often it has cut.
    var cuts: [Commit: Int] { state.value.withLock { $0.cuts } }

    /// The next commit of this kind is the last thing that its connection does.
    func arm(_ commit: Commit) { state.value.withLock { $0.armed = commit } }

    /// One connection.
    private final class Link: Sendable {
        private let client: Int32
        private let server: Int32
        private let shared: Shared
        /// What answer is to be swallowed.
        private let swallows = Mutex<Commit?>(nil)

        init(_ client: Int32, _ server: Int32, _ shared: Shared) {
            self.client = client
            self.server = server
            self.shared = shared
        }

        func pumpQuestions() {
            var writesBatches = false
            pump(from: client, to: server) { bytes in
                var asks: Commit?
                // A simple query (PostgreSQL's protocol, "Message Formats"): Q, its length, the text, a zero.
                if bytes.first == UInt8(ascii: "Q"), Self.contains(bytes, "commit\0") { asks = .transaction }
                // Prepared once, it is bound and executed from then on.
                if writesBatches, bytes.first == UInt8(ascii: "B") { asks = .batch }
                if Self.contains(bytes, "insert into message") { writesBatches = true }
                guard let asks else { return true }
                self.shared.value.withLock { state in
                    guard state.armed == asks else { return }
                    state.armed = nil
                    self.swallows.withLock { $0 = asks }
                }
                return true
            }
        }

        func pumpAnswers() {
            pump(from: server, to: client) { _ in
                guard let commit = self.swallows.withLock({ $0 }) else { return true }
                // It answers: the commit is on disk.
                self.shared.value.withLock { $0.cuts[commit, default: 0] += 1 }
                return false
            }
        }

        private static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
            Data(bytes).range(of: Data(text.utf8)) != nil
        }

        /// - Parameter passes: false cuts.
        private func pump(from: Int32, to: Int32, _ passes: (ArraySlice<UInt8>) -> Bool) {
            var chunk = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = recv(from, &chunk, chunk.count, 0)
                guard count > 0, passes(chunk[..<count]) else { break }
                var sent = 0
                while sent < count {
                    let more = chunk[sent..<count].withUnsafeBytes {
                        send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                    }
                    guard more > 0 else { break }
                    sent += more
                }
                guard sent == count else { break }
            }
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }
    }
}

enum UnixSocket {
    /// - Returns: a descriptor; nil if nobody listens there.
    static func connect(_ path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Asks one question, and reads the answer to its end.
    static func ask(_ question: String, at path: String) -> String? {
        guard let descriptor = connect(path) else { return nil }
        defer { close(descriptor) }
        let bytes = Array(question.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += chunk[..<count]
        }
    }
}
