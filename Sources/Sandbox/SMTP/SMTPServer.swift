import NIOCore
import NIOPosix

/// The mail server: takes mail for everybody and keeps it in the store.
struct SMTPServer {
    let store: MailStore
    let control: ControlDesk
    private let budget = SMTPBudget()

    init(store: MailStore, control: ControlDesk) {
        self.store = store
        self.control = control
    }

    /// Opens the port; the server runs until the channel is closed.
    func listen(host: String, port: Int) async throws -> any Channel {
        let (store, control, budget) = (store, control, budget)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 512)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        // The least a server should wait (RFC 5321, section 4.5.3.2.7).
                        IdleStateHandler(readTimeout: .minutes(5)),
                        SMTPHandler(store: store, control: control, budget: budget),
                    ])
                }
            }
            .bind(host: host, port: port)
            .get()
        listener.closeFuture.whenComplete { _ in budget.closeAll() }
        return listener
    }
}
