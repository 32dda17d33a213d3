internal import EventLoop

/// One mailbox's event loop: its sessions, one after the other or at a time, live on one serial Dispatch queue.
public final class IMAPClient: Sendable {
    private let loop: EventLoop
    private let label: String

    /// - Throws: `IMAPError` if the kernel refuses an epoll set (too many open files).
    public init(label: String) throws(IMAPError) {
        self.label = label
        do throws(EventLoopError) {
            loop = try EventLoop(label: label)
        } catch {
            throw IMAPError(.other, "\(error)", isRetriable: true)
        }
    }

    /// For an actor that wants to live where its sessions live.
    public var executor: UnownedSerialExecutor { loop.executor.asUnownedSerialExecutor() }

    /// Connects, encrypts, logs in and asks what the server can do.
    ///
    /// The session must be closed before it is dropped. Cancelling the task ends the attempt.
    /// - Throws: `.connection`, `.tls`, `.authentication`, `.protocolError`, `.cancelled`, `.other`.
    public func connect(_ account: IMAPAccount) async throws(IMAPError) -> IMAPSession {
        let engine: TransferEngine
        do throws(TransferError) {
            engine = try TransferEngine(label: label, connectionsPerHost: 1, totalConnections: 1, on: loop)
        } catch {
            throw IMAPError(error)
        }
        do throws(TransferError) {
            _ = try await engine.perform(.mailbox(account))
        } catch {
            await engine.close()
            throw IMAPError(error)
        }
        let session = IMAPSession(engine: engine, account: account)
        do throws(IMAPError) {
            try await session.learnCapabilities()
            return session
        } catch {
            await session.close()
            throw error
        }
    }
}
